"""What a crash left behind is found and done; what cannot be done does not stand in the way of the rest."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from services.clock.build import build
from services.clock.idle import Idle, Retention
from services.clock.sweeps import Sweeper
from services.clock.ticks import InterviewTicks
from services.heartbeat import Heartbeat
from services.settings import load
from shared.bus.inprocess import InProcessBus
from shared.bus.messages import BusUnavailable, Job
from shared.store.ports import Store, StoreUnavailable
from shared.store.readers import for_everybody
from shared.store.records import Visit
from tests.contract.clock.conftest import Hands, NotingBus
from tests.contract.store.make import a_commit, a_mail, a_run, a_session, a_task, an_entry
from tests.helpers.state import AWAY
from tests.helpers.waiting import eventually


def a_sweeper(store: Store, bus: NotingBus, hands: Hands, *, days: int | None = 90, **given: Any) -> Sweeper:
    return Sweeper(
        store=store,
        bus=bus,
        clock=hands,
        interval=timedelta(seconds=5),
        idle=an_idle(store, bus, hands, days=days),
        **given,
    )


def an_idle(store: Store, bus: NotingBus, hands: Hands, *, days: int | None = 90, **given: Any) -> Idle:
    kept: dict[str, Any] = {"days": days or 0, "by_interview": {}, "people": False, **given}
    ticks = InterviewTicks(sessions=store.sessions, bus=bus, seconds=5, pauses=())
    offers = lambda interview: ticks.may_offer(interview, ("cron_hourly", "cron_daily"))  # noqa: E731
    return Idle(store.sessions, bus, Retention(**kept), clock=hands, offers=offers)


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
    store.tasks.claim("running", lease="a", now=hands.now, length=timedelta(minutes=5))
    store.tasks.claim("abandoned", lease="b", now=hands.now, length=timedelta(seconds=20))
    store.tasks.finish("ended", lease=None, status="done", result={}, now=hands.now)
    bus.consume("task", lambda job: None)  # a worker that gets them and dies each time
    sweeper = a_sweeper(store, bus, hands)
    for _ in range(12 * 30):
        assert store.tasks.heartbeat("running", lease="a", now=hands.now, length=timedelta(minutes=5))
        sweeper.run()
        drained(bus)
        hands.move(seconds=5)
        assert store.tasks.heartbeat("running", lease="a", now=hands.now, length=timedelta(minutes=5))
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
    assert bus.looked[-2] is False, "jobs that are delayed count"


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


def test_what_is_left_of_uploads_goes_after_a_day(store: Store, bus: NotingBus, hands: Hands) -> None:
    for number in range(250):
        store.uploads.append("s", f"u{number}", offset=0, piece=b"x", now=hands.now)
    hands.move(hours=23)
    store.uploads.append("s", "young", offset=0, piece=b"x", now=hands.now)
    sweeper = a_sweeper(store, bus, hands)
    sweeper.run()
    assert store.uploads.find("s", "u1") is not None
    hands.move(hours=2)
    sweeper.run()
    assert [one.id for one in store.uploads.old(before=hands.now)] == ["young"]
    assert list(store.uploads.pieces("s", "u249")) == []


def test_of_tasks_and_mails_of_long_ago_only_what_came_of_them_stays(
    store: Store, bus: NotingBus, hands: Hands
) -> None:
    result = {"ok": False, "value": None, "error_type": "E", "error_message": "m", "error_trace": "line 3"}
    for number in range(120):
        store.tasks.add(a_task(f"t{number}", arguments=b"answers", created=hands.now))
        store.tasks.finish(f"t{number}", lease=None, status="failed", result=result, now=hands.now)
    once = ("mail.m", "notice.n", "complaint/c", "asked/a")
    for key in once:
        store.schedule.claim(key, period="sent", now=hands.now)
    store.schedule.claim("cron_monthly", period="2026-01", now=hands.now)
    sweeper = a_sweeper(store, bus, hands, days=None)
    hands.move(days=29)
    sweeper.run()
    whole = store.tasks.get("t0")
    assert whole is not None
    assert (whole.arguments, whole.result) == (b"answers", result)
    hands.move(days=2)
    sweeper.run()
    for name in ("t0", "t119"):
        task = store.tasks.get(name)
        assert task is not None
        assert (task.arguments, task.status, task.result) == (b"", "failed", {**result, "error_trace": ""})
    assert store.tasks.untrimmed(before=hands.now).lines == ()
    assert [store.schedule.last(key) for key in once] == [None] * len(once)
    assert store.schedule.last("cron_monthly") == "2026-01"


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
    before = (hands.now - timedelta(days=90)).isoformat()
    assert bus.called == [("interview.expire", {"session": "old", "before": before, "people": False})]


def test_sessions_may_be_kept_for_ever(store: Store, bus: NotingBus, hands: Hands) -> None:
    store.sessions.create(a_session(modified=hands.now))
    hands.move(days=36500)
    a_sweeper(store, bus, hands, days=None).run()
    assert store.sessions.load("s") is not None


def test_a_session_that_waits_for_its_day_is_not_idle(store: Store, bus: NotingBus, hands: Hands) -> None:
    bus.offers = {"a:one.yml": ("cron_daily",), "b:two.yml": ()}
    for name, interview in (("waits", "a:one.yml"), ("no event", "b:two.yml"), ("broken", "c:three.yml")):
        store.sessions.create(a_session(name, interview=interview, scheduled=True, modified=hands.now))
    hands.move(days=120)
    a_sweeper(store, bus, hands).run()
    # One whose interview does not load is listed with the tick; it is mended, and the session's day may come.
    assert [store.sessions.exists(name) for name in ("waits", "no event", "broken")] == [True, False, True]


def test_an_operator_may_have_people_counted_for_all_sessions(store: Store, bus: NotingBus, hands: Hands) -> None:
    bus.offers = {"a:one.yml": ("cron_daily",)}
    began = hands.now
    for name in ("alone", "visited"):
        store.sessions.create(a_session(name, interview="a:one.yml", scheduled=True, modified=began, accessed=began))
    hands.move(days=120)
    store.sessions.visit("visited", Visit(who="-1", at=hands.now))
    an_idle(store, bus, hands, people=True).run()
    assert [store.sessions.exists(name) for name in ("alone", "visited")] == [False, True]


def test_days_of_single_interviews(store: Store, bus: NotingBus, hands: Hands) -> None:
    for name in ("a:one.yml", "a:data/questions/one.yml", "b:two.yml", "c:three.yml"):
        store.sessions.create(a_session(name, interview=name, modified=hands.now))
    hands.move(days=40)
    idle = an_idle(store, bus, hands, by_interview={"a:one.yml": 30, "b:two.yml": 0})
    idle.run()
    hands.move(days=60)
    idle.run()
    names = ("a:one.yml", "a:data/questions/one.yml", "b:two.yml", "c:three.yml")
    assert [store.sessions.exists(name) for name in names] == [False, False, True, False]


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
    bus.offers = {"demos:welcome.yml": ("cron_hourly",)}
    store.sessions.create(a_session(scheduled=True, modified=hands.now))
    store.mails.keep(a_mail(received=hands.now - timedelta(minutes=1)))
    clock = build(load(AWAY), store=store, bus=bus, clock=hands)
    clock.round()
    assert {job.queue for job in bus.sent} == {"mail"}
    (note,) = store.schedule.notes("service/clock/").values()
    assert (note["service"], note["seen"]) == ("clock", hands.now)
    bus.works_for = 0
    hands.move(hours=1)
    clock.round()  # what is cut is logged, and does not end the clock
    bus.works_for = 10**9
    clock.round()
    eventually(lambda: [event for event, _, _ in bus.ticked] == ["cron_hourly"], seconds=20)
    clock.close()
    assert store.schedule.notes("service/clock/") == {}


def test_services_that_stopped_long_ago_are_forgotten(store: Store, bus: NotingBus, hands: Hands) -> None:
    Heartbeat(store.schedule, service="worker", clock=hands).beat()
    hands.move(hours=23)
    clock = build(load(AWAY), store=store, bus=bus, clock=hands)
    clock.round()
    assert len(store.schedule.notes("service/worker/")) == 1
    hands.move(hours=2)
    clock.round()
    assert store.schedule.notes("service/worker/") == {}


def test_a_clock_without_its_database_waits(store: Store, bus: NotingBus, hands: Hands) -> None:
    clock = build(load(AWAY), store=store, bus=bus, clock=hands)
    store.close()
    with pytest.raises(StoreUnavailable):
        store.ping()
    clock.round()
    assert bus.sent == []


def test_what_jobs_kept_goes_when_it_is_as_old_as_an_idle_session(store: Store, bus: NotingBus, hands: Hands) -> None:
    keep = partial(store.files.put, mimetype="text/plain", content=[b"x"])
    keep(session="scheduler", filename="old", now=hands.now)
    keep(session="s", filename="of a session", now=hands.now)
    hands.move(days=60)
    keep(session="scheduler", filename="new", now=hands.now)
    hands.move(days=31)
    sweeper = Sweeper(
        store=store,
        bus=bus,
        clock=hands,
        interval=timedelta(seconds=5),
        idle=an_idle(store, bus, hands, days=None),
        job_files=timedelta(days=90),
    )
    sweeper.run()
    assert [one.filename for one in store.files.of_session("scheduler")] == ["new"]
    assert len(store.files.of_session("s")) == 1


def keep_lasting(store: Store, session: str, hands: Hands) -> int:
    whose = for_everybody(session, lasting=True)
    return store.files.put(session=whose, filename="f", mimetype="m", content=[b"x"], now=hands.now).number


def test_files_that_outlast_their_sessions_go_when_nobody_has_used_them_for_long(
    store: Store, bus: NotingBus, hands: Hands
) -> None:
    store.sessions.create(a_session("there", modified=hands.now))
    left, read, mine, later = (keep_lasting(store, name, hands) for name in ("gone", "gone", "there", "there"))
    ordinary = store.files.put(session="gone", filename="f", mimetype="m", content=[b"x"], now=hands.now).number
    sweeper = a_sweeper(store, bus, hands, days=None, lasting_files=timedelta(days=365))
    ever = a_sweeper(store, bus, hands, days=None, lasting_files=None)

    def stay(*numbers: int) -> bool:
        hands.move(hours=1)
        sweeper.run()
        there = {one for one in (left, read, mine, later, ordinary) if store.files.info(one) is not None}
        return there == {*numbers, ordinary}

    hands.move(days=300)
    store.files.use(read, now=hands.now)
    assert stay(left, read, mine, later)
    hands.move(days=65)
    ever.run()
    assert store.files.info(left) is not None
    assert stay(read, mine, later)
    store.sessions.delete("there")
    hands.move(days=300)
    assert stay(mine, later)
    hands.move(days=65)
    assert stay()


def test_what_runs_said_is_forgotten_after_a_month(store: Store, bus: NotingBus, hands: Hands) -> None:
    store.runs.append(a_run("old", kind="cron", at=hands.now))
    hands.move(days=1)
    store.runs.append(a_run("new", kind="cron", at=hands.now))
    hands.move(days=29, seconds=1)
    a_sweeper(store, bus, hands).run()
    assert [run.id for run in store.runs.page("cron").lines] == ["new"]


def test_a_task_is_sent_again_to_its_own_queue_and_a_queue_that_nobody_serves_is_told(
    store: Store, bus: NotingBus, hands: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    bus.consume("task", lambda job: None)
    store.tasks.add(a_task("slow", created=hands.now, queue="task.slow", priority=-1))
    store.tasks.add(a_task("gone", created=hands.now, queue="task.gone"))  # of a configuration of before
    sweeper = a_sweeper(store, bus, hands)
    hands.move(seconds=20)
    sweeper.run()
    assert [(job.queue, dict(job.body)) for job in bus.sent] == [
        ("task", {"task": "gone", "priority": 0}),
        ("task.slow", {"task": "slow", "priority": -1}),
    ]
    hands.move(seconds=5)
    sweeper.run()
    told = [record for record in caplog.records if record.message == "queue_unserved"]
    assert [(record.queue, record.count) for record in told] == [("task.slow", 1)]  # type: ignore[attr-defined]
