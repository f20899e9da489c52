"""gunicorn's worker as the gateway uses it, in both modes: what it takes of a request, how long it waits, what it says of a bad one.

Of `service.py` (processes of the distributed system) and `services.embedded.pages` (within the one process). gevent must have patched the
standard library before this is imported. Not for: requests that could be read (`app`), how many there may be (`http.rates`).
"""

from __future__ import annotations

import logging
import os
import socket
import sys

import gevent
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http import errors
from gunicorn.util import write_error
from gunicorn.workers.base_async import AsyncWorker
from gunicorn.workers.ggevent import GeventWorker

from services.gateway.http.packets import Together
from services.gateway.http.peers import Peers

#: Connections of one process beyond its event streams.
REQUESTS = 1000
#: Seconds for the head of a request to arrive, and between two requests of a connection.
HEAD = 30

#: What cannot be read as a request; everything else is a mistake of ours. With the words that its sender gets, and nothing of what came.
_UNREADABLE = {
    errors.LimitRequestLine: (414, "URI Too Long"),
    errors.LimitRequestHeaders: (431, "Request Header Fields Too Large"),
    errors.ExpectationFailed: (417, "Expectation Failed"),
    errors.UnsupportedTransferCoding: (501, "Not Implemented"),
    errors.ForbiddenProxyRequest: (403, "Forbidden"),
    errors.ParseException: (400, "Bad Request"),
}

log = logging.getLogger(__name__)

_MEMORY = "/dev/shm"  # noqa: S108


def limit(cfg: Config, *, streams: int = 5000) -> None:
    """The limits of connections and of a request's head, the same wherever requests come in."""
    cfg.set("worker_connections", streams + REQUESTS)
    cfg.set("keepalive", HEAD)
    cfg.set("limit_request_line", 8190)
    cfg.set("limit_request_fields", 100)
    cfg.set("limit_request_field_size", 16_380)
    cfg.set("accesslog", None)
    cfg.set("logger_class", Messages)
    # A proxy's headers are read by the app, which knows how many proxies there are (ProxyFix).
    cfg.set("forwarded_allow_ips", "")
    # Sending a heartbeat through a file on a slow disk stops the worker; memory does not. Some containers have none that is for all.
    cfg.set("worker_tmp_dir", _MEMORY if os.access(_MEMORY, os.W_OK | os.X_OK) else None)


class Messages(Logger):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's messages about processes and ports through the process's own logging, as JSON lines.

    Of requests it says what stood in them: their address, their first line. That is said in our own words, without (`Worker.handle_error`).
    """

    def setup(self, cfg: object) -> None:
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.access_log.disabled = True

    def exception(self, msg: str, *args: object, **kwargs: object) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, TimeoutError):  # a peer that says nothing is nobody's mistake
            log.error("web_worker_failed", exc_info=error)


class Worker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    """Holds so many connections with one peer (`peers`), and none that neither sends nor reads for `silence` seconds."""

    #: gunicorn makes its workers itself, and gives them nothing.
    peers = Peers(0)
    silence = 60.0

    def __init__(
        self, age: int, ppid: int, sockets: list[object], app: object, timeout: float, cfg: Config, log: Logger
    ) -> None:
        super().__init__(age, ppid, sockets, app, timeout, cfg, log)
        # They do not change any more, and gunicorn looks into its table of them some thirty times for a request.
        vars(cfg).update({name: one.get() for name, one in cfg.settings.items()})

    def handle(self, listener: object, client: socket.socket, address: object) -> None:
        peer = str(address[0]) if isinstance(address, tuple) else ""
        if not self.peers.enter(peer):
            client.close()
            return
        try:
            client.settimeout(self.silence)
            # Not that of gevent's worker, which would take the limit away again.
            AsyncWorker.handle(self, listener, client, address)
        finally:
            self.peers.leave(peer)

    def handle_request(self, listener_name: object, req: object, sock: socket.socket, addr: object) -> None:
        together = Together(sock)
        try:
            super().handle_request(listener_name, req, together, addr)
        finally:
            together.flush()

    def handle_error(self, req: object, client: socket.socket, addr: object, exc: BaseException) -> None:
        status, reason = next(
            (what for kind, what in _UNREADABLE.items() if isinstance(exc, kind)), (500, "Internal Server Error")
        )
        if status == 500:
            log.error("web_worker_failed", exc_info=exc)
        else:
            log.debug("request_unreadable", extra={"error": type(exc).__name__, "status": status})
        try:
            write_error(client, status, reason, "")
        except (OSError, gevent.Timeout):
            log.debug("peer_gone")
