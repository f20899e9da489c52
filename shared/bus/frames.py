"""AMQP 0-9-1 on the way of every call: messages and acknowledgements as bytes for one write, frames read out of whole pieces.

kombu and `amqp` open the connection, keep it, and do whatever else is said on it. For a call and its answer their layers take most of the
time that the bus takes: a message passes nine functions until it is bytes, and is read in nine pieces. Here it is three frames joined, and an
answer leaves in one write with the acknowledgement of its call. (Formats: AMQP 0-9-1, 2.3.5 and 4.2.) Not for: confirms, channels, errors.
"""

from __future__ import annotations

from functools import lru_cache
from struct import Struct
from typing import Any, Final

from amqp.exceptions import UnexpectedFrame
from amqp.transport import TCPTransport

_METHOD, _HEADER, _BODY, _END = 1, 2, 3, b"\xce"
_HEAD: Final = Struct(">BHI")
#: Class, weight, size of the body, which properties follow.
_CONTENT: Final = Struct(">HHQH")
_PUBLISH, _ACK = b"\x00\x3c\x00\x28\x00\x00", b"\x00\x3c\x00\x50"
_TAG: Final = Struct(">QB")
_MANDATORY: Final = 1
_BASIC: Final = 60
#: The properties of a message, in the order in which they travel, each with the bit that says that it is there.
_BITS: Final = {
    "content_type": 1 << 15,
    "content_encoding": 1 << 14,
    "delivery_mode": 1 << 12,
    "correlation_id": 1 << 10,
    "reply_to": 1 << 9,
    "expiration": 1 << 8,
    "type": 1 << 5,
}
#: Bytes asked of the socket at once: most messages are smaller.
_PIECE: Final = 16 * 1024


def message(
    channel: int,
    body: str | bytes,
    *,
    routing_key: str,
    frame_max: int,
    mandatory: bool = False,
    **properties: str | int,
) -> bytes:
    """A message to the default exchange. `properties` are of those above; text is told from bytes as kombu tells it."""
    encoding = "utf-8" if isinstance(body, str) else "binary"
    content = body.encode() if isinstance(body, str) else body
    properties["content_encoding"] = encoding
    flags, values = 0, []
    for name, bit in _BITS.items():
        value = properties.get(name)
        if value is not None:
            flags |= bit
            values.append(_short(value) if isinstance(value, str) else value.to_bytes(1))
    most = frame_max - 8
    bodies = [content[start : start + most] for start in range(0, len(content), most)]
    return b"".join(
        (
            _publish(channel, routing_key, mandatory),
            _frame(_HEADER, channel, _CONTENT.pack(_BASIC, 0, len(content), flags) + b"".join(values)),
            *(_frame(_BODY, channel, one) for one in bodies),
        )
    )


def acknowledgement(channel: int, delivery_tag: int) -> bytes:
    return _frame(_METHOD, channel, _ACK + _TAG.pack(delivery_tag, 0))


@lru_cache(maxsize=256)
def _publish(channel: int, routing_key: str, mandatory: bool) -> bytes:
    bits = bytes([_MANDATORY if mandatory else 0])
    return _frame(_METHOD, channel, _PUBLISH + _short("") + _short(routing_key) + bits)


def _short(text: str) -> bytes:
    """Raises ValueError (OverflowError) for more than 255 bytes."""
    data = text.encode()
    return len(data).to_bytes(1) + data


def _frame(kind: int, channel: int, payload: bytes) -> bytes:
    return _HEAD.pack(kind, channel, len(payload)) + payload + _END


class PieceTransport(TCPTransport):  # type: ignore[misc] # amqp has no types
    """`amqp`'s own, reading what there is: three frames of a message in one or two pieces instead of nine.

    What was read and is no whole frame yet waits in `_read_buffer`, whatever the socket raises meanwhile: a time limit ends a read
    anywhere, and the next goes on there.
    """

    def read_frame(self, unpack: Any = None) -> tuple[int, int, bytes]:
        held: bytes = self._read_buffer  # type: ignore[has-type]
        while True:
            if len(held) >= _HEAD.size:
                kind, channel, size = _HEAD.unpack_from(held)
                whole = _HEAD.size + size + 1
                if len(held) >= whole:
                    break
            else:
                whole = _HEAD.size
            try:
                piece = self._quick_recv(max(whole - len(held), _PIECE))
            except TimeoutError:
                raise
            except BlockingIOError:
                raise TimeoutError("nothing arrived") from None
            except OSError:
                self.connected = False
                raise
            if not piece:
                self.connected = False
                raise OSError("Server unexpectedly closed connection")
            held = self._read_buffer = held + piece
        if held[whole - 1] != _END[0]:
            raise UnexpectedFrame(f"a frame ends with {held[whole - 1]:#04x}")
        self._read_buffer = held[whole:]
        return kind, channel, held[_HEAD.size : whole - 1]
