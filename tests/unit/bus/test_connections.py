"""Connections that are not there: what they raise, and that none is used again; pools, and how long the bus goes on trying."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from amqp.exceptions import NotFound, PreconditionFailed
from kombu.exceptions import OperationalError

from shared.bus.connections import Refused, Unroutable, broker, kind, used
from shared.bus.messages import BusUnavailable
from shared.bus.rabbit import RabbitBus
from shared.bus.rpc import CallChannel, CallChannels
from shared.bus.topology import Topology


@pytest.mark.parametrize(
    ("uri", "host", "virtual_host", "password"),
    [
        ("amqp://", "127.0.0.1:5672", "/", "guest"),
        ("pyamqp://me:p%40ss@broker:1234/v%2Fhost", "broker:1234", "v/host", "p@ss"),
        ("amqp://[::1]:5673/x", "[::1]:5673", "x", "guest"),
        ("amqps://broker/", "broker:5671", "/", "guest"),
    ],
)
def test_an_address_says_where_to_connect_and_as_whom(uri, host, virtual_host, password):
    info = broker(uri, name="test").info()
    assert f"{info['hostname'] or '127.0.0.1'}:{info['port']}".replace("localhost", "127.0.0.1") == host
    assert (info["virtual_host"], info["password"]) == (virtual_host, password)


def test_a_secure_connection_checks_the_name_and_the_certificate():
    assert broker("amqps://broker/", name="test").ssl == {"server_hostname": "broker", "cert_reqs": ssl.CERT_REQUIRED}
    assert not broker("amqp://broker/", name="test").ssl


class Connection:
    """As much of kombu's as `used` needs."""

    def __init__(self) -> None:
        self.connected = False
        self.opened = self.dropped = 0

    def ensure_connection(self, max_retries: int) -> None:
        self.connected = True
        self.opened += 1

    def collect(self) -> None:
        self.connected = False
        self.dropped += 1


def test_a_connection_is_opened_when_it_is_used_and_once():
    connection = Connection()
    for _ in range(2):
        with used(connection):
            assert connection.connected
    assert (connection.opened, connection.dropped) == (1, 0)


@pytest.mark.parametrize("error", [ConnectionResetError, LookupError, KeyboardInterrupt])
def test_a_connection_on_which_something_failed_is_not_used_again(error):
    connection = Connection()
    with pytest.raises(error), used(connection):
        raise error
    assert connection.dropped == 1
    with used(connection):
        assert connection.opened == 2


def test_what_a_cut_connection_stumbles_over_is_a_cut_and_a_mistake_stays_one():
    connection = Connection()

    def stumble() -> None:
        connection.connected = False
        raise TypeError

    with pytest.raises(ConnectionResetError), used(connection):
        stumble()
    with pytest.raises(TypeError), used(connection):
        raise TypeError


def test_the_cause_of_what_kombu_wraps_is_said():
    wrapped = OperationalError("no")
    wrapped.__cause__ = ConnectionRefusedError()
    assert (kind(wrapped), kind(OperationalError()), kind(BrokenPipeError())) == (
        "ConnectionRefusedError",
        "OperationalError",
        "BrokenPipeError",
    )


@pytest.fixture
def pool():
    made: list[Connection] = []

    def make() -> CallChannel:
        made.append(Connection())
        return CallChannel(made[-1], Topology("p", {}))

    pool = CallChannels(make, limit=2)
    pool.made = made
    return pool


def test_a_pool_keeps_what_it_opened_and_knows_its_limit(pool):
    with pool.borrow(wait=0) as first:
        with pool.borrow(wait=0) as second, pytest.raises(BusUnavailable, match="in use"), pool.borrow(wait=0):
            pass
        assert first is not second
    for _ in range(5):
        with pool.borrow(wait=0):
            pass
    assert [connection.opened for connection in pool.made] == [1, 1]


def test_when_one_was_cut_the_others_are_opened_anew_but_not_when_it_was_refused(pool):
    with pool.borrow(wait=0), pool.borrow(wait=0):
        pass
    with pytest.raises(NotFound), pool.borrow(wait=0):
        raise NotFound
    assert sum(connection.dropped for connection in pool.made) == 1
    with pytest.raises(OSError), pool.borrow(wait=0):
        raise OSError
    with pool.borrow(wait=0), pool.borrow(wait=0):
        pass
    assert [connection.connected for connection in pool.made] == [True, True]
    assert sum(connection.dropped for connection in pool.made) >= 3


def test_somebody_who_waits_gets_what_another_gives_back(pool):
    go = Event()

    def hold() -> None:
        with pool.borrow(wait=0):
            go.wait(10)

    with ThreadPoolExecutor(3) as threads:
        held = [threads.submit(hold) for _ in range(2)]
        waiting = threads.submit(lambda: pool.borrow(wait=10).__enter__())
        go.set()
        assert waiting.result(10) is not None
        for one in held:
            one.result()


def test_a_closed_pool_lends_nothing(pool):
    with pool.borrow(wait=0):
        pool.close()
    assert [connection.connected for connection in pool.made] == [False]
    with pytest.raises(BusUnavailable, match="closed"), pool.borrow(wait=0):
        pass


def failing(*errors: Exception) -> Callable[[], str]:
    left = list(errors)

    def attempt() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return attempt


@pytest.fixture
def bus():
    return RabbitBus("amqp://127.0.0.1:1/", patience=10)


def test_what_was_lost_is_tried_again_at_once(bus):
    assert bus._patiently(failing(ConnectionResetError()), "a job") == "done"


def test_the_end_of_the_patience_is_said_with_what_failed(bus):
    with pytest.raises(BusUnavailable, match=r"a job: no connection to RabbitMQ \(BrokenPipeError\)"):
        bus._patiently(failing(*[BrokenPipeError()] * 9), "a job", patience=0.0)


def test_a_queue_that_is_not_there_is_waited_for_and_then_said(bus):
    assert bus._patiently(failing(Unroutable("q")), "a call") == "done"
    with pytest.raises(BusUnavailable, match="nobody is there"):
        bus._patiently(failing(*[Unroutable("q")] * 9), "a call", until=0.0)


def test_what_the_broker_refuses_is_not_tried_again(bus):
    refused = PreconditionFailed("inequivalent arg", (50, 10))
    with pytest.raises(Refused, match="inequivalent arg"):
        bus._patiently(failing(refused), "a job")


def test_nobody_there_is_an_error_of_the_bus():
    bus = RabbitBus("amqp://127.0.0.1:1/", patience=0.0)
    with pytest.raises(BusUnavailable, match=r"interview\.screen"):
        bus.call("interview", "screen", timeout=0.1)
    bus.close()
    with pytest.raises(BusUnavailable, match="closed"):
        bus.call("interview", "screen")
