"""Jobs: each is handled until it is done, comes back when it fails, and is a visible dead letter in the end."""

from __future__ import annotations

import threading
import time
import uuid

import pytest
from kombu import Connection

from shared.bus.messages import BadMessage, Job
from tests.contract.bus.probe import QUEUE
from tests.helpers import rabbit
from tests.helpers.waiting import eventually


def attempts(bus, job_id: str) -> list[int]:
    return [seen["attempt"] for seen in bus.call("probe", "seen", job_id=job_id)]


def test_a_job_is_handled_with_the_body_it_was_sent_with(bus, job_id):
    body = {"task": "t1", "text": "Grüße", "deep": {"list": [1, None]}}
    bus.send(Job(queue=QUEUE, id=job_id, body=body))
    [seen] = eventually(lambda: bus.call("probe", "seen", job_id=job_id))
    assert seen == {"attempt": 1, "body": body, "queue": QUEUE}


def test_many_jobs_are_each_handled_once_and_not_more_at_a_time_than_there_are_workers(bus):
    ids = [uuid.uuid4().hex for _ in range(40)]
    for job_id in ids:
        bus.send(Job(queue=QUEUE, id=job_id, body={"seconds": 0.01}))
    eventually(lambda: all(attempts(bus, job_id) for job_id in ids))
    assert [attempts(bus, job_id) for job_id in ids] == [[1]] * 40
    assert 1 < bus.call("probe", "most_at_once") <= 3


def test_a_job_says_how_long_it_lay_in_its_queue(bus, job_id, tmp_path):
    go = tmp_path / "go"
    others = [uuid.uuid4().hex for _ in range(3)]
    for other in others:  # as many as there are workers
        bus.send(Job(queue=QUEUE, id=other, body={"until": str(go)}))
    eventually(lambda: all(attempts(bus, other) for other in others))
    bus.send(Job(queue=QUEUE, id=job_id, body={}))
    time.sleep(0.2)  # the least that it lies there; no worker is free before
    go.touch()
    [waited] = eventually(lambda: bus.call("probe", "waited", job_id=job_id))
    assert waited >= 0.19


@pytest.mark.parametrize("how", ["retry", "raise"])
def test_a_job_that_fails_comes_back_with_its_attempt_counted(bus, job_id, how):
    bus.send(Job(queue=QUEUE, id=job_id, body={"failures": 2, "how": how}))
    eventually(lambda: len(attempts(bus, job_id)) == 3)
    assert attempts(bus, job_id) == [1, 2, 3]
    assert job_id not in [letter.job.id for letter in bus.dead(QUEUE)]


@pytest.mark.parametrize(("how", "error"), [("retry", "Retry"), ("raise", "LookupError")])
def test_a_job_that_always_fails_becomes_a_dead_letter_that_can_be_revived(bus, job_id, how, error):
    bus.send(Job(queue=QUEUE, id=job_id, body={"failures": 5, "how": how}))
    [letter] = eventually(lambda: [letter for letter in bus.dead(QUEUE) if letter.job.id == job_id])
    assert attempts(bus, job_id) == [1, 2, 3]
    assert letter.error == error
    assert letter.job.body == {"failures": 5, "how": how}
    # Looking at dead letters does not take them away, not even for a moment.
    for _ in range(20):
        assert job_id in [letter.job.id for letter in bus.dead(QUEUE)]
    assert bus.revive(QUEUE) >= 1
    eventually(lambda: attempts(bus, job_id) == [1, 2, 3, 1, 2, 3])


@pytest.mark.rabbitmq
def test_a_dead_letter_that_another_is_looking_at_is_revived_as_well(rabbitmq, job_id):
    rabbitmq.send(Job(queue=QUEUE, id=job_id, body={"failures": 3, "how": "retry"}))
    eventually(lambda: job_id in [letter.job.id for letter in rabbitmq.dead(QUEUE)])
    with Connection(rabbit.uri()) as connection, connection.channel() as channel:
        dead = rabbitmq.topology.dead(QUEUE)(channel)
        held = []
        while (message := dead.get()) is not None:
            held.append(message)
        back = threading.Timer(0.1, lambda: [message.requeue() for message in held])
        back.start()
        assert held
        # Two of one job (of another test: one of them forged) count once.
        assert rabbitmq.revive(QUEUE) == len({message.properties["message_id"] for message in held})
        back.join()
    eventually(lambda: attempts(rabbitmq, job_id) == [1, 2, 3, 1, 2, 3])


@pytest.mark.rabbitmq
def test_a_dead_letter_is_not_taken_and_put_back_more_often_than_the_broker_allows(rabbitmq, job_id):
    rabbitmq.send(Job(queue=QUEUE, id=job_id, body={"failures": 3, "how": "retry"}))
    eventually(lambda: job_id in [letter.job.id for letter in rabbitmq.dead(QUEUE)])
    counts = []
    with Connection(rabbit.uri()) as connection:
        for _ in range(25):
            [letter] = [letter for letter in rabbitmq.dead(QUEUE) if letter.job.id == job_id]
            assert (letter.error, letter.job.attempt) == ("Retry", 3)
            with connection.channel() as channel:
                while (message := rabbitmq.topology.dead(QUEUE)(channel).get()) is not None:
                    counts.append(message.headers.get("x-delivery-count", 0))
    # RabbitMQ 4 would have thrown it away after 20 (Debian 13 has that; in 3.10 there is no such limit by itself).
    assert 8 <= max(counts) < 20
    assert rabbitmq.revive(QUEUE) >= 1
    eventually(lambda: attempts(rabbitmq, job_id) == [1, 2, 3, 1, 2, 3])


def test_a_claimed_job_is_handled_once(bus, job_id):
    bus.send(Job(queue=QUEUE, id=job_id, body={"claim": True, "seconds": 0.05}))
    eventually(lambda: attempts(bus, job_id))
    assert attempts(bus, job_id) == [1]


def test_an_unknown_queue_or_a_body_that_is_not_json_is_refused(bus, job_id):
    with pytest.raises(BadMessage, match="nosuch"):
        bus.send(Job(queue="nosuch", id=job_id))
    with pytest.raises(BadMessage, match=job_id):
        bus.send(Job(queue=QUEUE, id=job_id, body={"x": object()}))


def test_the_state_of_the_queues_can_be_asked(bus, job_id):
    bus.send(Job(queue=QUEUE, id=job_id, body={"failures": 9}))
    eventually(lambda: bus.queues()[QUEUE].dead >= 1)
    brief = bus.queues(brief=True)[QUEUE]
    assert (brief.delayed, brief.dead, brief.served) == (0, 0, True)
    state = eventually(lambda: (now := bus.queues()[QUEUE]).ready == now.delayed == 0 and now)
    assert state.dead >= 1
