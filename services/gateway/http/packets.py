"""`Together`: the socket of one request, whose answer's head leaves with the beginning of its body.

gunicorn sends them one after the other, so that a browser is woken twice; a tenth of what a short answer takes. Not for: what is read,
and what becomes of the connection (`services.gateway.serving`).
"""

from __future__ import annotations

import socket
from typing import Any

#: A body that begins with more than this is not copied for it.
_SHORT = 64 * 1024


class Together:
    """Holds what is sent first until more comes; whoever is done must `flush`. Everything else is the socket's own."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._head: bytes | None = None
        self._begun = False

    def sendall(self, data: bytes) -> None:
        if not self._begun:
            self._begun, self._head = True, data
            return
        if len(data) > _SHORT:
            self.flush()
        head, self._head = self._head, None
        self._sock.sendall(data if head is None else head + data)

    def flush(self) -> None:
        """Send what is held. Raises OSError, as `sendall` does."""
        head, self._head = self._head, None
        if head is not None:
            self._sock.sendall(head)

    def __getattr__(self, name: str) -> Any:
        self.flush()  # a file that the system sends comes behind its head
        return getattr(self._sock, name)
