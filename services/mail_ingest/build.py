"""Puts the reception of mail together from settings and ports; the same for the nameko shell and the embedded system."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from services.mail_ingest.reception import Reception
from services.mail_ingest.server import MIB, Limits, MailServer
from services.settings import Settings
from shared.bus.messages import Bus
from shared.store.ports import Store


class Stopping(Protocol):
    """A `threading.Event` or eventlet's."""

    def wait(self) -> Any: ...


class MailIngest:
    """`start` and `stop` for the embedded system; `serve` does both around waiting for `stopping`."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def start(self) -> int:
        """Listen; the port. Raises `OSError` if it is taken or not allowed."""
        return self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def serve(self, stopping: Stopping) -> None:
        self.start()
        try:
            stopping.wait()
        finally:
            self.stop()


def build(settings: Settings, *, store: Store, bus: Bus, clock: Callable[[], datetime]) -> MailIngest:
    reception = Reception(mails=store.mails, bus=bus, clock=clock, domain=settings.smtp_domain)
    limits = Limits(
        max_bytes=settings.smtp_max * MIB,
        per_minute=settings.smtp_per_minute,
        connections=settings.smtp_connections,
    )
    return MailIngest(
        MailServer(
            reception, host=settings.smtp_host, port=settings.smtp_port, domain=settings.smtp_domain, limits=limits
        )
    )
