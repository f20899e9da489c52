"""In how many pieces an answer leaves."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from gunicorn.workers.ggevent import GeventWorker

from services.gateway import serving
from services.gateway.http.packets import Together


class Line:
    """A socket that notes what is done with it."""

    def __init__(self) -> None:
        self.done: list[object] = []

    def sendall(self, data: bytes) -> None:
        self.done.append(data)

    def sendfile(self, file: str) -> None:
        self.done.append(file)


@pytest.fixture
def line() -> Line:
    return Line()


def together(line: Any) -> Together:
    return Together(line)


def test_head_and_body_are_one_piece_and_what_follows_leaves_at_once(line: Line) -> None:
    one = together(line)
    one.sendall(b"head ")
    assert line.done == []
    one.sendall(b"body")
    one.sendall(b"event")
    one.flush()
    assert line.done == [b"head body", b"event"]


def test_a_head_without_a_body_leaves_when_the_request_is_done(line: Line) -> None:
    one = together(line)
    one.sendall(b"head")
    one.flush()
    one.flush()
    assert line.done == [b"head"]


def test_a_file_comes_behind_its_head(line: Line) -> None:
    one = together(line)
    one.sendall(b"head")
    one.sendfile("file")
    assert line.done == [b"head", "file"]


def test_a_large_body_is_not_copied(line: Line) -> None:
    one, body = together(line), bytes(100_000)
    one.sendall(b"head")
    one.sendall(body)
    assert line.done[0] == b"head"
    assert line.done[1] is body


def test_the_rest_is_the_sockets_own() -> None:
    near, far = socket.socketpair()
    with near, far:
        one = Together(near)
        one.send(b"100")
        assert far.recv(9) == b"100"
        assert one.fileno() == near.fileno()


def test_requests_are_answered_through_it(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def answered(worker: object, listener: object, request: object, sock: Any, address: object) -> None:
        sock.sendall(b"head ")
        sock.sendall(b"body")

    monkeypatch.setattr(GeventWorker, "handle_request", answered)
    worker: Any = object.__new__(serving.Worker)
    worker.handle_request(None, None, line, None)
    monkeypatch.setattr(GeventWorker, "handle_request", lambda *given: given[3].sendall(b"head alone"))
    worker.handle_request(None, None, line, None)
    assert line.done == [b"head body", b"head alone"]
