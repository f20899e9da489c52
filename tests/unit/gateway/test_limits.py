"""Names, rates, connections and bodies that take too long: what is refused before anything is done."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import RequestTimeout

from services.gateway.app import create_app
from services.gateway.http.arriving import _Body
from services.gateway.http.hosts import Hosts
from services.gateway.http.peers import Peers, network
from services.gateway.http.rates import Buckets
from services.gateway.options import Options
from tests.helpers.standin import ASK, StandIn
from tests.unit.gateway.conftest import HELLO, options


@pytest.mark.parametrize(
    ("host", "admitted"),
    [
        ("localhost", True),
        ("LOCALHOST:8000", True),
        ("127.0.0.1:5000", True),
        ("[::1]:80", True),
        ("forms.example.org", True),
        ("forms.example.org:443", True),
        ("also.example.org", True),
        ("a.below.example.org", True),
        ("below.example.org", False),
        ("example.org", False),
        ("forms.example.org.evil.example", False),
        ("evil.example", False),
        ("8.8.8.8", False),
        ("0.0.0.0", False),
        ("", False),
        ("localhost@evil.example", False),
        ("[::1", False),
        ("é", False),
    ],
)
def test_names(host: str, admitted: bool) -> None:
    hosts = ("also.example.org", ".below.example.org")
    made = Hosts(Options(secret="x", url_root="https://forms.example.org/", hosts=hosts))
    assert made.admits(host) is admitted


def test_no_name_is_no_name_of_ours() -> None:
    assert not Hosts(Options(secret="x")).admits("")


def test_any_name_if_the_operator_says_so() -> None:
    assert Hosts(Options(secret="x", hosts=("*",))).admits("whatever.example")


@given(st.integers(1, 50), st.lists(st.tuples(st.floats(0, 30), st.sampled_from("abc")), max_size=200))
def test_nobody_gets_more_than_two_minutes_worth_in_a_minute(most: int, asked: list[tuple[float, str]]) -> None:
    now = 0.0
    buckets = Buckets(most, clock=lambda: now)
    taken: list[tuple[float, str]] = []
    for later, key in asked:
        now += later
        if buckets.take(key) == 0:
            taken.append((now, key))
            assert sum(1 for when, other in taken if other == key and when > now - 60) <= 2 * most


def test_a_bucket_says_when_there_is_room_and_then_there_is() -> None:
    now = 0.0
    buckets = Buckets(2, clock=lambda: now, kept=3)
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 30]
    now = 30.0
    assert buckets.take("a") == 0
    for key in "bcdef":
        buckets.take(key)
    assert len(buckets) == 3
    assert [Buckets(0).take("a") for _ in range(100)] == [0] * 100


def test_one_customer_of_a_provider_counts_once() -> None:
    assert network("2001:db8:1:2::5") == network("2001:db8:1:2:ffff::1") != network("2001:db8:1:3::5")
    assert network("::ffff:192.0.2.1") == network("192.0.2.1") != network("192.0.2.2")
    assert network("no address") == "no address"


def test_connections_of_one_peer() -> None:
    peers = Peers(2)
    assert [peers.enter("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert peers.enter("192.0.2.2")
    peers.leave("192.0.2.1")
    assert peers.enter("192.0.2.1")
    assert all(Peers(0).enter("192.0.2.1") for _ in range(5))


def test_a_body_that_is_not_there_in_time() -> None:
    assert _Body(io.BytesIO(b"abc"), time.monotonic() + 60).read() == b"abc"

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            import gevent  # noqa: PLC0415

            gevent.sleep(60)  # ended long before
            return super().read(size)

    with pytest.raises(RequestTimeout):
        _Body(Slow(b"abc"), time.monotonic()).read()


def client(tmp_path: Path, **limits: int) -> FlaskClient:
    return create_app(StandIn(hello=[ASK]), options(tmp_path, **limits)).test_client()


def test_one_request_too_many(tmp_path: Path) -> None:
    browser = client(tmp_path, address_per_minute=3)
    assert [browser.get(HELLO).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = browser.get(f"{HELLO}&json=1")
    assert refused.status_code == 429
    assert refused.get_json()["error"]["kind"] == "TooManyRequests"
    assert int(refused.headers["Retry-After"]) > 0
    assert browser.get("/healthz").status_code == 200
    assert browser.get(HELLO, environ_base={"REMOTE_ADDR": "192.0.2.9"}).status_code == 200


def test_one_browser_too_many_and_a_made_up_cookie_gains_nothing(tmp_path: Path) -> None:
    browser = client(tmp_path, client_per_minute=2, address_per_minute=6)
    assert browser.get(HELLO).status_code == 200
    assert [browser.get(HELLO).status_code for _ in range(3)] == [200, 200, 429]
    made_up = [browser.get(HELLO, headers={"Cookie": f"parley-key-x={number}"}).status_code for number in range(3)]
    assert made_up[-1] == 429


@pytest.mark.parametrize("path", [HELLO, "/", "/checkin", "/uploadedfile/1"])
def test_a_name_of_nobody(tmp_path: Path, path: str) -> None:
    browser = client(tmp_path)
    answer = browser.get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.text
    assert browser.get("/healthz", headers={"Host": "10.1.2.3"}).status_code == 200
