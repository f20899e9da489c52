"""One peer that asks without end, opens connections without end, or sends a request that never arrives."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.attacks.web.conftest import attacked
from tests.e2e.browser.conftest import Site
from tests.helpers.visitor import Visitor


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    limits = {
        "PARLEY_ADDRESS_CONNECTIONS": "20",
        "PARLEY_ADDRESS_PER_MINUTE": "40",
        "PARLEY_REQUEST_SECONDS": "1",
        "PARLEY_CLIENT_PER_MINUTE": "20",
    }
    made = attacked(tmp_path_factory.mktemp("limited"), **limits)
    yield made
    made.stop()


def connected(site: Site) -> socket.socket:
    host, _, port = urlsplit(site.address).netloc.partition(":")
    return socket.create_connection((host, int(port)), timeout=30)


def test_a_body_that_trickles_is_given_up(limited: Site) -> None:
    with connected(limited) as line:
        head = "POST /interview?i=attacks:links.yml HTTP/1.1", "Host: localhost", "Content-Length: 1000"
        kind = "Content-Type: application/x-www-form-urlencoded"
        line.sendall("\r\n".join([*head, kind, "", "a="]).encode())
        assert line.recv(4096).startswith(b"HTTP/1.1 408 ")


def test_a_connection_that_says_nothing_is_ended(limited: Site) -> None:
    with connected(limited) as line:
        assert line.recv(10) == b""
    with connected(limited) as line:
        line.sendall(b"GET / HT")
        while line.recv(1000):
            pass


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("GET /interview?session={} HTTP/9", 400),
        ("GET /{} HTTP/1.1\r\nbad header {}: x", 400),
        ("GET / HTTP/1.1\r\nTransfer-Encoding: {}", 501),
        ("GET /?{} HTTP/1.1\r\nX: " + "x" * 20_000, 431),
        ("GET /?" + "{}" * 1000 + " HTTP/1.1", 414),
    ],
)
def test_what_is_no_request_is_said_nowhere(limited: Site, head: str, status: int) -> None:
    with connected(limited) as line:
        line.sendall(f"{head.replace('{}', 'planted-in-a-request')}\r\n\r\n".encode())
        said = line.recv(4096)
    assert said.startswith(f"HTTP/1.1 {status} ".encode())
    limited.log.flush()
    for text in (said.decode(), Path(limited.log.name).read_text()):
        assert "planted-in-a-request" not in text


def test_connections_without_end(limited: Site) -> None:
    lines = [connected(limited) for _ in range(40)]
    ended = 0
    for line in lines:
        line.settimeout(0.3)
        try:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            ended += not line.recv(10)
        except ConnectionError:
            ended += 1
        except TimeoutError:
            pass
    for line in lines:
        line.close()
    assert ended >= 20
    assert Visitor(limited.address).ask("GET", "/healthz").status == 200


def at_once(site: Site, cookie: str) -> list[int]:
    """The statuses of sixty requests that come one after the other without a pause, however slow this machine is."""
    asked = f"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n"
    last = asked.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
    with connected(site) as line:
        line.sendall((asked * 59 + last).encode())
        said = b"".join(iter(lambda: line.recv(65536), b""))
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", said)]


def test_requests_without_end(limited: Site) -> None:
    visitor = Visitor(limited.address).go("/")
    [cookie] = [f"{name}={value}" for name, value in visitor.cookies.items()] or ["none=here"]
    asked = at_once(limited, cookie)
    assert asked[:10] == [200] * 10
    assert asked[-1] == 429
    assert at_once(limited, "parley-key-made=up")[-1] == 429
    assert visitor.ask("GET", "/healthz").status == 200


def test_an_answer_that_is_not_fetched_is_given_up(limited: Site) -> None:
    # The last here: it uses up what the address may ask for.
    asked = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connected(limited) as line, pytest.raises(ConnectionError):
        send_for(30, line, asked * 1000)


def send_for(seconds: float, line: socket.socket, what: bytes) -> None:
    """Send, and read nothing."""
    line.settimeout(0.2)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(TimeoutError):  # nobody reads there, as here
            line.sendall(what)
