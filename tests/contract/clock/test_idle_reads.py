"""How often a clock with nothing to do asks its database. (Not how long that takes.)"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.clock.build import LOOK, ROUND, Clock, build
from services.clock.executor import ELSEWHERE, LEAD, Executor, Progress
from services.clock.noting import Noter, Scheduled
from services.clock.sweeps import BATCH
from services.schedules.core import Schedule
from services.schedules.triggers import Interval
from services.settings import load
from shared.store.ports import Store
from shared.store.records import LedgerEntry
from tests.contract.clock.conftest import Hands, NotingBus
from tests.contract.clock.test_sweeps import a_sweeper, keep_lasting
from tests.contract.store.make import a_session
from tests.contract.store.reads import Reads, counted
from tests.helpers.state import AWAY
from tests.helpers.waiting import eventually

#: Ten minutes after an hour, so that within some minutes nothing is due.
QUIET = datetime(2026, 1, 15, 12, 10, tzinfo=UTC)


class Looks:
    """What a clock does in a second, and in each fifth besides, by a time that the test moves."""

    def __init__(self, clock: Clock, hands: Hands) -> None:
        self.clock, self.hands = clock, hands

    def seconds(self, count: int) -> None:
        for number in range(count):
            self.hands.move(seconds=LOOK)
            self.clock.look()
            if number % round(ROUND / LOOK) == 0:
                self.clock.sweep()


def test_a_clock_with_nothing_to_do_asks_little(alone: Store, bus: NotingBus) -> None:
    hands = Hands(QUIET)
    looks = Looks(build(load(AWAY), store=alone, bus=bus, clock=hands), hands)
    looks.seconds(65)
    with counted(alone) as reads:
        looks.seconds(60)
    looks.clock.close()
    # Of MongoDB: 12 beats, 12 sweeps of ten, 30 looks for what operators ask, 12 at the ledger, 6 to lead, some counts.
    assert reads.commands <= 175, Counter(collection for collection, _ in reads.finds)
    assert reads.rows <= 60
    assert sum("ledger" in plan for plan in reads.plans) <= 12, "nothing was open: every five seconds is enough"
    assert set(bus.looked) == {True}, "nothing is to be sent again: how many jobs are delayed is nobody's business"


class Done:
    """A kind of tick that is done at once."""

    def __init__(self) -> None:
        self.periods: list[str] = []

    def run(self, progress: Progress) -> LedgerEntry:
        self.periods.append(progress.entry.period)
        return replace(progress.entry, outcome="ran")

    def resumes(self, entry: LedgerEntry) -> bool:
        return True

    def left(self, entry: LedgerEntry) -> int:
        return 1


class Led:
    """A clock of one schedule, which ticks each minute; its executor need not ask the ledger at each look."""

    def __init__(self, store: Store, hands: Hands) -> None:
        scheduled = [Scheduled(Schedule(name="job", trigger=Interval(timedelta(minutes=1))), "job")]
        self.store, self.work = store, Done()
        self.executor = Executor({"job": self.work}, scheduled, ledger=store.ledger, clock=hands, elsewhere=ELSEWHERE)
        self.noter = Noter(
            scheduled, ledger=store.ledger, claims=store.schedule, clock=hands, noting=self.executor.expect
        )

    def look(self) -> None:
        if self.executor.leads():
            self.noter.run()
        self.executor.run()


def test_a_tick_runs_at_the_look_that_notes_it_though_nothing_was_open(alone: Store) -> None:
    hands = Hands(QUIET)
    clock = Led(alone, hands)
    for second in range(1, 121):
        hands.move(seconds=1)
        clock.look()
        assert clock.executor.wait(20)
        assert alone.ledger.open() == [], f"second {second}"
    assert len(clock.work.periods) == 2


def test_what_another_process_noted_is_seen_within_seconds(alone: Store) -> None:
    hands = Hands(QUIET)
    clock = Led(alone, hands)
    clock.look()
    alone.ledger.note(LedgerEntry(schedule="job", period="p", kind="job", due=hands.now, step=60.0))
    hands.move(seconds=ELSEWHERE.total_seconds() - 1)
    clock.look()
    assert [one.period for one in alone.ledger.open()] == ["p"]
    hands.move(seconds=1)
    clock.look()
    eventually(lambda: clock.work.periods == ["p"], seconds=20)


def test_who_comes_to_lead_asks_at_once(alone: Store) -> None:
    hands = Hands(QUIET)
    first, second = Led(alone, hands), Led(alone, hands)
    first.look()
    second.look()
    hands.move(seconds=1)
    alone.ledger.note(LedgerEntry(schedule="job", period="p", kind="job", due=hands.now, step=60.0))
    hands.move(seconds=LEAD.total_seconds())
    second.look()
    eventually(lambda: "p" in second.work.periods, seconds=20)
    assert first.work.periods == []


def test_a_sweep_looks_at_those_files_only_that_are_due(alone: Store, bus: NotingBus, hands: Hands) -> None:
    alone.sessions.create(a_session("there", modified=hands.now))
    for _ in range(BATCH + 20):
        keep_lasting(alone, "there", hands)
    sweeper = a_sweeper(alone, bus, hands, days=None, lasting_files=timedelta(days=365))

    def cost() -> Reads:
        hands.move(hours=1)
        with counted(alone) as reads:
            sweeper.lasting_files()
        return reads

    nothing = cost()
    hands.move(days=365)
    for _ in range(300):
        keep_lasting(alone, "young", hands)
    due = cost()
    assert due.rows >= BATCH + 20
    again = cost()
    assert (again.rows, again.commands) == (nothing.rows, nothing.commands)
    assert again.steps <= nothing.steps + 50
    hands.move(days=365)
    assert cost().rows >= BATCH + 320
    assert {session for _, session in alone.files.unused(before=hands.now + timedelta(1), limit=1000)} == {"there"}
