"""What is answered to each SMTP command (RFC 5321; enhanced codes of RFC 3463). Not for sockets: `server`, `connection`.

Anything unforeseen is answered with a 4xx: the sender keeps the mail and tries again, while somebody looks at the log.
Logs name counts and ids, no addresses.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from prometheus_client import Counter

from services.mail_ingest.authentication import Authentication, Verdict
from services.mail_ingest.connection import Connection, Envelope, Limits, LocalDelivery, Session
from services.mail_ingest.rates import Rates
from services.mail_ingest.reception import Found, Reception
from services.mail_ingest.refusals import Refusals
from shared.store.ports import StoreError, TooLarge
from shared.store.records import OPERATOR

log = logging.getLogger(__name__)

#: RFC 5321, 4.5.3.1.8: at least a hundred.
MAX_RECIPIENTS = 100
#: Unknown addresses in one connection before it is closed: somebody is trying names.
MAX_UNKNOWN = 10
#: RFC 5321, 6.3: a mail that passed so many servers goes in circles.
MAX_HOPS = 100

LATER = "451 4.3.0 Not now; please try again later"
GONE = "550 5.1.6 What this address belonged to has ended"
UNKNOWN = "550 5.1.1 No such address"
KEPT = "250 2.0.0 Kept"

ACCEPTED = Counter("parley_mails_received_total", "Mails kept, by recipient")


class Blocking(Protocol):
    """Runs a blocking function outside the event loop."""

    def __call__(self, function: Callable[..., object], /, *arguments: object) -> Awaitable[Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """Mails in a minute: from one peer, from one sender, to one session."""

    peers: Rates
    senders: Rates
    sessions: Rates


class Handler:
    """The hooks of aiosmtpd. `in_thread` runs what blocks; `in_background` the same, and nobody waits for it.

    With an `authentication` senders are checked, by threads of their own (`in_checks`): a slow name server holds only who waits for it.
    """

    def __init__(
        self,
        reception: Reception,
        rated: Rated,
        limits: Limits,
        *,
        refusals: Refusals,
        in_thread: Blocking,
        in_background: Callable[[Awaitable[object]], None],
        authentication: Authentication | None = None,
        in_checks: Blocking | None = None,
    ) -> None:
        self._reception = reception
        self._rated = rated
        self._limits = limits
        self._refusals = refusals
        self._in_thread = in_thread
        self._in_background = in_background
        self._authentication = authentication
        self._in_checks = in_checks or in_thread
        self.busy = 0  #: mails being kept

    async def handle_EHLO(
        self, server: Connection, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        *others, last = responses
        return [*others, "250-PIPELINING", "250-ENHANCEDSTATUSCODES", last]

    async def handle_PROXY(self, server: Connection, session: Session, envelope: Envelope, proxy: Any) -> bool:
        """A front says for whom it speaks. (``LOCAL`` and ``UNKNOWN``: for itself, as for its checks of health.)"""
        if proxy.src_addr is None:
            return True
        session.peer = (str(proxy.src_addr), int(proxy.src_port or 0))
        refused = server.server.speaks_for(server, session.peer)
        if refused:
            server.refuse(refused)
        return not refused

    async def handle_MAIL(
        self, server: Connection, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if server.peer is not None and not self._rated.peers.take(server.peer):
            return self._refused("rate", "450 4.7.1 Too many mails from your address; please try again in a minute")
        sender = readable(address)
        if sender and not self._rated.senders.take(hashlib.sha256(sender.lower().encode()).hexdigest()):
            return self._refused(
                "sender rate", "450 4.7.1 Too many mails from this sender; please try again in a minute"
            )
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender OK"

    async def handle_RCPT(
        self, server: Connection, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients; please send the rest in another transaction"
        try:
            found: Found = await self._in_thread(self._reception.find, address)
        except StoreError as error:
            log.warning("mail_store_away", extra={"error": type(error).__name__})
            return self._refused("store", LATER)
        if found.address is None:
            return self._nobody(server, found)
        if found.session != OPERATOR and found.size + declared(envelope) > self._limits.session_bytes:
            return self._refused("full", "452 4.2.2 There is no more room for mail here")
        known = recipients_of(envelope)
        counted = {one.session for one in known}  # one transaction is one mail, whoever it is for
        if found.session not in counted and not self._rated.sessions.take(found.session):
            return self._refused(
                "session rate", "450 4.7.1 Too many mails for this address; please try again in a minute"
            )
        if address not in envelope.rcpt_tos or isinstance(server, LocalDelivery):
            envelope.rcpt_tos.append(address)
            known.append(found)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Recipient OK"

    async def handle_DATA(self, server: Connection, session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content or b""
        if _hops(raw) > MAX_HOPS:
            return _each(server, envelope, self._refused("hops", "554 5.4.6 This mail goes in circles"))
        self.busy += 1
        recipients = recipients_of(envelope)
        try:
            marked = None
            if self._authentication is not None and server.peer is not None:
                verdict: Verdict = await self._in_checks(self._check, self._authentication, session, envelope, raw)
                if verdict.refusal is not None:
                    return _each(server, envelope, self._refused("sender", verdict.refusal))
                marked = self._authentication.written(raw, verdict)
            ids: list[str | None] = await self._in_thread(
                self._keep, recipients, envelope.mail_from or "", raw, server.peer is None, marked
            )
        except TooLarge:
            return _each(server, envelope, self._refused("size", "552 5.3.4 This mail is too large"))
        except StoreError as error:
            log.warning("mail_store_away", extra={"error": type(error).__name__})
            return _each(server, envelope, self._refused("store", LATER))
        finally:
            self.busy -= 1
        kept = {one: found.session for one, found in zip(ids, recipients, strict=True) if one}
        ACCEPTED.inc(len(kept))
        # The answer does not wait for the bus: the mail is safe, and the clock's sweep finds what is not announced.
        self._in_background(self._in_thread(self._reception.announce, kept))
        if isinstance(server, LocalDelivery):
            return "\r\n".join(KEPT if one else GONE for one in ids)
        return KEPT if any(ids) else GONE

    async def handle_exception(self, error: Exception) -> str:
        log.error("mail_failed", extra={"error": type(error).__name__}, exc_info=error)
        return LATER

    @staticmethod
    def _check(authentication: Authentication, session: Session, envelope: Envelope, raw: bytes) -> Verdict:
        peer, helo = str(session.peer[0]), str(session.host_name or "")
        return authentication.check(raw, peer=peer, helo=helo, sender=readable(envelope.mail_from or ""))

    def _keep(
        self, recipients: list[Found], sender: str, raw: bytes, front: bool, marked: bytes | None
    ) -> list[str | None]:
        return self._reception.keep(recipients=recipients, sender=readable(sender), raw=raw, front=front, marked=marked)

    def _refused(self, reason: str, answer: str) -> str:
        self._refusals.count(reason)
        log.warning("mail_refused", extra={"reason": reason})
        return answer

    def _nobody(self, server: Connection, found: Found) -> str:
        server.unknown += 1
        if server.unknown < MAX_UNKNOWN:
            return self._refused("gone", GONE) if found.gone else self._refused("unknown", UNKNOWN)
        # Closed after the answer below is in the transport's buffer, which closing flushes.
        server.loop.call_soon(server.transport.close)
        return self._refused("guessing", "421 4.7.0 Too many unknown addresses")


def recipients_of(envelope: Envelope) -> list[Found]:
    """What was found out of each of its `rcpt_tos` when it was named. The envelope is of one transaction, and goes with it."""
    found: list[Found] = vars(envelope).setdefault("found", [])
    return found


def declared(envelope: Envelope) -> int:
    """The bytes that MAIL announced; 1 if it said nothing."""
    sizes = (int(one[5:]) for one in envelope.mail_options if one.startswith("SIZE=") and one[5:].isdigit())
    return max(next(sizes, 0), 1)


def readable(sender: str) -> str:
    """aiosmtpd says "<>" for the empty sender of bounces, and carries bytes that are not UTF-8 as surrogates, which no database takes."""
    return sender.removeprefix("<>").encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _each(server: Connection, envelope: Envelope, answer: str) -> str:
    """The same for every recipient, where each has an answer of its own."""
    return "\r\n".join([answer] * len(envelope.rcpt_tos)) if isinstance(server, LocalDelivery) else answer


def _hops(raw: bytes) -> int:
    headers = b"\r\n" + raw.partition(b"\r\n\r\n")[0].lower()
    return headers.count(b"\r\nreceived:")
