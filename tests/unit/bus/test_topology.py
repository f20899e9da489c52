"""What is declared at the broker: jobs survive it, find their dead letters and their way back; calls leave nothing on its disk."""

from __future__ import annotations

import pytest

from shared.bus.messages import BadMessage
from shared.bus.queues import WAITS, Policy
from shared.bus.topology import Topology

TOPOLOGY = Topology("p", {"task": Policy(attempts=3), "mail": Policy()})


def test_a_job_queue_is_replicated_bounded_and_leads_to_its_dead_letters():
    queue = TOPOLOGY.jobs("task")
    assert (queue.name, queue.durable, queue.auto_delete, queue.max_length) == ("p.job.task", True, False, 1_000_000)
    assert queue.queue_arguments == {
        "x-queue-type": "quorum",
        "x-delivery-limit": 2,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": "p.job.task.dead",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def test_a_delayed_job_comes_back_to_its_queue():
    queue = TOPOLOGY.delayed("task", 0.1)
    assert (queue.name, queue.message_ttl) == ("p.job.task.wait.100", 0.1)
    assert queue.queue_arguments["x-dead-letter-routing-key"] == "p.job.task"


def test_calls_are_in_memory_and_go_with_their_service():
    queue = TOPOLOGY.calls("interview")
    assert (queue.name, queue.expires, queue.queue_arguments) == ("p.call.interview", 60.0, None)


def test_a_listener_has_a_queue_of_its_own_that_goes_with_it():
    queue = TOPOLOGY.inbox()
    assert (queue.name, queue.exclusive, queue.auto_delete, queue.durable) == ("", True, True, False)
    assert (queue.exchange.name, queue.exchange.type) == ("p.notifications", "fanout")


def test_all_queues_are_known_for_whoever_removes_them():
    names = TOPOLOGY.all(["interview"])
    assert len(names) == len(set(names)) == 1 + 2 * (2 + len(WAITS))


def test_an_unknown_queue_is_said_with_those_there_are():
    with pytest.raises(BadMessage, match=r"nosuch.*only mail, task"):
        TOPOLOGY.jobs("nosuch")
