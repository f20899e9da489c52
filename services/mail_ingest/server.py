"""The SMTP server: a socket, and an event loop in a thread of its own (with eventlet, in a greenthread).

aiosmtpd's own Controller is not used: it cannot refuse connections, says "ready" through a connection to itself, and ends
without waiting for mails that are being kept.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from aiosmtpd.smtp import SMTP

from services.mail_ingest.handler import Handler
from services.mail_ingest.rates import Rates
from services.mail_ingest.reception import Reception

log = logging.getLogger(__name__)

#: Threads for the store and the bus; a mail is kept in milliseconds.
THREADS = 8
MIB = 1024 * 1024


class Connection(SMTP):  # type: ignore[misc]
    """One connection. Lines may be longer than the 1,000 bytes of the standard, which many programs do not keep to."""

    line_length_limit = 64 * 1024

    def __init__(self, handler: Handler, held: set[Connection], **options: Any) -> None:
        super().__init__(handler, **options)
        self._held = held

    def connection_made(self, transport: Any) -> None:
        self._held.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._held.discard(self)
        super().connection_lost(error)


class Refused(asyncio.Protocol):
    """A connection too many."""

    def connection_made(self, transport: Any) -> None:
        transport.write(b"421 4.3.2 Too many connections; please try again later\r\n")
        transport.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`idle_seconds` is RFC 5321, 4.5.3.2: five minutes."""

    max_bytes: int = 25 * MIB
    per_minute: int = 120
    connections: int = 100
    idle_seconds: float = 300.0


class MailServer:
    """`start`, then `stop`; once."""

    def __init__(self, reception: Reception, *, host: str, port: int, domain: str, limits: Limits) -> None:
        self._host = host
        self._asked_port = port
        self._domain = domain
        self._limits = limits
        self._held: set[Connection] = set()
        self._background: set[asyncio.Task[Any]] = set()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="mail")
        self._handler = Handler(
            reception,
            Rates(per_minute=limits.per_minute, clock=time.monotonic),
            in_thread=self._in_thread,
            in_background=self._in_background,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> int:
        """Listen; the port (of use when 0 was asked for). Raises `OSError` if it is taken or not allowed."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        sock = socket.create_server((self._host, self._asked_port), family=family, backlog=128)
        port: int = sock.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(self._loop, sock), name="smtp", daemon=True)
        self._thread.start()
        self._listening.wait()
        log.info("mail_listening", extra={"port": port})
        return port

    def stop(self, *, seconds: float = 5.0) -> None:
        """Take no more, let what is being kept be kept for up to `seconds`, close."""
        if self._loop is None or self._thread is None:
            return
        loop, self._loop = self._loop, None
        asyncio.run_coroutine_threadsafe(self._end(loop, seconds), loop)
        self._thread.join(seconds + 2)
        self._pool.shutdown(wait=False)

    def _run(self, loop: asyncio.AbstractEventLoop, sock: socket.socket) -> None:
        asyncio.set_event_loop(loop)
        self._server = loop.run_until_complete(loop.create_server(self._protocol, sock=sock))
        loop.call_soon(self._listening.set)
        try:
            loop.run_forever()
        finally:
            loop.close()

    def _protocol(self) -> asyncio.Protocol:
        if len(self._held) >= self._limits.connections:
            log.warning("mail_refused", extra={"reason": "connections", "count": len(self._held)})
            return Refused()
        return Connection(
            self._handler,
            self._held,
            data_size_limit=self._limits.max_bytes,
            enable_SMTPUTF8=True,
            hostname=self._domain,
            ident="Parley",
            timeout=self._limits.idle_seconds,
            loop=asyncio.get_running_loop(),
        )

    async def _end(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._server.close()
        until = loop.time() + seconds
        while (self._handler.busy or self._background) and loop.time() < until:
            await asyncio.sleep(0.02)
        for connection in list(self._held):
            if connection.transport is not None:
                connection.transport.write(b"421 4.3.2 Shutting down\r\n")
                connection.transport.close()
        await asyncio.sleep(0)  # the transports write what they hold
        for task in asyncio.all_tasks(loop) - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)
        loop.stop()

    async def _in_thread(self, function: Any, /, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)

    def _in_background(self, work: Awaitable[Any]) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._background.discard)
