"""``parley queues`` over a real broker: what an operator sees of failed work, and how it is put back."""

from __future__ import annotations

import io
import os

import pytest

from services.cli.queues import queues
from shared.bus.messages import Job
from shared.bus.queues import POLICIES
from shared.bus.rabbit import RabbitBus
from tests.helpers import rabbit

NOBODY = ["nobody", "serves", "it"]

pytestmark = pytest.mark.rabbitmq


@pytest.fixture
def bus(monkeypatch):
    if not os.environ.get("AMQP_URI"):
        pytest.skip("needs a RabbitMQ broker: AMQP_URI is not set")
    with rabbit.names(POLICIES) as prefix:
        monkeypatch.setenv("PARLEY_BUS_PREFIX", prefix)
        bus = RabbitBus(rabbit.uri(), prefix=prefix)
        yield bus
        bus.close()


def said(**options: str) -> tuple[int, list[list[str]]]:
    out = io.StringIO()
    status = queues(out=out, **options)
    return status, [line.split() for line in out.getvalue().splitlines()]


def test_an_operator_sees_what_waits_and_what_failed_and_puts_it_back(bus, monkeypatch):
    assert said()[0] == 0
    monkeypatch.setenv("PARLEY_TASK_QUEUES", "slow")
    bus.send(Job(queue="task", id="waits", body={"task": "t1"}))
    bus.put(Job(queue="mail", id="failed", attempt=12), '{"mail":"m1"}', dead=True, error="StoreUnavailable")
    bus.put(Job(queue="send", id="later"), "{}", seconds=1800)
    status, lines = said()
    assert status == 1
    assert lines == [
        ["queue", "ready", "delayed", "dead"],
        ["task", "1", "0", "0", *NOBODY],
        ["mail", "0", "0", "1", *NOBODY],
        ["send", "0", "1", "0", *NOBODY],
        ["task.slow", "0", "0", "0", *NOBODY],
    ]
    assert said(dead="mail") == (1, [["failed", "StoreUnavailable"]])
    assert said(revive="mail") == (0, [["1", "jobs", "are", "back", "on", "mail"]])
    assert said(dead="mail") == (0, [])
    assert said(dead="task.slow") == (0, [])
    assert bus.queues()["mail"].ready == 1


def test_an_unknown_queue_and_a_broker_that_is_not_there_are_a_clear_line(bus, monkeypatch, capsys):
    assert said(dead="nosuch") == (2, [])
    assert "nosuch" in capsys.readouterr().err
    with monkeypatch.context() as patch:
        patch.setenv("AMQP_URI", "amqp://127.0.0.1:1/")
        assert said() == (2, [])
        assert "no connection to RabbitMQ" in capsys.readouterr().err
        patch.delenv("AMQP_URI")
        assert said() == (2, [])
        assert "AMQP_URI" in capsys.readouterr().err
