"""Messages between parent and child over a Unix stream socket: four bytes of length, then an encoded dict.

The content is `shared.state`'s encoding without any class, so a message can only ever hold plain values, whoever wrote it. A step and its end,
which are forms of types that the other side knows (`forms`), are MessagePack where that says all of it: dates and large numbers go the other way.
Nothing here trusts the other side: sizes are checked before memory is taken. Does not live here: what messages mean.
"""

from __future__ import annotations

import marshal
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import msgspec

from shared.contract import typed
from shared.state import codec
from shared.state.classes import ClassRegistry
from shared.state.errors import StateError

_HEAD = struct.Struct("!I")

#: Bytes. A state may have 64 MB, and travels with its reverse delta and the outcome.
MAX_FRAME = 160 * 1024 * 1024

#: In the length: the message is MessagePack.
_QUICK = 1 << 31

#: Bytes asked of the socket at once, where nothing follows that must be read otherwise.
_AHEAD = 64 * 1024

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


def pack(message: Message, *, quick: bool = False) -> bytes:
    """The frame of `message`. With `quick` a tuple may arrive as a list. Raises `Unsendable`."""
    body = _quick(message) if quick else None
    if body is not None and len(body) <= MAX_FRAME:
        return _HEAD.pack(len(body) | _QUICK) + body
    try:
        body = codec.encode_value(message, _PLAIN, limit=MAX_FRAME)
    except StateError as error:
        raise Unsendable(f"this cannot be sent: {error}") from error
    return _HEAD.pack(len(body)) + body


def _quick(message: Message) -> bytes | None:
    """As MessagePack; None for what would not arrive as it is (a date without a zone would be a text)."""
    try:
        marshal.dumps(message, 2)  # only asked, at the speed of C, whether there is anything but plain values
        return msgspec.msgpack.encode(message)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def unpack(body: bytes, *, quick: bool = False) -> Message:
    try:
        message = typed.plain_from_msgpack(body) if quick else codec.decode_value(body, _PLAIN)
    except (StateError, msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        raise WireError(f"no message: {error}") from error
    if type(message) is not dict:
        raise WireError(f"a message must be a dict, not {type(message).__name__}")
    return message


class Wire:
    """One end of a socket. Not for several threads at once.

    With `ahead`, what is there is read at once instead of the length and then the rest; not where open files come with a message.
    """

    def __init__(self, end: socket.socket, *, ahead: bool = False) -> None:
        self._socket = end
        self._ahead = ahead
        self._held = b""

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def quiet(self) -> bool:
        """True while the other side is there and has said nothing. Does not wait."""
        if self._held:
            return False
        try:
            self._socket.settimeout(0)
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError as error:
            # gevent says it with a timeout of its own
            return isinstance(error, TimeoutError) and self._socket.fileno() >= 0
        return False  # it closed, or spoke out of turn

    def send(
        self, message: Message, *, fds: tuple[int, ...] = (), until: float | None = None, quick: bool = False
    ) -> None:
        """Send a message, with open files if given (then the message must be small). `until` is monotonic time; `quick` as `pack` has it."""
        frame = memoryview(pack(message, quick=quick))
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
        quick, length = _length(self._exactly(_HEAD.size, until, look))
        return unpack(self._exactly(length, until, look), quick=quick)

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
        quick, length = _length(head)
        return unpack(self._exactly(length, None, None), quick=quick), fds

    def _exactly(self, size: int, until: float | None, look: Callable[[], None] | None) -> bytes:
        parts, self._held = bytearray(self._held), b""
        while len(parts) < size:
            left = _left(until)
            if look is not None:
                look()
                left = _TICK if left is None else min(left, _TICK)
            try:
                self._socket.settimeout(left)
                # In pieces: a length that somebody made up must not cost its amount of memory.
                part = self._socket.recv(max(min(size - len(parts), 1 << 20), _AHEAD if self._ahead else 0))
            except TimeoutError:
                if until is not None and time.monotonic() >= until:
                    raise Timeout("nothing arrived in time") from None
                continue
            except OSError as error:
                raise WireError(f"the other side is gone ({error.strerror})") from None
            if not part:
                raise WireError("the other side closed")
            parts += part
        self._held = bytes(parts[size:])
        return bytes(parts[:size])


def _length(head: bytes) -> tuple[bool, int]:
    """Whether a message is MessagePack, and how many bytes it has. Raises `WireError` if they are too many."""
    (length,) = _HEAD.unpack(head)
    quick, length = bool(length & _QUICK), length & ~_QUICK
    if length > MAX_FRAME:
        raise WireError(f"a message of {length} bytes, more than the {MAX_FRAME} allowed")
    return quick, length


def _left(until: float | None) -> float | None:
    """Seconds left, never zero: that would make the socket non-blocking."""
    return None if until is None else max(until - time.monotonic(), 0.001)
