"""Frames: whole, in pieces, too large, broken off, with open files."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest

from shared.runner.wire import MAX_FRAME, Timeout, Wire, WireError, pack


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


def test_open_files_travel(ends: tuple[Wire, socket.socket]) -> None:
    wire, other = ends
    read, write = os.pipe()
    wire.send({"here": True}, fds=(read,))
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
