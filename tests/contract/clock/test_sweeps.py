"""What a crash left behind is found and done; what cannot be done does not stand in the way of the rest."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from services.clock.build import build
from services.clock.sweeps import Sweeper
from services.heartbeat import Heartbeat
from services.settings import load
from shared.bus.inprocess import InProcessBus
from shared.bus.messages import BusUnavailable, Job
from shared.store.ports import Store, StoreUnavailable
from tests.contract.clock.conftest import Hands, NotingBus
from tests.contract.store.make import a_commit, a_mail, a_session, a_task, an_entry


def a_sweeper(store: Store, bus: NotingBus, hands: Hands, *, days: int | None = 90) -> Sweeper:
    return Sweeper(
        store=store,
        bus=bus,
        clock=hands,
        interval=timedelta(seconds=5),
        delete_after=None if days is None else timedelta(days=days),
    )


def with_outbox(store: Store, name: str, hands: Hands) -> None:
    store.sessions.create(a_session(name, modified=hands.now))
    assert store.sessions.commit(name, version=0, commit=a_commit(now=hands.now, outbox=(an_entry("o"),)))


def test_an_outbox_left_behind_is_published(store: Store, bus: NotingBus, hands: Hands) -> None:
    with_outbox(store, "old", hands)
    hands.move(seconds=9)
    with_outbox(store, "young", hands)
    hands.move(seconds=1)
    sweeper = a_sweeper(store, bus, hands)
    sweeper.run()
    assert bus.called == [("interview.publish", {"session": "old"})]
    assert store.sessions.load("old").outbox == ()  # type: ignore[union-attr]
    hands.move(seconds=10)
    sweeper.run()
    assert store.sessions.load("young").outbox == ()  # type: ignore[union-attr]
    hands.move(seconds=60)
    sweeper.run()
    assert len(bus.called) == 2


def test_a_session_that_cannot_publish_does_not_hide_the_others(store: Store, bus: NotingBus, hands: Hands) -> None:
    for name in ("a bad", "b", "c bad", "d"):
        with_outbox(store, name, hands)
    bus.refuses = {"a bad", "c bad"}
    hands.move(seconds=20)
    sweeper = a_sweeper(store, bus, hands)
    sweeper.run()
    assert [bool(store.sessions.load(name).outbox) for name in ("a bad", "b", "c bad", "d")] == [
        True,
        False,
        True,
        False,
    ]  # type: ignore[union-attr]
    bus.refuses = set()
    for _ in range(4):
        hands.move(seconds=5)
        sweeper.run()
    assert len(bus.called) == 6, "asked again after a while, not with every sweep"
    assert store.sessions.unpublished(older_than=hands.now, limit=9) == []


def test_tasks_that_nobody_holds_are_sent_again_less_and_less_often(store: Store, bus: NotingBus, hands: Hands) -> None:
    for name in ("queued", "running", "abandoned", "ended"):
        store.tasks.add(a_task(name, created=hands.now))
    store.tasks.claim("running", lease="a", now=hands.now, length=timedelta(minutes=60))
    store.tasks.claim("abandoned", lease="b", now=hands.now, length=timedelta(seconds=20))
    store.tasks.finish("ended", lease=None, status="done", result={}, now=hands.now)
    bus.consume("task", lambda job: None)  # a worker that gets them and dies each time
    sweeper = a_sweeper(store, bus, hands)
    for _ in range(12 * 30):
        sweeper.run()
        drained(bus)
        hands.move(seconds=5)
    for name in ("queued", "abandoned"):
        sent = [job for job in bus.sent if job.id == name]
        assert 6 <= len(sent) <= 9
        assert {(job.queue, job.body["task"]) for job in sent} == {("task", name)}
    assert {job.id for job in bus.sent} == {"queued", "abandoned"}


def drained(bus: NotingBus) -> None:
    """Wait until no job waits on the task queue."""
    moment = threading.Event()
    for _ in range(1000):
        if not bus.queues()["task"].ready:
            return
        moment.wait(0.005)
    raise AssertionError("the task queue does not empty")


def test_a_backlog_is_not_doubled(store: Store, bus: NotingBus, hands: Hands) -> None:
    for number in range(20):
        store.tasks.add(a_task(f"t{number}", created=hands.now))
        InProcessBus.send(bus, Job(queue="task", id=f"t{number}", body={"task": f"t{number}"}))
    sweeper = a_sweeper(store, bus, hands)
    for _ in range(30):
        sweeper.run()
        hands.move(seconds=5)
    assert bus.queues()["task"].ready == 20


def test_mails_kept_and_not_handled_are_sent(store: Store, bus: NotingBus, hands: Hands) -> None:
    store.mails.keep(a_mail("m1", received=hands.now))
    store.mails.keep(a_mail("m2", received=hands.now))
    store.mails.done("m2")
    sweeper = a_sweeper(store, bus, hands)
    sweeper.run()
    assert bus.sent == []
    hands.move(seconds=15)
    sweeper.run()
    assert [(job.queue, job.id, dict(job.body)) for job in bus.sent] == [("mail", "m1", {"mail": "m1"})]


def test_idle_sessions_are_deleted(store: Store, bus: NotingBus, hands: Hands) -> None:
    store.sessions.create(a_session("old", modified=hands.now))
    hands.move(days=1)
    store.sessions.create(a_session("used", modified=hands.now - timedelta(days=30)))
    store.sessions.create(a_session("new", modified=hands.now))
    hands.move(days=89, seconds=-1)
    assert store.sessions.commit("used", version=0, commit=a_commit(now=hands.now))
    sweeper = a_sweeper(store, bus, hands)
    sweeper.run()
    assert store.sessions.load("old") is not None
    hands.move(hours=1)
    sweeper.run()
    assert [store.sessions.load(name) is None for name in ("old", "used", "new")] == [True, False, False]
    assert bus.called == [("interview.delete", {"session": "old"})]


def test_sessions_may_be_kept_for_ever(store: Store, bus: NotingBus, hands: Hands) -> None:
    store.sessions.create(a_session(modified=hands.now))
    hands.move(days=36500)
    a_sweeper(store, bus, hands, days=None).run()
    assert store.sessions.load("s") is not None


def test_of_two_clocks_one_sweeps(store: Store, bus: NotingBus, hands: Hands) -> None:
    store.mails.keep(a_mail(received=hands.now))
    hands.move(minutes=1)
    for sweeper in (a_sweeper(store, bus, hands), a_sweeper(store, bus, hands)):
        sweeper.run()
    assert len(bus.sent) == 1


def test_a_bus_that_is_cut_ends_the_sweep_and_the_next_one_goes_on(store: Store, bus: NotingBus, hands: Hands) -> None:
    for number in range(4):
        store.mails.keep(a_mail(f"m{number}", received=hands.now))
    hands.move(minutes=1)
    bus.works_for = 2
    sweeper = a_sweeper(store, bus, hands)
    with pytest.raises(BusUnavailable):
        sweeper.run()
    bus.works_for = 10**9
    hands.move(minutes=1)
    sweeper.run()
    assert {job.id for job in bus.sent} == {"m0", "m1", "m2", "m3"}


def test_the_whole_clock_does_its_rounds_and_is_seen(store: Store, bus: NotingBus, hands: Hands) -> None:
    store.sessions.create(a_session(multi_user=True, allow_cron=True, events=("cron_hourly",), modified=hands.now))
    store.mails.keep(a_mail(received=hands.now - timedelta(minutes=1)))
    clock = build(load({}), store=store, bus=bus, clock=hands)
    clock.round()
    assert {job.queue for job in bus.sent} == {"tick", "mail"}
    (note,) = store.schedule.notes("service/clock/").values()
    assert (note["service"], note["seen"]) == ("clock", hands.now)
    bus.works_for = 0
    hands.move(hours=1)
    clock.round()  # what is cut is logged, and does not end the clock
    bus.works_for = 10**9
    clock.round()
    assert [job.queue for job in bus.sent].count("tick") == 2
    clock.close()
    assert store.schedule.notes("service/clock/") == {}


def test_services_that_stopped_long_ago_are_forgotten(store: Store, bus: NotingBus, hands: Hands) -> None:
    Heartbeat(store.schedule, service="worker", clock=hands).beat()
    hands.move(hours=23)
    clock = build(load({}), store=store, bus=bus, clock=hands)
    clock.round()
    assert len(store.schedule.notes("service/worker/")) == 1
    hands.move(hours=2)
    clock.round()
    assert store.schedule.notes("service/worker/") == {}


def test_a_clock_without_its_database_waits(store: Store, bus: NotingBus, hands: Hands) -> None:
    clock = build(load({}), store=store, bus=bus, clock=hands)
    store.close()
    with pytest.raises(StoreUnavailable):
        store.ping()
    clock.round()
    assert bus.sent == []
