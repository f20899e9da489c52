"""Handlers that block, die, or are killed; and messages that no handler survives."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from kombu import Connection

from shared.bus.messages import CallFailed, Job
from tests.contract.bus.probe import QUEUE
from tests.faults.bus.conftest import Start, attempts, wait_until_up
from tests.helpers import rabbit
from tests.helpers.waiting import eventually

pytestmark = pytest.mark.rabbitmq


def test_a_handler_that_waits_longer_than_the_heartbeat_is_run_once(start, bus, job_id):
    start(HEARTBEAT="1")
    wait_until_up(bus)
    bus.send(Job(queue=QUEUE, id=job_id, body={"seconds": 3}))
    eventually(lambda: bus.queues()[QUEUE].ready == 0 and attempts(bus, job_id))
    # Another job behind it on the same connection, long after the heartbeat of the first has passed.
    assert bus.call("probe", "slow", seconds=3.2) == "late"
    assert attempts(bus, job_id) == [1]


def test_a_handler_that_blocks_the_process_past_the_heartbeat_costs_a_connection_and_nothing_else(start, bus, job_id):
    service = start(HEARTBEAT="1")
    wait_until_up(bus)
    bus.send(Job(queue=QUEUE, id=job_id, body={"block": 3.5}))
    eventually(lambda: "broker_lost" in service.log())
    eventually(lambda: attempts(bus, job_id) == [1, 2])
    assert service.poll() is None
    assert bus.dead(QUEUE) == []


def test_a_job_whose_worker_is_killed_is_handled_by_the_next_one(start, bus, job_id):
    first = start()
    wait_until_up(bus)
    bus.send(Job(queue=QUEUE, id=job_id, body={"seconds": 30}))
    eventually(lambda: attempts(bus, job_id) == [1])
    first.send_signal(signal.SIGKILL)
    first.wait()
    start(STOP_SECONDS="0")
    wait_until_up(bus)
    eventually(lambda: attempts(bus, job_id) == [2])


def test_a_service_that_is_to_stop_is_told_while_what_runs_may_still_end_well(start, bus, job_id):
    service = start(STOP_SECONDS="8")
    wait_until_up(bus)
    bus.send(Job(queue=QUEUE, id=job_id, body={"patience": 60}))
    eventually(lambda: attempts(bus, job_id) == [1])
    service.send_signal(signal.SIGTERM)
    assert service.wait(12) == 0
    assert "job_retry" in service.log()  # by the handler itself, and not because it was ended
    assert "stopping_now" not in service.log()


def test_a_job_that_kills_every_process_becomes_a_dead_letter(start, bus, job_id):
    with restarted(start) as deaths:
        wait_until_up(bus)
        bus.send(Job(queue=QUEUE, id=job_id, body={"die": True}))
        [letter] = eventually(lambda: bus.dead(QUEUE), seconds=60)
        wait_until_up(bus)
    assert (letter.job.id, letter.error) == (job_id, "delivery_limit")
    assert len(deaths) == 3


def test_a_call_that_kills_every_process_is_refused_in_the_end(start, bus):
    with restarted(start) as deaths:
        wait_until_up(bus)
        with pytest.raises(CallFailed) as caught:
            bus.call("probe", "die", timeout=60)
        assert caught.value.kind == "CallDied"
    assert len(deaths) == 3


def test_a_message_that_is_not_json_becomes_a_dead_letter_at_once(start, bus):
    service = start()
    wait_until_up(bus)
    with Connection(rabbit.uri()) as connection:
        name = bus.topology.jobs(QUEUE).name
        connection.Producer().publish(b"\xff{", routing_key=name, message_id="bad", content_type="application/json")
    eventually(lambda: bus.queues()[QUEUE].dead == 1)
    [letter] = bus.dead(QUEUE)
    assert (letter.job.id, letter.error) == ("bad", "BadMessage")
    assert service.poll() is None


def test_a_claimed_job_is_acknowledged_while_it_runs_and_never_are_more_handled_at_once(start, bus, job_id):
    service = start(CLAIMED_SECONDS="0.1", STOP_SECONDS="0")
    wait_until_up(bus)
    bus.send(Job(queue=QUEUE, id=job_id, body={"claim": True, "seconds": 30}))
    for number in range(30):
        bus.send(Job(queue=QUEUE, id=f"{job_id}-{number}", body={"seconds": 0.15}))
    # Once each; the number of the attempt may be 2 for one that was on its way when the consumer was exchanged.
    eventually(lambda: all(len(attempts(bus, f"{job_id}-{number}")) == 1 for number in range(30)), seconds=60)
    assert bus.call("probe", "most_at_once") <= 3
    service.send_signal(signal.SIGKILL)
    service.wait()
    # Had it not been acknowledged the broker would give it to the next consumer now.
    start(STOP_SECONDS="0")
    wait_until_up(bus)
    other = f"{job_id}-last"
    bus.send(Job(queue=QUEUE, id=other))
    eventually(lambda: attempts(bus, other))
    assert attempts(bus, job_id) == []


@contextmanager
def restarted(start: Start) -> Iterator[list[int]]:
    """A supervisor: the service is started again whenever it dies. Gives the list of its deaths."""
    deaths: list[int] = []
    over = Event()
    service: list[rabbit.Service] = [start()]

    def supervise() -> None:
        while not over.is_set():
            try:
                deaths.append(service[-1].wait(0.1))
            except subprocess.TimeoutExpired:
                continue
            if not over.is_set():
                service.append(start())

    thread = Thread(target=supervise)
    thread.start()
    try:
        yield deaths
    finally:
        over.set()
        thread.join()
