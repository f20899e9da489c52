"""The mail server: sockets, and an event loop in a thread of its own (with eventlet, in a greenthread).

aiosmtpd's own Controller is not used: it cannot refuse connections, says "ready" through a connection to itself, and ends
without waiting for mails that are being kept.
"""

from __future__ import annotations

import asyncio
import grp
import logging
import os
import pwd
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from services.mail_ingest.authentication import Authentication
from services.mail_ingest.certificates import Certificates
from services.mail_ingest.connection import Connection, Limits, LocalDelivery
from services.mail_ingest.handler import Handler, Rated
from services.mail_ingest.peers import Connections, Fronts, peer_of
from services.mail_ingest.rates import Rates
from services.mail_ingest.reception import Reception
from services.mail_ingest.refusals import Refusals

T = TypeVar("T")

log = logging.getLogger(__name__)

#: Threads for the store and the bus; a mail is kept in milliseconds.
THREADS = 8
#: Threads for checks of senders, which wait for name servers.
CHECKING = 16
#: Seconds between two times that the counts of refusals are kept.
SAVED = 5.0
#: A connection that said nothing for so many seconds may make room for another peer's.
IDLE = 2.0

TOO_MANY = "421 4.3.2 Too many connections; please try again later"
TOO_MANY_OF_YOURS = "421 4.7.0 Too many connections from your address; please try again later"


class Kind(StrEnum):
    SMTP = "smtp"  #: in the clear, or after STARTTLS
    SMTPS = "smtps"  #: encrypted from the first byte
    LMTP = "lmtp"  #: from a mail server of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    host: str
    port: int
    kind: Kind = Kind.SMTP


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is around the server: its certificate, and who stands in front of it.

    `user`: whom to become once the sockets are there; `authentication`: how senders are checked.
    """

    certificates: Certificates | None = None
    require_tls: bool = False
    fronts: Fronts = field(default_factory=Fronts)
    proxy_protocol: bool = False
    user: str | None = None
    authentication: Authentication | None = None


class MailServer:
    """`start`, then `stop`; once."""

    def __init__(
        self,
        reception: Reception,
        *,
        listeners: Sequence[Listener],
        domain: str,
        limits: Limits,
        around: Around | None = None,
        refusals: Refusals,
    ) -> None:
        self._listeners = tuple(listeners)
        self._domain = domain
        self._around = around or Around()
        self.limits = limits
        self.refusals = refusals
        self.fronts = self._around.fronts
        self.proxy_protocol = self._around.proxy_protocol
        self._held: set[Connection] = set()
        self._of_peers = Connections(each=limits.connections_each)
        self._background: set[asyncio.Task[object]] = set()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="mail")
        self._checks = ThreadPoolExecutor(CHECKING, thread_name_prefix="checks")
        rates = {"clock": time.monotonic}
        self.handler = Handler(
            reception,
            Rated(
                peers=Rates(per_minute=limits.per_minute, **rates),
                senders=Rates(per_minute=limits.per_sender, **rates),
                sessions=Rates(per_minute=limits.per_session, **rates),
            ),
            limits,
            refusals=refusals,
            in_thread=self._in_thread,
            in_background=self._in_background,
            authentication=self._around.authentication,
            in_checks=self._in_checks,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._servers: list[asyncio.Server] = []
        self.ports: dict[Kind, int] = {}  #: where it listens, of use when port 0 was asked for

    def start(self) -> int:
        """Listen; the port of SMTP. Raises `OSError` if a port is taken or not allowed, or there is no such user."""
        sockets: list[tuple[Listener, socket.socket]] = []
        try:
            for one in self._listeners:
                sockets.append((one, listening(one)))
            if self._around.user is not None:
                become(self._around.user)
        except OSError:
            for _, sock in sockets:
                sock.close()
            raise
        self.ports = {one.kind: sock.getsockname()[1] for one, sock in sockets}
        self._loop = asyncio.new_event_loop()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(self._loop, sockets), name="smtp", daemon=True)
        self._thread.start()
        self._listening.wait()
        for kind, port in self.ports.items():
            log.info("mail_listening", extra={"port": port, "kind": str(kind)})
        return self.ports.get(Kind.SMTP, 0)

    def stop(self, *, seconds: float = 5.0) -> None:
        """Take no more, let what is being kept be kept for up to `seconds`, close."""
        if self._loop is None or self._thread is None:
            return
        loop, self._loop = self._loop, None
        asyncio.run_coroutine_threadsafe(self._end(loop, seconds), loop)
        self._thread.join(seconds + 2)
        self._pool.shutdown(wait=False)
        self.refusals.save()
        self._checks.shutdown(wait=False, cancel_futures=True)

    # ------------------------------------------------------------------ for connections

    def admit(self, connection: Connection, peer: str | None) -> str | None:
        """Count a new connection to `peer` (None: a front's). Why it must not stay, if it must not."""
        if len(self._held) >= self.limits.connections and not self._make_room(peer):
            return self._turned_away("connections", TOO_MANY)
        self._held.add(connection)
        return self._count(connection, peer)

    def speaks_for(self, connection: Connection, address: tuple[str, int]) -> str | None:
        """A front's connection is somebody else's."""
        return self._count(connection, peer_of(address))

    def forget(self, connection: Connection) -> None:
        self._held.discard(connection)
        if connection.peer is not None:
            self._of_peers.give_back(connection.peer)
            connection.peer = None

    def tls_context(self) -> ssl.SSLContext | None:
        return None if self._around.certificates is None else self._around.certificates.context()

    def _count(self, connection: Connection, peer: str | None) -> str | None:
        if peer is None:
            return None
        if not self._of_peers.take(peer):
            return self._turned_away("connections of a peer", TOO_MANY_OF_YOURS)
        connection.peer = peer
        return None

    def _make_room(self, peer: str | None) -> bool:
        """End the connection of a peer with more of them than `peer` has that said nothing for the longest time."""
        mine = 0 if peer is None else self._of_peers.of(peer)
        until = time.monotonic() - IDLE
        idle = [
            one
            for one in self._held
            if one.used < until and one.peer is not None and self._of_peers.of(one.peer) > mine + 1
        ]
        if not idle:
            return False
        longest = min(idle, key=lambda one: one.used)
        longest.refuse(TOO_MANY)
        self.forget(longest)
        return True

    def _turned_away(self, reason: str, answer: str) -> str:
        self.refusals.count(reason)
        log.warning("mail_refused", extra={"reason": reason, "count": len(self._held)})
        return answer

    # ------------------------------------------------------------------ the loop

    def _run(self, loop: asyncio.AbstractEventLoop, sockets: Sequence[tuple[Listener, socket.socket]]) -> None:
        asyncio.set_event_loop(loop)
        for listener, sock in sockets:
            context = None
            if listener.kind is Kind.SMTPS and self._around.certificates is not None:
                context = self._around.certificates.for_server()
            factory = self._factory(listener.kind)
            self._servers.append(
                loop.run_until_complete(loop.create_server(factory, sock=sock, ssl=context, backlog=256))
            )
        loop.call_soon(self._listening.set)
        saving = loop.create_task(self._save_refusals())  # noqa: F841 (the loop holds tasks only weakly)
        try:
            loop.run_forever()
        finally:
            loop.close()

    def _factory(self, kind: Kind) -> Callable[[], asyncio.Protocol]:
        made = LocalDelivery if kind is Kind.LMTP else Connection

        def connection() -> asyncio.Protocol:
            # Also where it is not offered: a look makes what a socket encrypted from the first byte presents the newest.
            context = self.tls_context()
            return made(
                self,
                data_size_limit=self.limits.max_bytes,
                enable_SMTPUTF8=True,
                hostname=self._domain,
                ident="Parley LMTP" if kind is Kind.LMTP else "Parley",
                timeout=self.limits.idle_seconds,
                tls_context=None if kind is Kind.SMTPS else context,
                require_starttls=self._around.require_tls and kind is Kind.SMTP,
                loop=asyncio.get_running_loop(),
            )

        return connection

    async def _save_refusals(self) -> None:
        while True:
            await asyncio.sleep(SAVED)
            await self._in_thread(self.refusals.save)

    async def _end(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        for server in self._servers:
            server.close()
        until = loop.time() + seconds
        while (self.handler.busy or self._background) and loop.time() < until:
            await asyncio.sleep(0.02)
        for connection in list(self._held):
            connection.refuse("421 4.3.2 Shutting down")
        await asyncio.sleep(0)  # the transports write what they hold
        for task in asyncio.all_tasks(loop) - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)
        loop.stop()

    async def _in_thread(self, function: Callable[..., T], /, *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)

    async def _in_checks(self, function: Callable[..., T], /, *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._checks, function, *arguments)

    def _in_background(self, work: Awaitable[object]) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._background.discard)


def listening(listener: Listener) -> socket.socket:
    """The socket, listening. Raises `OSError` that names the port."""
    family = socket.AF_INET6 if ":" in listener.host else socket.AF_INET
    try:
        return socket.create_server((listener.host, listener.port), family=family, backlog=256)
    except OSError as error:
        where = f"{listener.kind} on {listener.host}:{listener.port}"
        if isinstance(error, PermissionError):
            where += (
                "; low ports are for root, who then becomes `smtp user`, or for the capability CAP_NET_BIND_SERVICE"
            )
        raise OSError(error.errno, f"{os.strerror(error.errno or 0)} ({where})") from None


def become(user: str) -> None:
    """Give up root's rights for good, once what needs them is done. Nothing happens for others. Raises `OSError`."""
    if os.geteuid() != 0:
        return
    entry = entry_of(user)
    groups = [group.gr_gid for group in grp.getgrall() if user in group.gr_mem]
    os.setgroups(groups)
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    log.info("privileges_dropped")


def entry_of(user: str) -> pwd.struct_passwd:
    """Raises `OSError`: there is no such user."""
    try:
        return pwd.getpwnam(user)
    except KeyError:
        raise OSError(f"smtp user: there is no user {user} on this machine") from None
