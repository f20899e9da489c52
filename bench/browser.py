"""One client of the JSON API (docs/http.md) on one kept-alive connection, and the event stream of a page."""

from __future__ import annotations

import http.client
import json
import socket
import uuid
from typing import Any
from urllib.parse import quote, urlsplit


class Client:
    """With `session` and the `cookie` of the client that began it, that client again."""

    def __init__(self, url: str, interview: str, *, session: str | None = None, cookie: str = "") -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._path = f"/interview?i={quote(interview)}&json=1" + (f"&session={session}" if session else "")
        self.cookie = cookie
        self.reply: dict[str, Any] = {}
        self.get()

    def _ask(self, method: str, body: bytes | None = None, path: str = "") -> dict[str, Any]:
        path = path or self._path
        headers = {"Cookie": self.cookie} if self.cookie else {}
        if body is not None:
            headers |= {"Content-Type": "application/json", "X-CSRF-Token": self.reply["csrf"]}
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
        except ConnectionError:  # idle for longer than the gateway keeps it; what changes something has an id
            self._connection.close()
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
        content = answer.read()
        for value in answer.headers.get_all("Set-Cookie") or []:
            if value.startswith("parley-key-"):
                self.cookie = value.partition(";")[0]
        if answer.status >= 400:
            raise RuntimeError(f"{answer.status}: {content[:500]!r}")
        told: dict[str, Any] = json.loads(content)
        return told

    @property
    def screen(self) -> dict[str, Any]:
        return self.reply["screen"]

    def get(self) -> None:
        self.reply = self._ask("GET")

    def answer(self, values: dict[str, Any]) -> None:
        self.post({"set": values, "token": self.screen["token"]})

    def post(self, body: dict[str, Any]) -> None:
        body = {"session": self.reply["session"], "request_id": uuid.uuid4().hex, **body}
        self.reply = self._ask("POST", json.dumps(body).encode())

    def check_in(self) -> None:
        """As an open page does of itself, with nothing to say."""
        body = {"session": self.reply["session"], "action": None, "values": {}, "initial": False, "ack": []}
        self._ask("POST", json.dumps(body).encode(), "/checkin")


def open_stream(url: str, session: str, cookie: str) -> socket.socket:
    """The event stream of a session (docs/http.md "Events"), behind its first line; who reads it closes it. Ends the program if it is refused."""
    where = urlsplit(url)
    line = socket.create_connection((where.hostname or "", where.port or 80), timeout=120)
    path = f"/events?session={session}"
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\nCookie: {cookie}\r\n\r\n".encode())
    got = b""
    while b"retry:" not in got:
        chunk = line.recv(4096)
        if not chunk:
            raise SystemExit(f"a stream was refused: {got[:200]!r}")
        got += chunk
    return line
