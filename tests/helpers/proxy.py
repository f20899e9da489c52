"""A TCP proxy that a test can cut, so that a broker or database which others also use seems to go away and come back."""

from __future__ import annotations

import random
import socket
import threading


class Proxy:
    """Forwards a port of its own to ``host:port``. `cut()` ends all connections; while `refusing` it takes no new ones."""

    def __init__(self, port: int, host: str = "127.0.0.1", *, listen: int = 0, refusing: bool = False) -> None:
        self._target = (host, port)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._server: socket.socket | None = None
        self.port = listen or free_port()
        self.cuts = 0
        if not refusing:
            self.accept()

    def accept(self) -> None:
        """Take connections (again)."""
        server = socket.create_server(("127.0.0.1", self.port))
        self._server = server
        threading.Thread(target=self._serve, args=(server,), daemon=True).start()

    def refuse(self) -> None:
        """End all connections and take no new ones."""
        server, self._server = self._server, None
        if server is not None:
            _end(server)
        self.cut()

    def cut(self) -> None:
        with self._lock:
            cut, self._open = self._open, set()
        self.cuts += bool(cut)
        for end in cut:
            _end(end)

    close = refuse

    def _serve(self, server: socket.socket) -> None:
        while True:
            try:
                near, _ = server.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._target)
            except OSError:
                _end(near)
                continue
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open |= {near, far}
            if server is not self._server:  # refused while this one was on its way
                _end(near)
                _end(far)
                return
            threading.Thread(target=self._pump, args=(near, far), daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        with self._lock:
            self._open -= {source, sink}
        _end(source)
        _end(sink)


def free_port() -> int:
    """A port that stays free while nobody listens on it: below those the kernel gives to outgoing connections."""
    while True:
        port = random.randrange(20_000, 32_000)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port


def _end(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    end.close()
