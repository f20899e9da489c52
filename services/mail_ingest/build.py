"""Puts the reception of mail together from settings and ports; the same for the nameko shell and the embedded system."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from services.installation import Secrets
from services.mail_ingest.authentication import Authentication, Checks
from services.mail_ingest.certificates import Certificates
from services.mail_ingest.connection import MIB, Limits
from services.mail_ingest.peers import Fronts
from services.mail_ingest.reception import Reception
from services.mail_ingest.refusals import Refusals
from services.mail_ingest.server import Around, Kind, Listener, MailServer, entry_of, listening
from services.settings import Settings
from shared.bus.messages import Bus
from shared.store.ports import Store

log = logging.getLogger(__name__)


class Stopping(Protocol):
    """A `threading.Event` or eventlet's."""

    def wait(self) -> object: ...


class MailIngest:
    """`start`, then `stop`; `serve` waits for `stopping` in between."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def start(self) -> int:
        """Listen; the port. Raises `OSError` if it is taken or not allowed."""
        return self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def serve(self, stopping: Stopping) -> None:
        """Once it was started, until `stopping`; then stop."""
        try:
            stopping.wait()
        finally:
            self.stop()


def build(
    settings: Settings, *, store: Store, bus: Bus, clock: Callable[[], datetime], may_become: bool = False
) -> MailIngest:
    """`may_become`: this process does nothing else, so it may give up root's rights once its ports are open.

    Raises `OSError` for a certificate that cannot be used.
    """
    if settings.smtp_tls_port and settings.smtp_certificate is None:
        log.warning("mail_tls_without_certificate", extra={"port": settings.smtp_tls_port})
    keys = [key.exposed() for key in Secrets.of(settings).keys("mails").values()]
    reception = Reception(mails=store.mails, bus=bus, clock=clock, domains=settings.mail_domains, keys=keys)
    limits = Limits(
        max_bytes=settings.smtp_max * MIB,
        per_minute=settings.smtp_per_minute,
        per_sender=settings.smtp_per_sender,
        per_session=settings.smtp_per_session,
        session_bytes=settings.mail_per_session * MIB,
        connections=settings.smtp_connections,
        connections_each=settings.smtp_connections_each,
    )
    around = Around(
        certificates=certificates(settings),
        require_tls=settings.smtp_require_tls,
        fronts=Fronts(settings.trusted_fronts),
        proxy_protocol=settings.smtp_proxy_protocol,
        user=settings.smtp_user if may_become else None,
        authentication=authentication(settings),
    )
    return MailIngest(
        MailServer(
            reception,
            listeners=listeners(settings),
            domain=settings.mail_domain,
            limits=limits,
            around=around,
            refusals=Refusals(store.schedule, clock=clock),
        )
    )


def hindrance(settings: Settings) -> str | None:
    """What keeps mail from coming in: a certificate, a port, a user. None: nothing does, as far as can be told before it is tried."""
    try:
        certificates(settings)
        for one in listeners(settings):
            listening(one).close()
        if settings.smtp_user is not None:
            entry_of(settings.smtp_user)
    except OSError as error:
        return told(error)
    return None


def told(error: OSError) -> str:
    """What is wrong, for whoever starts the system."""
    return error.strerror or str(error)


def certificates(settings: Settings) -> Certificates | None:
    if settings.smtp_certificate is None:
        return None
    return Certificates(settings.smtp_certificate, settings.smtp_key or settings.smtp_certificate)


def authentication(settings: Settings) -> Authentication | None:
    if settings.check_senders == Checks.NONE:
        return None
    name = settings.checking_server or settings.mail_domain
    refuse = settings.check_senders == Checks.REFUSE
    return Authentication(name=name, refuse=refuse, nameservers=settings.dns_servers)


def listeners(settings: Settings) -> list[Listener]:
    host = settings.smtp_host
    found = [Listener(host=host, port=settings.smtp_port)]
    if settings.smtp_tls_port and settings.smtp_certificate is not None:
        found.append(Listener(host=host, port=settings.smtp_tls_port, kind=Kind.SMTPS))
    if settings.lmtp_port:
        found.append(Listener(host=host, port=settings.lmtp_port, kind=Kind.LMTP))
    return found
