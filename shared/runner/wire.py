"""Messages between parent and child over a Unix stream socket: four bytes of length, then an encoded dict.

The content is `shared.state`'s encoding without any class, so a message can only ever hold plain values, whoever wrote it.
Nothing here trusts the other side: sizes are checked before memory is taken. Does not live here: what messages mean.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable
from typing import Any

from shared.state import codec
from shared.state.classes import ClassRegistry
from shared.state.errors import StateError

_HEAD = struct.Struct("!I")

#: Bytes. A state may have 64 MB, and travels with its reverse delta and the outcome.
MAX_FRAME = 160 * 1024 * 1024

#: No classes: what one side sends, the other can read without running anything.
_PLAIN = ClassRegistry()

#: Seconds after which a waiting parent looks whether it was told to stop.
_TICK = 0.1

Message = dict[str, Any]


class WireError(Exception):
    """The other side closed, broke off, or sent what is no message."""


class Unsendable(WireError):
    """The message holds what cannot travel, or too much of it. Nothing was sent."""


class Timeout(WireError):
    """Nothing (complete) arrived in time."""


def pack(message: Message) -> bytes:
    """The frame of `message`. Raises `Unsendable`."""
    try:
        body = codec.encode_value(message, _PLAIN, limit=MAX_FRAME)
    except StateError as error:
        raise Unsendable(f"this cannot be sent: {error}") from error
    return _HEAD.pack(len(body)) + body


def unpack(body: bytes) -> Message:
    try:
        message = codec.decode_value(body, _PLAIN)
    except StateError as error:
        raise WireError(f"no message: {error}") from error
    if type(message) is not dict:
        raise WireError(f"a message must be a dict, not {type(message).__name__}")
    return message


class Wire:
    """One end of a socket. Not for several threads at once."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def quiet(self) -> bool:
        """True while the other side is there and has said nothing. Does not wait."""
        try:
            self._socket.settimeout(0)
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError as error:
            # gevent says it with a timeout of its own
            return isinstance(error, TimeoutError) and self._socket.fileno() >= 0
        return False  # it closed, or spoke out of turn

    def send(self, message: Message, *, fds: tuple[int, ...] = (), until: float | None = None) -> None:
        """Send a message, with open files if given (then the message must be small). `until` is monotonic time."""
        frame = memoryview(pack(message))
        try:
            self._socket.settimeout(_left(until))
            if fds:
                frame = frame[socket.send_fds(self._socket, [frame], list(fds)) :]
            self._socket.sendall(frame)
        except TimeoutError:
            raise Timeout("the other side does not read") from None
        except OSError as error:
            raise WireError(f"the other side is gone ({error.strerror})") from None

    def receive(self, *, until: float | None = None, look: Callable[[], None] | None = None) -> Message:
        """The next message. `look` is called again and again while waiting, and ends the wait by raising."""
        (length,) = _HEAD.unpack(self._exactly(_HEAD.size, until, look))
        if length > MAX_FRAME:
            raise WireError(f"a message of {length} bytes, more than the {MAX_FRAME} allowed")
        return unpack(self._exactly(length, until, look))

    def receive_with_fds(self, most: int = 1) -> tuple[Message, list[int]]:
        """The next message and the open files that came with it. Blocks."""
        try:
            self._socket.settimeout(None)
            head, fds, _, _ = socket.recv_fds(self._socket, _HEAD.size, most)
        except OSError as error:
            raise WireError(f"the other side is gone ({error.strerror})") from None
        if not head:
            raise WireError("the other side closed")
        head += self._exactly(_HEAD.size - len(head), None, None)
        return unpack(self._exactly(_HEAD.unpack(head)[0], None, None)), fds

    def _exactly(self, size: int, until: float | None, look: Callable[[], None] | None) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            left = _left(until)
            if look is not None:
                look()
                left = _TICK if left is None else min(left, _TICK)
            try:
                self._socket.settimeout(left)
                # In pieces: a length that somebody made up must not cost its amount of memory.
                part = self._socket.recv(min(size - len(parts), 1 << 20))
            except TimeoutError:
                if until is not None and time.monotonic() >= until:
                    raise Timeout("nothing arrived in time") from None
                continue
            except OSError as error:
                raise WireError(f"the other side is gone ({error.strerror})") from None
            if not part:
                raise WireError("the other side closed")
            parts += part
        return bytes(parts)


def _left(until: float | None) -> float | None:
    """Seconds left, never zero: that would make the socket non-blocking."""
    return None if until is None else max(until - time.monotonic(), 0.001)
