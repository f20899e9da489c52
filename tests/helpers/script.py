"""The other end of a `Wire`, played by the test: what it will say is put into the socket beforehand, what it was told is read afterwards.

So a conversation of two processes is tested in one, without threads. Messages must fit into the socket's buffer (some 200 kB).
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable

from shared.runner.wire import Message, Wire, WireError, pack


class Script:
    """`wire` is for what is tested. It reads `says`, then the end of the conversation unless `open`."""

    def __init__(self, *says: Message, open: bool = False) -> None:
        ours, theirs = socket.socketpair()
        self.wire = Wire(ours)
        self._other = theirs
        self.say(*says)
        if not open:
            theirs.shutdown(socket.SHUT_WR)

    def say(self, *messages: Message) -> None:
        for message in messages:
            self._other.sendall(pack(message))

    def break_off(self) -> None:
        self._other.close()

    def play(self, serve: Callable[[], None]) -> list[Message]:
        """Run `serve` until it finds the conversation ended; what it said."""
        with contextlib.suppress(WireError):
            serve()
        return self.heard()

    def heard(self) -> list[Message]:
        """All that was said to this side until now. The conversation is over then."""
        self.wire.close()
        reader, said = Wire(self._other), []
        with contextlib.suppress(WireError):
            while True:
                said.append(reader.receive())
        reader.close()
        return said
