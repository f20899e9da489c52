"""A TCP proxy that a test can cut, stall or slow, so that a broker or database which others also use seems to be in trouble."""

from __future__ import annotations

import queue
import random
import socket
import threading
import time


class Proxy:
    """Forwards a port of its own to ``host:port``. `cut()` ends all connections; while `refusing` it takes no new ones.

    `delay` is how many seconds more everything takes, each way.
    """

    def __init__(
        self,
        port: int,
        host: str = "127.0.0.1",
        *,
        listen: int = 0,
        refusing: bool = False,
        delay: float = 0.0,
        record: bool = False,
    ) -> None:
        self._target = (host, port)
        self._gate = _open_gate()
        self._stalled: list[threading.Event] = []
        self.delay = delay
        self._recorded: list[bytes] | None = [] if record else None
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

    def stall(self) -> None:
        """The connections there are stay open and carry nothing, until `flow`. New ones do."""
        self._stalled.append(self._gate)
        self._gate.clear()
        self._gate = _open_gate()

    def flow(self) -> None:
        stalled, self._stalled = self._stalled, []
        for gate in stalled:
            gate.set()

    def close(self) -> None:
        self.flow()
        self.refuse()

    def recorded(self) -> bytes:
        """All that passed, both ways; what belongs together stands together where it came in one piece."""
        return b"".join(self._recorded or ())

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
            for source, sink in ((near, far), (far, near)):
                under_way: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
                threading.Thread(target=self._take, args=(source, under_way), daemon=True).start()
                threading.Thread(target=self._give, args=(source, sink, under_way, self._gate), daemon=True).start()

    def _take(self, source: socket.socket, under_way: queue.SimpleQueue[tuple[float, bytes]]) -> None:
        data = b"begin"
        while data:
            try:
                data = source.recv(65536)
            except OSError:
                data = b""
            if self._recorded is not None:
                self._recorded.append(data)
            under_way.put((time.monotonic() + self.delay, data))

    def _give(
        self,
        source: socket.socket,
        sink: socket.socket,
        under_way: queue.SimpleQueue[tuple[float, bytes]],
        gate: threading.Event,
    ) -> None:
        try:
            while True:
                due, data = under_way.get()
                gate.wait()
                if not data:
                    break
                time.sleep(max(0.0, due - time.monotonic()))
                sink.sendall(data)
        except OSError:
            pass
        with self._lock:
            self._open -= {source, sink}
        _end(source)
        _end(sink)


def _open_gate() -> threading.Event:
    gate = threading.Event()
    gate.set()
    return gate


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
