"""A way to a MongoDB server on which a reply can be lost: the server did what was asked, and nobody hears of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable


class LossyProxy:
    """Forwards a port of its own. After `lose(command)` the next reply to that command is swallowed and its connection cut."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._command: bytes | None = None
        self._lock = threading.Lock()
        self._after: Callable[[], None] = lambda: None
        self._before: Callable[[], None] | None = None
        self.lost = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def lose(self, command: str, *, after: Callable[[], None] = lambda: None) -> None:
        """`command` as it is on the wire: ``insert``, ``update``, ``findAndModify``, ``delete``, ``find``. `after`: between doing and cutting."""
        # In BSON: the type of the value (text), the name, NUL. The command is the first element of a message.
        self._after, self._before = after, None
        self._command = b"\x02" + command.encode() + b"\x00"

    def cut(self, command: str, *, before: Callable[[], None]) -> None:
        """The next `command` never reaches the server: `before` happens, and the connection is cut."""
        self._before = before
        self._command = b"\x02" + command.encode() + b"\x00"

    def close(self) -> None:
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            losing = threading.Event()
            threading.Thread(target=self._ask, args=(client, server, losing), daemon=True).start()
            threading.Thread(target=self._answer, args=(server, client, losing), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket, losing: threading.Event) -> None:
        try:
            while data := client.recv(1 << 20):
                with self._lock:
                    if self._command is not None and self._command in data[:64]:
                        self._command = None
                        if self._before is not None:
                            self._before()
                            break
                        losing.set()
                server.sendall(data)
        except OSError:
            pass
        _end(client, server)

    def _answer(self, server: socket.socket, client: socket.socket, losing: threading.Event) -> None:
        try:
            while data := server.recv(1 << 20):
                if losing.is_set():
                    self.lost += 1
                    self._after()
                    break
                client.sendall(data)
        except OSError:
            pass
        _end(client, server)


def _end(*sockets: socket.socket) -> None:
    for one in sockets:
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue
        one.close()
