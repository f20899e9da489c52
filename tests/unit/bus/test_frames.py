"""Messages as frames: `amqp` itself reads what we write; what the broker sends is read in few pieces, and goes on where a time limit ended it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from amqp.basic_message import Message
from amqp.exceptions import UnexpectedFrame
from amqp.method_framing import frame_handler
from amqp.serialization import loads

from shared.bus import frames
from shared.bus.deliveries import Delivery, Subscription
from shared.bus.frames import PieceTransport

MOST = 131_072


class Socket:
    """Gives `pieces` one after the other; an exception among them is raised, and nothing more ends the connection."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self.pieces = list(pieces)
        self.reads = 0

    def recv(self, size: int) -> bytes:
        self.reads += 1
        if not self.pieces:
            return b""
        first = self.pieces.pop(0)
        if isinstance(first, Exception):
            raise first
        if len(first) > size:
            self.pieces.insert(0, first[size:])
        return first[:size]


def transport(socket: Socket) -> PieceTransport:
    made = PieceTransport("broker:5672")
    made.sock, made._quick_recv, made.connected = socket, socket.recv, True
    return made


def read(data: bytes, socket: Socket | None = None) -> list[tuple[Any, Any, Message | None]]:
    """What amqp makes of these frames: arguments of a method, its number, its message."""
    found: list[tuple[Any, Any, Message | None]] = []
    handle = frame_handler(SimpleNamespace(bytes_recv=0), lambda *one: found.append(one[1:]))
    reader = transport(socket or Socket(data))
    while True:
        try:
            handle(reader.read_frame())
        except OSError:
            return found


@pytest.mark.parametrize("body", ["", "text", "Grüße", b"\x00\xce" * 9, b"x" * (3 * MOST)])
def test_amqp_reads_what_we_write(body: str | bytes) -> None:
    properties = {"content_type": "application/json", "delivery_mode": 1, "correlation_id": "7", "type": "answer"}
    written = frames.message(
        3, body, routing_key="q", frame_max=MOST, mandatory=True, reply_to="r", expiration="5", **properties
    )
    # A method that brings a message is read, one that sends it is not: they differ in their number.
    ((method, _, message),) = read(written.replace(b"\x00\x3c\x00\x28", b"\x00\x3c\x00\x32", 1))
    assert method == (60, 50)
    assert message is not None
    expected = {**properties, "reply_to": "r", "expiration": "5"}
    assert {name: message.properties[name] for name in expected} == expected
    encoding = message.properties["content_encoding"]
    assert bytes(message.body or b"") == (body.encode() if isinstance(body, str) else body)
    assert encoding == ("utf-8" if isinstance(body, str) else "binary")


def test_what_is_sent_says_where_it_goes_and_whether_it_must_arrive() -> None:
    for mandatory in (False, True):
        written = frames.message(1, b"", routing_key="queue", frame_max=MOST, mandatory=mandatory)
        (kind, channel, payload) = transport(Socket(written)).read_frame()
        assert (kind, channel, payload[:4]) == (1, 1, b"\x00\x3c\x00\x28")
        assert loads("Bssb", payload, 4)[0] == [0, "", "queue", mandatory]


def test_no_frame_is_larger_than_was_agreed() -> None:
    reader = transport(Socket(frames.message(1, b"x" * 10_000, routing_key="q", frame_max=4096)))
    sizes = [len(reader.read_frame()[2]) + 8 for _ in range(5)]
    assert max(sizes) == 4096
    assert sum(sizes[2:]) == 10_000 + 3 * 8


def test_an_acknowledgement_is_of_one_message() -> None:
    (kind, channel, payload) = transport(Socket(frames.acknowledgement(2, 2**40))).read_frame()
    assert (kind, channel, payload[:4]) == (1, 2, b"\x00\x3c\x00\x50")
    assert loads("Lb", payload, 4)[0] == [2**40, False]


def test_a_message_is_one_read_and_so_are_those_that_came_with_it() -> None:
    one = frames.message(1, b"{}", routing_key="q", frame_max=MOST).replace(b"\x00\x3c\x00\x28", b"\x00\x3c\x00\x32", 1)
    socket = Socket(one * 3)
    reader = transport(socket)
    for _ in range(9):
        reader.read_frame()
    assert socket.reads == 1


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_time_limit_ends_a_read_anywhere_and_loses_nothing(cut: int) -> None:
    one = frames.message(1, b"body" * 4, routing_key="q", frame_max=MOST)
    whole = [transport(Socket(one)).read_frame()]
    reader = transport(Socket(one[:cut], TimeoutError(), one[cut:], BlockingIOError()))
    got = []
    timeouts = 0
    while len(got) < 3:
        try:
            got.append(reader.read_frame())
        except TimeoutError:
            timeouts += 1
    assert got[0] == whole[0]
    assert b"".join(payload for _, _, payload in got[2:]) == b"body" * 4
    assert timeouts == 1


def test_nothing_there_is_a_time_limit_and_an_end_is_an_end() -> None:
    reader = transport(Socket(BlockingIOError()))
    with pytest.raises(TimeoutError):
        reader.read_frame()
    assert reader.connected
    with pytest.raises(OSError, match="closed"):
        reader.read_frame()
    assert not reader.connected


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(UnexpectedFrame):
        transport(Socket(frames.acknowledgement(1, 1)[:-1] + b"\x00")).read_frame()


class Written:
    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.writes.append(data)


def delivery(wire: Written | None) -> Delivery:
    connection = SimpleNamespace(transport=wire, frame_max=MOST, bytes_sent=0)
    channel = SimpleNamespace(channel_id=1, connection=connection)
    subscription = Subscription(SimpleNamespace(name="q"), workers=1, handle=lambda one: None)
    subscription.channel = channel
    properties = {"reply_to": "inbox", "correlation_id": "5"}
    message: Any = SimpleNamespace(properties=properties, channel=channel, delivery_info={"delivery_tag": 9})
    return Delivery(subscription, message)


def test_an_answer_and_the_acknowledgement_of_its_call_are_one_write() -> None:
    wire = Written()
    one = delivery(wire)
    assert one.answer("{}")
    one.acknowledge()  # it is
    (written,) = wire.writes
    assert written.endswith(frames.acknowledgement(1, 9))
    assert b"inbox" in written


def test_an_answer_on_a_connection_that_is_gone_goes_another_way() -> None:
    assert not delivery(None).answer("{}")
