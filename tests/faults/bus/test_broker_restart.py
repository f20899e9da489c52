"""The broker itself stops and comes back under traffic: what it confirmed is handled, and callers only wait."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.bus.messages import Job, Notification
from shared.bus.rabbit import RabbitBus
from tests.contract.bus.probe import POLICIES, QUEUE
from tests.faults.bus.conftest import attempts, wait_until_up
from tests.helpers.broker import SERVER, Broker
from tests.helpers.rabbit import process
from tests.helpers.waiting import eventually

pytestmark = [
    pytest.mark.rabbitmq,
    pytest.mark.skipif(SERVER is None, reason="needs a rabbitmq-server of its own to restart: none is installed"),
]


@pytest.fixture
def broker() -> Iterator[Broker]:
    broker = Broker()
    broker.start()
    yield broker
    broker.close()


@pytest.mark.timeout(240)
def test_a_restart_of_the_broker_under_traffic_loses_no_job_and_fails_no_call(broker):
    bus = RabbitBus(broker.uri, prefix="restart", policies=POLICIES, patience=90)
    heard: list[Notification] = []
    bus.listen(heard.append)
    with process("shared.bus.green", "tests.contract.bus.service", AMQP_URI=broker.uri, PREFIX="restart") as service:
        wait_until_up(bus)
        over = threading.Event()
        sent: list[str] = []

        def traffic(number: int) -> int:
            count = 0
            while not over.is_set():
                job = uuid.uuid4().hex
                bus.send(Job(queue=QUEUE, id=job, body={"seconds": 0.01}))
                sent.append(job)
                assert bus.call("probe", "echo", value=[number, count], timeout=90) == [number, count]
                count += 1
            return count

        with ThreadPoolExecutor(4) as pool:
            clients = [pool.submit(traffic, number) for number in range(4)]
            eventually(lambda: len(sent) > 40)
            broker.stop()
            before = len(sent)
            broker.start()
            eventually(lambda: len(sent) > before + 40, seconds=90)
            over.set()
            assert all(client.result() > 5 for client in clients)
        eventually(lambda: all(attempts(bus, job) for job in sent), seconds=60)
        assert bus.dead(QUEUE) == []

        def told() -> bool:
            bus.notify(Notification(session="s", event="after"))
            return "after" in [news.event for news in heard]

        eventually(told)
        assert service.poll() is None
    bus.close()
