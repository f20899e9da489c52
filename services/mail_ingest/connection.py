"""One connection of a mail server or client: aiosmtpd's protocol with our limits. What is answered to each command: `handler`.

Bounds: the idle time and the time for a DATA, a least rate in it, connections of one peer and in all. Lines may be longer than the 1,000
bytes of the standard, which many programs do not keep to.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
import time
from dataclasses import dataclass
from typing import Any, Protocol

from aiosmtpd.smtp import SMTP, Envelope, Session

from services.mail_ingest.answers import enhanced
from services.mail_ingest.peers import Fronts, peer_of

log = logging.getLogger(__name__)
# aiosmtpd writes addresses and commands to a log of its own.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)

MIB = 1024 * 1024
#: An address as nearly all are, in brackets, and what Python's parser makes of it: the address, and what follows it.
_SIMPLE = re.compile(
    r"<(?P<address>(?P<local>[\w+-]+(?:\.[\w+-]+)*)@[\w-]+(?:\.[\w-]+)*)>(?:[ ](?P<rest>\w[\w=.:;+ -]*))?", re.ASCII
)
#: Seconds for the header of the PROXY protocol.
PROXY_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`idle_seconds` is RFC 5321, 4.5.3.2: five minutes. A DATA must bring `data_rate` bytes a second, over each `data_look` seconds."""

    max_bytes: int = 25 * MIB
    per_minute: int = 120
    per_sender: int = 60
    per_session: int = 60
    session_bytes: int = 200 * MIB
    connections: int = 500
    connections_each: int = 10
    idle_seconds: float = 300.0
    data_seconds: float = 600.0
    data_rate: float = 100.0
    data_look: float = 20.0


class Server(Protocol):
    """Whose connections these are. `admit` and `speaks_for` say why one must not stay, if it must not."""

    limits: Limits
    fronts: Fronts
    proxy_protocol: bool

    @property
    def handler(self) -> object: ...
    def admit(self, connection: Connection, peer: str | None) -> str | None: ...
    def speaks_for(self, connection: Connection, address: tuple[str, int]) -> str | None: ...
    def forget(self, connection: Connection) -> None: ...
    def tls_context(self) -> ssl.SSLContext | None: ...


class Connection(SMTP):  # type: ignore[misc]
    line_length_limit = 64 * 1024

    def __init__(self, server: Server, **options: object) -> None:
        super().__init__(server.handler, auth_exclude_mechanism=["LOGIN", "PLAIN"], **options)
        self.server = server
        self.unknown = 0  #: names asked for that there are none
        self.used = time.monotonic()  #: when it last said a whole command
        self.peer: str | None = None  #: whom the limits count it to; None: a front, or nobody yet
        self._received = 0
        self._turned_away = False
        self._greeting = False

    # ------------------------------------------------------------------ limits

    def connection_made(self, transport: Any) -> None:
        if self.transport is not None:  # after STARTTLS
            super().connection_made(transport)
            return
        address = transport.get_extra_info("peername")
        front = address in self.server.fronts
        if front and self.server.proxy_protocol:
            self._proxy_timeout = PROXY_SECONDS
        refused = self.server.admit(self, None if front else peer_of(address))
        if refused:
            self._turned_away = True
            transport.write(f"{refused}\r\n".encode())
            transport.close()
            return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.server.forget(self)
        if not self._turned_away:
            super().connection_lost(error)

    def eof_received(self) -> bool | None:
        if self._turned_away:
            return False
        result: bool | None = super().eof_received()
        return result

    def refuse(self, answer: str) -> None:
        """Say why, and end it; what the transport holds is still sent."""
        if self.transport is not None:
            self.transport.write(f"{answer}\r\n".encode())
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if not self._turned_away:
            super().data_received(data)

    async def smtp_DATA(self, arg: str) -> None:
        self._reset_timeout(self.server.limits.data_seconds)
        watch = asyncio.ensure_future(self._watch())
        try:
            await super().smtp_DATA(arg)
        finally:
            watch.cancel()
            if self.transport is not None:
                self._reset_timeout()

    async def _watch(self) -> None:
        """End a DATA that brings less than the least rate."""
        limits = self.server.limits
        while True:
            before = self._received
            await asyncio.sleep(limits.data_look)
            # While a mail is being kept nothing comes, and nothing should.
            if self._received - before < limits.data_rate * limits.data_look and not self.envelope.original_content:
                log.warning("mail_refused", extra={"reason": "slow"})
                self.refuse("421 4.4.2 Too slow")
                return

    # ------------------------------------------------------------------ answers

    async def push(self, status: Any) -> None:
        self.used = time.monotonic()
        if isinstance(status, str):
            # Some answers repeat what was said, which may be no text.
            status = status.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            status = status if self._greeting else enhanced(status)
        await super().push(status)

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Python's parser of addresses falls over what breaks off (``<``, ``"``): that is no address, and no mistake of ours.

        It also takes a quarter of a millisecond, twice for each mail: what is nothing but an address is taken as it stands.
        """
        simple = _SIMPLE.fullmatch(arg)
        if simple is not None and len(simple["local"]) <= (self.local_part_limit or len(arg)):
            return simple["address"], simple["rest"] or ""
        try:
            found: tuple[str | None, str | None] = super()._getaddr(arg)
        except (IndexError, ValueError, AttributeError, RecursionError):
            return None, None
        domain = (found[0] or "").rpartition("@")[2]
        # What breaks off in brackets Python 3.13.5 closes by itself.
        if domain.startswith("[") and domain not in arg:
            return None, None
        return found

    async def smtp_HELO(self, hostname: str) -> None:
        self._greeting = True
        await super().smtp_HELO(hostname)
        self._greeting = False

    async def smtp_EHLO(self, hostname: str) -> None:
        self._greeting = True
        await super().smtp_EHLO(hostname)
        self._greeting = False

    async def smtp_AUTH(self, arg: str) -> None:
        await self.push("502 5.5.1 Nobody signs in here")

    async def smtp_STARTTLS(self, arg: str) -> None:
        self.tls_context = self.server.tls_context()
        await super().smtp_STARTTLS(arg)


class LocalDelivery(Connection):
    """LMTP (RFC 2033): a mail server of ours hands mail over, and hears of each recipient apart."""

    async def smtp_LHLO(self, hostname: str) -> None:
        self._greeting = True
        await SMTP.smtp_EHLO(self, hostname)
        self._greeting = False

    async def smtp_HELO(self, hostname: str) -> None:
        await self.push("500 5.5.1 This is LMTP; say LHLO")

    async def smtp_EHLO(self, hostname: str) -> None:
        await self.push("500 5.5.1 This is LMTP; say LHLO")


__all__ = ["MIB", "Connection", "Envelope", "Limits", "LocalDelivery", "Session"]
