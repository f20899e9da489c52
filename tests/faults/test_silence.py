"""One of two services stands still, or its link to RabbitMQ carries nothing, while people answer: nobody waits for it, and nothing
counts twice when it wakes.

The system is started as an operator starts it and spoken to over HTTP.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from bench.browser import Client
from bench.system import Running, distributed, wait_for
from tests.helpers.proxy import Proxy, free_port
from tests.helpers.waiting import eventually

pytestmark = [pytest.mark.rabbitmq, pytest.mark.mongodb, pytest.mark.timeout(240)]

COUNTER = "demos:actions.yml"
#: How long (seconds) a service stands still at least: longer than anybody should wait for it (the goal is 5).
STANDS_STILL = 12.0


class Voter(threading.Thread):
    """Votes in a session of its own, one vote after the other acknowledged, and remembers the longest wait."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.enough = threading.Event()
        self.longest = 0.0
        self.acknowledged = 0
        self.problem: BaseException | None = None
        self.client = Client(url, COUNTER)
        self.client.answer({"name_of_voter": "Kim"})

    def run(self) -> None:
        try:
            while not self.enough.is_set():
                began = time.monotonic()
                self.client.post({"action": "vote", "arguments": {"weight": 1}})
                self.longest = max(self.longest, time.monotonic() - began)
                self.acknowledged += 1
        except BaseException as error:
            self.problem = error

    def counted(self) -> str:
        self.client.get()
        return str(self.client.screen["question"]).strip()


@pytest.fixture
def system() -> Iterator[Running]:
    with distributed() as running:
        yield running


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    parts = urlsplit(os.environ["AMQP_URI"])
    proxy = Proxy(parts.port or 5672, parts.hostname or "127.0.0.1")
    yield proxy
    proxy.close()


def behind(proxy: Proxy, running: Running, name: str, **environment: str) -> None:
    """Start one more of a service, which reaches RabbitMQ through the proxy."""
    parts = urlsplit(os.environ["AMQP_URI"])
    uri = parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{proxy.port}").geturl()
    changed = replace(running, environment={**running.environment, "AMQP_URI": uri, **environment})
    changed.start(name, "start", name)
    log = sorted(running.folder.glob(f"{name}-*.log"))[-1]
    if name != "gateway":
        eventually(lambda: "consuming" in log.read_text(), seconds=60)


def survive(url: str, begin: Callable[[], None], end: Callable[[], None]) -> None:
    """People vote before, during and after a silence; nobody waits for it, and every vote counts once."""
    voters = [Voter(url) for _ in range(4)]
    for voter in voters:
        voter.start()
    over = threading.Event()
    over.wait(1)
    before = [voter.acknowledged for voter in voters]
    begin()
    try:
        # It stands still until everybody has gone on, so that nobody can have waited for it.
        eventually(
            lambda: all(voter.acknowledged > one + 2 for voter, one in zip(voters, before, strict=True)), seconds=60
        )
        over.wait(STANDS_STILL)
    finally:
        end()
    over.wait(3)  # what lay there would be run now
    for voter in voters:
        voter.enough.set()
    for voter in voters:
        voter.join(60)
    print("longest waits:", [round(voter.longest, 1) for voter in voters])
    assert [voter.problem for voter in voters] == [None] * 4
    assert [voter.counted() for voter in voters] == [f"The count stands at {voter.acknowledged}." for voter in voters]


def test_an_interview_service_stands_still(system: Running, proxy: Proxy) -> None:
    behind(proxy, system, "interview")
    victim = system.of("interview")[1]
    survive(system.url, lambda: victim.send_signal(signal.SIGSTOP), lambda: victim.send_signal(signal.SIGCONT))


def test_the_link_of_an_interview_service_carries_nothing(system: Running, proxy: Proxy) -> None:
    behind(proxy, system, "interview")
    survive(system.url, proxy.stall, proxy.flow)
    assert len(system.of("interview")) == 2


def test_the_connections_of_a_gateway_carry_nothing(system: Running, proxy: Proxy) -> None:
    port = free_port()
    behind(proxy, system, "gateway", PARLEY_PORT=str(port))
    url = f"http://127.0.0.1:{port}"
    wait_for(url + "/interview?i=demos:welcome.yml&json=1", system)
    survive(url, proxy.stall, proxy.flow)


def test_a_slow_network_between_a_gateway_and_rabbitmq_costs_one_round_trip(system: Running, proxy: Proxy) -> None:
    port = free_port()
    behind(proxy, system, "gateway", PARLEY_PORT=str(port))
    url = f"http://127.0.0.1:{port}"
    wait_for(url + "/interview?i=demos:welcome.yml&json=1", system)
    client = Client(url, COUNTER)
    client.answer({"name_of_voter": "Kim"})

    def one() -> float:
        began = time.monotonic()
        client.post({"action": "vote", "arguments": {"weight": 1}})
        return time.monotonic() - began

    near = min(one() for _ in range(5))
    proxy.delay = 0.2
    far = min(one() for _ in range(5))
    print(f"an action takes {near:.3f} s, and with 0.2 s on every packet to RabbitMQ {far:.3f} s")
    assert far - near < 2 * 2 * proxy.delay, "less than two round trips more"
