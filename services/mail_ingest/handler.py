"""What is answered to each SMTP command (RFC 5321; enhanced codes of RFC 3463). Not for sockets: `server`.

Anything unforeseen is answered with a 4xx: the sender keeps the mail and tries again, while somebody looks at the log.
Logs name counts and ids, no addresses.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiosmtpd.smtp import SMTP, Envelope, Session

from services.mail_ingest.rates import Rates
from services.mail_ingest.reception import Reception
from shared.store.ports import StoreError, TooLarge

log = logging.getLogger(__name__)

#: RFC 5321, 4.5.3.1.8: at least a hundred.
MAX_RECIPIENTS = 100
#: Unknown addresses in one connection before it is closed: somebody is trying names.
MAX_UNKNOWN = 10
#: RFC 5321, 6.3: a mail that passed so many servers goes in circles.
MAX_HOPS = 100

LATER = "451 4.3.0 Not now; please try again later"


class Blocking(Protocol):
    """Runs a blocking function outside the event loop."""

    def __call__(self, function: Callable[..., Any], /, *arguments: Any) -> Awaitable[Any]: ...


class Handler:
    """The hooks of aiosmtpd. `in_thread` runs what blocks; `in_background` the same, and nobody waits for it."""

    def __init__(
        self,
        reception: Reception,
        rates: Rates,
        *,
        in_thread: Blocking,
        in_background: Callable[[Awaitable[Any]], None],
    ) -> None:
        self._reception = reception
        self._rates = rates
        self._in_thread = in_thread
        self._in_background = in_background
        self.busy = 0  #: mails being kept

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not self._rates.take(_peer(session)):
            log.warning("mail_refused", extra={"reason": "rate"})
            return "450 4.7.1 Too many mails from your address; please try again in a minute"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients; please send the rest in another transaction"
        try:
            found = await self._in_thread(self._reception.find, address)
        except StoreError as error:
            log.warning("mail_refused", extra={"reason": "store", "error": type(error).__name__})
            return LATER
        if found is None:
            return self._unknown(server)
        if address not in envelope.rcpt_tos:
            envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Recipient OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content or b""
        if _hops(raw) > MAX_HOPS:
            return "554 5.4.6 This mail goes in circles"
        self.busy += 1
        try:
            ids = await self._in_thread(self._keep, list(envelope.rcpt_tos), envelope.mail_from or "", raw)
        except TooLarge:
            return "552 5.3.4 This mail is too large"
        except StoreError as error:
            log.warning("mail_refused", extra={"reason": "store", "error": type(error).__name__})
            return LATER
        finally:
            self.busy -= 1
        if not ids:
            return "550 5.1.1 No such address"
        # The answer does not wait for the bus: the mail is safe, and the clock's sweep finds what is not announced.
        self._in_background(self._in_thread(self._reception.announce, ids))
        return "250 2.0.0 Kept"

    async def handle_exception(self, error: Exception) -> str:
        log.error("mail_failed", extra={"error": type(error).__name__}, exc_info=error)
        return LATER

    def _keep(self, recipients: list[str], sender: str, raw: bytes) -> list[str]:
        # aiosmtpd says "<>" for the empty sender of bounces, and carries bytes that are not UTF-8 as surrogates, which
        # no database takes.
        readable = sender.removeprefix("<>").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        transaction = secrets.token_hex(16)
        return self._reception.keep(recipients=recipients, sender=readable, raw=raw, transaction=transaction)

    def _unknown(self, server: SMTP) -> str:
        server.unknown = getattr(server, "unknown", 0) + 1
        if server.unknown < MAX_UNKNOWN:
            return "550 5.1.1 No such address"
        log.warning("mail_refused", extra={"reason": "guessing", "count": server.unknown})
        # Closed after the answer below is in the transport's buffer, which closing flushes.
        server.loop.call_soon(server.transport.close)
        return "421 4.7.0 Too many unknown addresses"


def _peer(session: Session) -> str:
    return str(session.peer[0]) if isinstance(session.peer, tuple) else str(session.peer)


def _hops(raw: bytes) -> int:
    headers = b"\r\n" + raw.partition(b"\r\n\r\n")[0].lower()
    return headers.count(b"\r\nreceived:")
