"""A tick that comes while the one before still runs: it is skipped and told so, waits, or runs beside it. And who runs a tick besides clocks."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from services.clock import executor
from services.clock.executor import UNTIL, Executor, Progress
from services.clock.noting import PAUSED, Noter, Scheduled
from services.schedules.core import CatchUp, Schedule
from services.schedules.triggers import Interval
from services.schedules.words import Overlap
from shared.store.ports import Store
from shared.store.records import LedgerEntry
from tests.contract.clock.conftest import Hands
from tests.helpers.waiting import eventually

MINUTE = timedelta(minutes=1)


class Stuck:
    """Runs until it is let go; `running` are the ticks that do so now, `done` those that did."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.running: list[str] = []
        self.done: list[str] = []
        self._guard = threading.Lock()

    def run(self, progress: Progress) -> LedgerEntry:
        period = progress.entry.period
        with self._guard:
            self.running.append(period)
        assert self.go.wait(20)
        with self._guard:
            self.running.remove(period)
            self.done.append(period)
        return replace(progress.entry, outcome="ran")

    def resumes(self, entry: LedgerEntry) -> bool:
        return False

    def left(self, entry: LedgerEntry) -> int:
        return 1


class World:
    def __init__(
        self,
        store: Store,
        hands: Hands,
        overlap: Overlap | None,
        *,
        name: str = "job",
        catch_up: CatchUp = CatchUp.ONCE,
    ) -> None:
        self.store, self.hands, self.work, self.name = store, hands, Stuck(), name
        schedule = Schedule(name=name, trigger=Interval(MINUTE), catch_up=catch_up)
        self.scheduled = [Scheduled(schedule, "job", overlap)]
        self.noter = Noter(self.scheduled, ledger=store.ledger, claims=store.schedule, clock=hands)
        self.executor = Executor({"job": self.work}, self.scheduled, ledger=store.ledger, clock=hands)
        self.noter.run()

    def look(self) -> None:
        self.noter.run()
        self.executor.run()

    def minutes(self, count: int) -> None:
        for _ in range(count):
            self.hands.now += MINUTE
            self.look()

    def ended(self) -> list[tuple[str, str]]:
        self.work.go.set()
        assert self.executor.wait(20)
        self.look()
        assert self.executor.wait(20)
        entries = reversed(self.store.ledger.page(self.name).lines)
        return [(one.outcome, "" if one.outcome in ("ran", "late") else one.reason) for one in entries]


@pytest.mark.parametrize(
    ("overlap", "at_once", "expected"),
    [
        (Overlap.SKIP, 1, [("ran", ""), ("skipped", "overlap"), ("skipped", "overlap")]),
        (Overlap.QUEUE, 1, [("ran", ""), ("late", ""), ("ran", "")]),
        (Overlap.ALLOW, 3, [("ran", ""), ("ran", ""), ("ran", "")]),
        (None, 1, [("ran", ""), ("skipped", "catch up"), ("ran", "")]),
    ],
)
def test_what_becomes_of_ticks_while_one_runs(
    store: Store, hands: Hands, overlap: Overlap | None, at_once: int, expected: list[tuple[str, str]]
) -> None:
    world = World(store, hands, overlap)
    world.minutes(1)
    eventually(lambda: len(world.work.running) == 1)
    world.minutes(2)
    eventually(lambda: len(world.work.running) == at_once)
    hands.now += timedelta(seconds=1)
    assert world.ended() == expected
    assert sorted(world.work.done) == sorted(set(world.work.done)), "none runs twice"


@pytest.mark.parametrize(("overlap", "skipped"), [(Overlap.QUEUE, 3), (Overlap.ALLOW, 4)])
def test_no_queue_grows_for_ever(
    store: Store, hands: Hands, overlap: Overlap, skipped: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "WAITING", 3)
    world = World(store, hands, overlap)
    world.minutes(1)
    eventually(lambda: len(world.work.running) == 1)
    world.minutes(6)
    ended = world.ended()
    assert ended.count(("skipped", "overlap")) == skipped
    assert len(world.work.done) == 7 - skipped


def test_however_much_waits_of_one_schedule_another_has_its_turn(
    store: Store, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "AT_ONCE", 4)
    many = World(store, hands, None, catch_up=CatchUp.ALL)
    other = World(store, hands, None, name="other")
    other.work.go.set()
    kinds = {"job": many.work, "other": other.work}
    scheduled = [*many.scheduled, replace(other.scheduled[0], kind="other")]
    noter = Noter(scheduled, ledger=store.ledger, claims=store.schedule, clock=hands)
    one = Executor(kinds, scheduled, ledger=store.ledger, clock=hands)
    hands.now += 10 * MINUTE
    noter.run()
    one.run()
    eventually(lambda: len(other.work.done) == 1)
    many.work.go.set()
    assert one.wait(20)


def test_what_a_crontab_line_runs_is_left_to_it_until_it_cannot_run_any_more(store: Store, hands: Hands) -> None:
    world = World(store, hands, Overlap.SKIP)
    world.work.go.set()
    hands.now += MINUTE
    until = hands.now + timedelta(minutes=5)
    entry = LedgerEntry(
        schedule="job", period=f"{hands.now:%Y-%m-%dT%H:%M:%SZ}", kind="job", due=hands.now, by="craft-1",
        outcome="running", began=hands.now, detail={UNTIL: until.isoformat()},
    )  # fmt: skip
    assert store.ledger.note(entry)
    world.look()
    assert world.executor.wait(20)
    assert [one.outcome for one in store.ledger.page("job").lines] == ["running"]
    hands.now = until + timedelta(seconds=1)
    world.look()
    assert world.executor.wait(20)
    first = store.ledger.page("job").lines[-1]
    assert (first.outcome, first.reason) == ("failed", "killed")


def _sample(name: str, outcome: str) -> float | None:
    return REGISTRY.get_sample_value("parley_schedule_ticks_total", {"schedule": name, "outcome": outcome})


def _counted(name: str, outcome: str) -> float:
    return _sample(name, outcome) or 0.0


def test_ticks_that_were_passed_over_are_counted_and_lag_grows_while_one_waits(store: Store, hands: Hands) -> None:
    name = f"counted {id(store)}"
    world = World(store, hands, None, name=name)
    assert all(_sample(name, outcome) == 0 for outcome in ("ran", "late", "skipped", "failed"))
    world.work.go.set()
    hands.now += 5 * MINUTE
    world.look()
    assert world.executor.wait(20)
    assert (_counted(name, "skipped"), _counted(name, "ran")) == (4, 1)
    store.schedule.note(f"{PAUSED}{name}", {"at": hands.now})
    world.minutes(1)
    assert _counted(name, "skipped") == 5
    store.schedule.forget(f"{PAUSED}{name}")
    world.work.go.clear()
    world.minutes(2)
    hands.now += timedelta(seconds=30)
    world.look()
    assert REGISTRY.get_sample_value("parley_schedule_lag_seconds", {"schedule": name}) == 30
    world.ended()


def test_who_leads_no_more_tells_no_lag(store: Store, hands: Hands) -> None:
    name = f"led {id(store)}"
    lag = lambda: REGISTRY.get_sample_value("parley_schedule_lag_seconds", {"schedule": name})  # noqa: E731
    world = World(store, hands, None, name=name)
    world.work.go.set()
    hands.now += MINUTE + timedelta(seconds=40)
    world.look()
    assert world.executor.wait(20)
    assert lag() == 40
    hands.now += 2 * executor.LEAD
    assert store.ledger.lead("another", now=hands.now, length=executor.LEAD)
    world.executor.run()
    assert lag() == 0


def test_a_schedule_whose_name_another_begins_with_does_not_pause_with_it(store: Store, hands: Hands) -> None:
    world = World(store, hands, None, name="test.heartbeat")
    world.work.go.set()
    store.schedule.note(f"{PAUSED}test.heartbeat (2)", {"at": hands.now})
    world.minutes(1)
    assert world.executor.wait(20)
    assert [one.outcome for one in store.ledger.page("test.heartbeat").lines] == ["ran"]
