"""What only the in-process bus has: bounds, and an end."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.bus.inprocess import InProcessBus
from shared.bus.messages import BusUnavailable, CallFailed, CallTimeout, Job, Notification
from shared.bus.queues import Policy
from shared.contract.errors import KeysWanted
from tests.helpers.waiting import eventually

POLICIES = {"task": Policy(attempts=2, waits=(0.5,))}


@pytest.fixture
def bus():
    bus = InProcessBus(policies=POLICIES, limit=3, grace=1)
    yield bus
    bus.close()


def test_a_full_queue_refuses_jobs_and_says_so(bus):
    for number in range(3):
        bus.send(Job(queue="task", id=str(number)))
    with pytest.raises(BusUnavailable, match="job late was not sent"):
        bus.send(Job(queue="task", id="late"))
    assert bus.queues()["task"].ready == 3


def test_jobs_wait_for_their_consumer(bus):
    bus.send(Job(queue="task", id="early"))
    handled = []
    bus.consume("task", lambda job: handled.append(job.id))
    eventually(lambda: handled == ["early"])


def test_a_retry_into_a_full_queue_is_later_and_not_lost(bus):
    started, go = threading.Event(), threading.Event()
    handled = []

    def handle(job: Job) -> None:
        if job.id == "first" and job.attempt == 1:
            raise LookupError
        started.set()
        go.wait(10)
        handled.append(job.id)

    bus.consume("task", handle)
    bus.send(Job(queue="task", id="first"))
    eventually(lambda: bus.queues()["task"].delayed == 1)
    bus.send(Job(queue="task", id="blocks"))
    started.wait(10)
    for number in range(3):
        bus.send(Job(queue="task", id=str(number)))
    eventually(lambda: bus.queues()["task"].ready == 3)
    go.set()
    eventually(lambda: "first" in handled)


def test_a_call_whose_caller_has_gone_is_not_run(bus):
    go, ran = threading.Event(), []
    bus.serve("s", {"wait": lambda: go.wait(10) and None, "note": lambda: ran.append(1)}, workers=1)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(bus.call, "s", "wait")
        eventually(waiting.running)
        with pytest.raises(CallTimeout):
            bus.call("s", "note", timeout=0.05)
        go.set()
        waiting.result()
        assert bus.call("s", "wait") is None
    assert ran == []


def test_after_the_end_nothing_is_taken_and_nobody_waits():
    bus = InProcessBus(policies=POLICIES, grace=0.1)
    go, started = threading.Event(), threading.Event()

    def slow() -> None:
        started.set()
        go.wait(10)

    bus.serve("s", {"slow": slow, "quick": lambda: 1}, workers=1)
    with ThreadPoolExecutor(2) as pool:
        pool.submit(bus.call, "s", "slow")
        started.wait(10)
        queued = pool.submit(bus.call, "s", "quick")
        eventually(lambda: bus._services["s"].calls.qsize() == 1)
        bus.close()
        with pytest.raises(CallFailed) as caught:
            queued.result(10)
        assert caught.value.kind == "BusUnavailable"
        go.set()
    with pytest.raises(BusUnavailable):
        bus.call("s", "quick")
    with pytest.raises(BusUnavailable):
        bus.send(Job(queue="task", id="late"))
    bus.notify(Notification(session="s", event="e"))
    bus.close()


def test_closing_waits_for_what_runs():
    bus = InProcessBus(policies=POLICIES, grace=10)
    started, ended = threading.Event(), []

    def handle(job: Job) -> None:
        started.set()
        threading.Event().wait(0.2)
        ended.append(job.id)

    bus.consume("task", handle)
    bus.send(Job(queue="task", id="j"))
    started.wait(10)
    bus.close()
    assert ended == ["j"]


def test_a_slow_listener_loses_notifications_and_holds_nobody_up(bus):
    go, heard = threading.Event(), []

    def receive(notification: Notification) -> None:
        go.wait(10)
        heard.append(notification)

    bus.listen(receive)
    for _ in range(10):
        bus.notify(Notification(session="s", event="e"))
    go.set()
    eventually(lambda: heard)
    assert len(heard) <= 10


def test_a_call_that_is_to_be_made_again_with_keys_says_which_and_is_no_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def wants() -> None:
        raise KeysWanted("the step looks into other sessions", ["s1", "s2"])

    bus = InProcessBus()
    bus.serve("keys", {"wants": wants})
    with caplog.at_level(logging.INFO), pytest.raises(KeysWanted) as wanted:
        bus.call("keys", "wants")
    bus.close()
    assert wanted.value.sessions == ("s1", "s2")
    assert caplog.records == []
