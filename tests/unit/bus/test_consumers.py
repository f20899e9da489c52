"""Receiving, over kombu's transport in memory: as many at a time as there are handlers, and nothing that lay there too long."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from eventlet.semaphore import Semaphore
from kombu import Connection, Queue

from shared.bus.consumers import CallConsumers, JobConsumers, StoodStill
from shared.bus.deliveries import Delivery, Subscription


@pytest.fixture
def connection():
    with Connection("memory://") as connection:
        yield connection
    connection.transport.global_state.clear()


@pytest.fixture
def queue(request) -> Queue:
    return Queue(request.node.name)


class Receiver:
    """A subscription with `workers`, and what it handed over."""

    def __init__(self, connection: Connection, queue: Queue, *, workers: int = 2) -> None:
        self.got: list[Delivery] = []
        self.connection = connection
        self.queue = queue
        self.subscription = Subscription(queue, workers=workers, handle=self.got.append)
        self.open()

    def open(self) -> None:
        self.subscription.open(self.connection.channel(), Semaphore())

    def publish(self, *bodies: str, **properties: Any) -> None:
        for body in bodies:
            self.connection.Producer().publish(body, routing_key=self.queue.name, **properties)

    def receive(self) -> list[bytes]:
        before = len(self.got)
        try:
            while True:
                self.connection.drain_events(timeout=0.05)
        except TimeoutError:
            return [delivery.message.body for delivery in self.got[before:]]


@pytest.fixture
def receiver(connection, queue) -> Receiver:
    return Receiver(connection, queue)


def test_no_more_come_than_there_are_handlers(receiver):
    receiver.publish("1", "2", "3")
    assert len(receiver.receive()) == 2
    receiver.got[0].acknowledge()
    receiver.got[0].done()
    assert len(receiver.receive()) == 1


def test_settling_twice_or_after_a_loss_does_nothing(receiver):
    receiver.publish("1", "2")
    receiver.receive()
    first, second = receiver.got
    first.acknowledge()
    first.acknowledge()
    first.give_back()
    receiver.subscription.lost()
    second.acknowledge()
    assert second.acknowledged
    assert second.message.acknowledged is False


def test_what_is_given_back_comes_again(receiver):
    receiver.publish("1")
    receiver.receive()
    receiver.got[0].give_back()
    receiver.got[0].done()
    assert len(receiver.receive()) == 1


def test_handlers_that_go_on_after_a_loss_count(receiver):
    receiver.publish("1", "2")
    receiver.receive()
    receiver.subscription.lost()
    receiver.open()
    receiver.publish("3", "4")
    assert receiver.receive() == [], "both handlers are still at work"
    receiver.got[0].done()
    receiver.subscription.tune()
    assert len(receiver.receive()) == 1


def test_a_job_claimed_long_ago_is_acknowledged_and_nothing_comes_in_its_place(receiver):
    receiver.publish("1", "2")
    receiver.receive()
    receiver.got[0].claimed()
    receiver.subscription.release_claimed(600)
    assert not receiver.got[0].acknowledged
    receiver.subscription.release_claimed(0)
    assert (receiver.got[0].acknowledged, receiver.got[1].acknowledged) == (True, False)
    receiver.publish("3")
    receiver.subscription.tune()
    assert receiver.receive() == []


def test_a_call_that_was_read_late_is_not_handled_and_a_job_is(receiver, monkeypatch):
    returned: list[Delivery] = []
    monkeypatch.setattr(
        "shared.bus.deliveries.eventlet.spawn_after", lambda _, act, delivery: returned.append(delivery)
    )
    receiver.subscription.late = lambda: True
    receiver.publish("call", expiration=30)
    receiver.publish("job")
    assert receiver.receive() == [b"job"]
    assert [delivery.message.body for delivery in returned] == [b"call"]
    receiver.subscription._return(returned[0])
    assert returned[0].message.acknowledged
    assert returned[0] not in receiver.subscription.running


@pytest.fixture(params=[CallConsumers, JobConsumers])
def consumers(request):
    consumers = request.param()
    consumers.container = SimpleNamespace(config={"heartbeat": {"calls": 1, "jobs": 10}})
    return consumers


def alive(consumers, *, seconds_ago: float) -> bool:
    """Whether what is read now is late, by a loop that last turned so long ago."""
    consumers._alive_at = time.monotonic() - seconds_ago
    late: bool = consumers._late()
    return late


def test_what_is_read_after_a_pause_is_late_and_after_a_long_one_not_read(consumers):
    assert not alive(consumers, seconds_ago=0.1)
    assert alive(consumers, seconds_ago=1.5)
    with pytest.raises(StoodStill):
        alive(consumers, seconds_ago=2 * consumers.heartbeat + 1)
