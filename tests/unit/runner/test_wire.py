"""Frames: whole, in pieces, too large, broken off, with open files."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from shared.runner.wire import MAX_FRAME, Timeout, Unsendable, Wire, WireError, pack
from shared.state import codec


@pytest.fixture
def ends() -> Iterator[tuple[Wire, socket.socket]]:
    one, two = socket.socketpair()
    with one, two:
        yield Wire(one), two


def test_messages_arrive_in_order_and_in_pieces(ends: tuple[Wire, socket.socket]) -> None:
    wire, other = ends
    frames = pack({"n": 1, "b": b"\0"}) + pack({"n": (2, [None])})
    for index in range(len(frames)):
        other.sendall(frames[index : index + 1])
    assert wire.receive() == {"n": 1, "b": b"\0"}
    assert wire.receive() == {"n": (2, [None])}


def test_large_messages_go_through(ends: tuple[Wire, socket.socket]) -> None:
    wire, other = ends
    sender = threading.Thread(target=wire.send, args=({"x": "y" * 3_000_000},))
    sender.start()
    assert len(Wire(other).receive()["x"]) == 3_000_000
    sender.join()


@pytest.mark.parametrize("quick", [False, True])
def test_open_files_travel(ends: tuple[Wire, socket.socket], quick: bool) -> None:
    wire, other = ends
    read, write = os.pipe()
    wire.send({"here": True}, fds=(read,), quick=quick)
    message, (fd,) = Wire(other).receive_with_fds()
    os.write(write, b"hello")
    assert (message, os.read(fd, 5)) == ({"here": True}, b"hello")
    for number in (read, write, fd):
        os.close(number)


@pytest.mark.parametrize(
    "data", [struct.pack("!I", MAX_FRAME + 1), struct.pack("!I", 5) + b"xxxxx", struct.pack("!I", 9) + b"x", b"", b"\0"]
)
def test_what_is_no_message_is_an_error(ends: tuple[Wire, socket.socket], data: bytes) -> None:
    wire, other = ends
    other.sendall(data)
    other.shutdown(socket.SHUT_WR)
    with pytest.raises(WireError):
        wire.receive()


def test_silence_ends_at_the_time_given(ends: tuple[Wire, socket.socket]) -> None:
    wire, other = ends
    with pytest.raises(Timeout):
        wire.receive(until=time.monotonic() + 0.02)
    other.sendall(b"\0\0")  # a beginning is not enough
    with pytest.raises(Timeout):
        wire.receive(until=time.monotonic() + 0.02)


def test_a_reader_that_does_not_read_is_noticed(ends: tuple[Wire, socket.socket]) -> None:
    wire, _ = ends
    with pytest.raises(Timeout):
        wire.send({"x": "y" * 10_000_000}, until=time.monotonic() + 0.05)


def test_waiting_can_be_ended_from_outside(ends: tuple[Wire, socket.socket]) -> None:
    wire, _ = ends

    def look() -> None:
        raise InterruptedError("told to stop")

    with pytest.raises(InterruptedError):
        wire.receive(look=look)


def test_quiet_tells_silence_from_noise_and_death(ends: tuple[Wire, socket.socket]) -> None:
    wire, other = ends
    assert wire.quiet()
    assert wire.quiet()
    other.sendall(b"x")
    assert not wire.quiet()


def test_quiet_notices_the_end(ends: tuple[Wire, socket.socket]) -> None:
    wire, other = ends
    other.close()
    assert not wire.quiet()


def test_what_cannot_travel_is_refused_before_it_is_sent(ends: tuple[Wire, socket.socket]) -> None:
    wire, other = ends
    with pytest.raises(WireError, match="cannot be sent"):
        wire.send({"x": object()})
    other.setblocking(False)
    with pytest.raises(BlockingIOError):
        other.recv(1)


PLAIN = {
    "none": None,
    "yes": True,
    "n": -(2**63),
    "f": float("inf"),
    "t": "Grüße",
    "b": b"\0\xff",
    "l": [1, {"a": []}],
    "d": {1: "x"},
}


def test_a_plain_message_is_not_walked_through_in_python(
    ends: tuple[Wire, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("encode_value", "decode_value"):
        monkeypatch.setattr(codec, name, lambda *_, **__: pytest.fail("the codec was asked"))
    wire, other = ends
    Wire(other).send(PLAIN, quick=True)
    assert wire.receive() == PLAIN


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
        datetime(2026, 1, 2, 3, 4, 5, 678901),
        date(2026, 1, 2),
        Decimal("1.50"),
        2**70,
        -(2**70),
    ],
)
def test_what_messagepack_would_make_something_else_of_arrives_as_it_was(
    ends: tuple[Wire, socket.socket], value: object
) -> None:
    wire, other = ends
    Wire(other).send({"inside": [{"of": value}]}, quick=True)
    (found,) = wire.receive()["inside"]
    assert (found["of"], type(found["of"])) == (value, type(value))


@pytest.mark.parametrize("value", ["\ud800", object(), 1j, ...])
def test_what_cannot_travel_cannot_travel_quickly(ends: tuple[Wire, socket.socket], value: object) -> None:
    with pytest.raises(Unsendable):
        ends[0].send({"it": value}, quick=True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x01",  # a number
        b"\x81\xa1a\xd4\x05\x00",  # an extension
        b"\x81\xa1a\xa1\xff",  # no text
        b"\x81\xa1a" + b"\x91" * 100_000,  # lists in lists
        b"\x81\xa1a\xdd\xff\xff\xff\xff",  # a list that is not there
        b"\x81\xa1a\x01\x02",  # more than one
    ],
)
def test_a_child_that_writes_messagepack_of_its_own_is_no_danger(ends: tuple[Wire, socket.socket], body: bytes) -> None:
    wire, other = ends
    other.sendall(struct.pack("!I", len(body) | 1 << 31) + body)
    with pytest.raises(WireError):
        wire.receive()


class Counted:
    """A socket that counts what is read of it."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.reads = 0

    def recv(self, size: int, *flags: int) -> bytes:
        self.reads += 1
        return self.end.recv(size, *flags)

    def settimeout(self, seconds: float | None) -> None:
        self.end.settimeout(seconds)


def test_a_message_is_one_read_where_no_files_come_with_it() -> None:
    one, two = socket.socketpair()
    with one, two:
        counted = Counted(one)
        wire = Wire(counted, ahead=True)  # type: ignore[arg-type]
        two.sendall(pack(PLAIN, quick=True))
        assert wire.receive() == PLAIN
        assert counted.reads == 1
        assert wire.quiet()
        two.sendall(pack({"n": 1}) + pack({"n": 2}))
        assert wire.receive() == {"n": 1}
        assert not wire.quiet(), "it said something that nobody asked for, and that was read already"
        assert wire.receive() == {"n": 2}
        assert wire.quiet()
