"""What an operator asks about queues, over kombu's transport in memory. That nothing is lost at RabbitMQ: tests/contract/bus/test_operators.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from kombu import Connection, Queue

from shared.bus import administration
from shared.bus.covers import NO_COVER
from shared.bus.queues import POLICIES, WAITS
from shared.bus.topology import Topology


class Producer:
    """Puts at once, and unconfirmed."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def put(self, queue: Any, body: object, *, needs: Any, **properties: Any) -> None:
        publish(self.connection, queue, body, **properties)


def publish(connection: Connection, queue: Any, body: object, **properties: Any) -> None:
    queue(connection.default_channel).declare()
    connection.Producer().publish(body, routing_key=queue.name, **properties)


@pytest.fixture
def connection() -> Iterator[Connection]:
    with Connection("memory://") as connection:
        yield connection
    connection.transport.global_state.clear()


@pytest.fixture
def topology(request: pytest.FixtureRequest) -> Topology:
    return Topology(request.node.name, POLICIES)


def letter(number: int, **headers: Any) -> dict[str, Any]:
    return {"body": json.dumps({"n": number}), "message_id": f"j{number}", "headers": headers}


def bury(connection: Connection, topology: Topology, *letters: dict[str, Any]) -> None:
    for one in letters:
        publish(connection, topology.dead("task"), one.pop("body"), **one)


def listed(connection: Connection, topology: Topology, limit: int = 9) -> list[Any]:
    producer: Any = Producer(connection)
    return administration.dead_letters(producer, topology, "task", limit=limit, cover=NO_COVER)


def test_dead_letters_are_told_with_what_they_died_of(connection: Connection, topology: Topology) -> None:
    bury(
        connection,
        topology,
        letter(1, attempt=5, error="LookupError"),
        letter(2, **{"x-first-death-reason": "delivery_limit"}),
        letter(3),
        {**letter(4, error="BadMessage"), "body": "{"},
    )
    assert [(one.job.id, one.job.attempt, dict(one.job.body), one.error) for one in listed(connection, topology)] == [
        ("j1", 5, {"n": 1}, "LookupError"),
        ("j2", 1, {"n": 2}, "delivery_limit"),
        ("j3", 1, {"n": 3}, "unknown"),
        ("j4", 1, {}, "BadMessage"),
    ]


def test_no_more_are_told_than_asked_for(connection: Connection, topology: Topology) -> None:
    bury(connection, topology, letter(1), letter(2))
    assert [one.job.id for one in listed(connection, topology, limit=1)] == ["j1"]


def test_one_that_was_put_back_often_goes_to_the_end_of_its_queue_and_is_counted_anew(
    connection: Connection, topology: Topology
) -> None:
    often = {"x-delivery-count": 8, "x-death": [{"count": 1}], "x-first-death-reason": "delivery_limit"}
    bury(connection, topology, letter(1, attempt=5, **often), letter(2, attempt=5, error="LookupError"))
    assert [one.job.id for one in listed(connection, topology)] == ["j1", "j2"]
    assert {(one.job.id, one.job.attempt, one.error) for one in listed(connection, topology)} == {
        ("j1", 5, "delivery_limit"),
        ("j2", 5, "LookupError"),
    }
    dead = topology.dead("task")(connection.default_channel)
    headers = {message.properties["message_id"]: message.headers for message in (dead.get(), dead.get())}
    assert headers["j1"] == {"attempt": 5, "error": "delivery_limit"}


def test_what_is_revived_begins_anew_on_its_queue(connection: Connection, topology: Topology) -> None:
    bury(connection, topology, letter(1, attempt=5, error="LookupError"), letter(2))
    producer: Any = Producer(connection)
    assert administration.revive(producer, topology, "task", limit=1, cover=NO_COVER) == 1
    message = topology.jobs("task")(connection.default_channel).get()
    assert message is not None
    assert (json.loads(message.body), message.headers, message.properties["message_id"]) == (
        {"n": 1},
        {"attempt": 1},
        "j1",
    )
    assert administration.revive(producer, topology, "task", limit=9, cover=NO_COVER) == 1
    assert administration.revive(producer, topology, "task", limit=9, cover=NO_COVER) == 0


def test_all_queues_are_asked_for_on_one_channel(
    connection: Connection, topology: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in POLICIES:
        for queue in (topology.jobs(name), topology.dead(name), *(topology.delayed(name, wait) for wait in WAITS)):
            queue(connection.default_channel).declare()
    opened: list[int] = []
    channel = Connection.channel
    monkeypatch.setattr(Connection, "channel", lambda self: opened.append(1) or channel(self))
    assert set(administration.states(connection, topology, brief=False)) == set(POLICIES)
    assert opened == [1]


def test_a_brief_look_asks_once_for_each_queue(
    connection: Connection, topology: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in POLICIES:
        topology.jobs(name)(connection.default_channel).declare()
    publish(connection, topology.jobs("task"), "{}")
    asked: list[str] = []
    declare = Queue.queue_declare
    monkeypatch.setattr(Queue, "queue_declare", lambda self, **how: asked.append(self.name) or declare(self, **how))
    found = administration.states(connection, topology, brief=True)
    assert asked == [topology.jobs(name).name for name in POLICIES]
    assert (found["task"].ready, found["mail"].ready) == (1, 0)
