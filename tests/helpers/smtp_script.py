"""A mail server that does as it is told, over a real socket: answers with any code, hangs, breaks off, offers no encryption.

Not aiosmtpd: what is tested here is what no decent server does.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

#: What a script may do in place of an answer.
HANG, BREAK, KEEP_AND_BREAK = "hang", "break", "keep and break"

Answer = str | Callable[[str], str]


@dataclass
class Server:
    """`script` says what to do at ``connect``, ``EHLO``, ``STARTTLS``, ``AUTH``, ``MAIL``, ``RCPT``, ``DATA`` and ``end`` (of the data)."""

    script: Mapping[str, Answer]
    tls: ssl.SSLContext | None = None
    port: int = 0
    kept: list[tuple[list[str], bytes]] = field(default_factory=list)  #: recipients and content
    connections: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def _serve(self, listening: socket.socket) -> None:
        while not self.stopping.is_set():
            try:
                sock, _ = listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(sock,), daemon=True).start()

    def _talk(self, sock: socket.socket) -> None:
        try:
            _Conversation(self, sock).run()
        except (OSError, ValueError):
            pass
        finally:
            sock.close()


class _Conversation:
    def __init__(self, server: Server, sock: socket.socket) -> None:
        self._server = server
        self._sock = sock
        self._stream = sock.makefile("rb")
        self._recipients: list[str] = []

    def run(self) -> None:
        self._say("connect", "220 scripted", "")
        while line := self._stream.readline():
            text = line.decode("utf-8", "replace").strip()
            verb = text.partition(" ")[0].upper()
            if verb in ("EHLO", "HELO"):
                extensions = ["250-scripted", "250-SIZE 1000000"]
                if self._server.tls is not None and not isinstance(self._sock, ssl.SSLSocket):
                    extensions.append("250-STARTTLS")
                if "AUTH" in self._server.script:
                    extensions.append("250-AUTH PLAIN")
                self._say("EHLO", "\r\n".join([*extensions, "250 HELP"]), text)
            elif verb == "STARTTLS":
                assert self._server.tls is not None
                self._say("STARTTLS", "220 go", text)
                self._sock = self._server.tls.wrap_socket(self._sock, server_side=True)
                self._stream = self._sock.makefile("rb")
            elif verb == "RCPT":
                if self._say("RCPT", "250 ok", text).startswith("25"):
                    self._recipients.append(text.partition("<")[2].partition(">")[0])
            elif verb == "DATA":
                if self._say("DATA", "354 go", text).startswith("354"):
                    self._data()
            elif verb == "QUIT":
                self._send("221 bye")
                return
            else:
                if verb == "RSET":
                    self._recipients = []
                self._say(verb, "250 ok", text)

    def _data(self) -> None:
        content = bytearray()
        while (line := self._stream.readline()) not in (b".\r\n", b""):
            content += line
        answer = self._server.script.get("end", "250 kept")
        said = answer(bytes(content).decode("utf-8", "replace")) if callable(answer) else answer
        if said.startswith("250") or said == KEEP_AND_BREAK:
            self._server.kept.append((list(self._recipients), bytes(content)))
        self._recipients = []
        self._do(said)

    def _say(self, step: str, otherwise: str, line: str) -> str:
        answer = self._server.script.get(step, otherwise)
        said = answer(line) if callable(answer) else answer
        self._do(said)
        return said

    def _do(self, said: str) -> None:
        if said == HANG:
            while not self._server.stopping.wait(0.05):
                pass
            raise OSError
        if said in (BREAK, KEEP_AND_BREAK):
            raise OSError
        self._send(said)

    def _send(self, said: str) -> None:
        self._sock.sendall(f"{said}\r\n".encode())


@contextmanager
def scripted(*, tls: ssl.SSLContext | None = None, **script: Answer) -> Iterator[Server]:
    """A server on a port of this machine that follows `script`."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(script, tls=tls, port=listening.getsockname()[1])
    threading.Thread(target=server._serve, args=(listening,), daemon=True).start()
    try:
        yield server
    finally:
        server.stopping.set()
        listening.close()
