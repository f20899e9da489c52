"""Whatever clocks do, every tick is in the ledger once, with the outcome that a model of ten lines says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.clock.executor import LEAD, Executor, Lost, Progress
from services.clock.noting import Noter, Scheduled
from services.schedules.core import PUNCTUAL, CatchUp, Schedule, Tick
from services.schedules.triggers import parse
from shared.store.ports import Ledger, Store
from shared.store.records import LedgerEntry
from tests.helpers.examples import examples
from tests.helpers.memory import memory_store

#: The last Sunday of March and of October are within reach: summer time begins and ends in most of these zones.
STARTS = (
    datetime(2026, 3, 28, 11, tzinfo=UTC),
    datetime(2026, 10, 24, 11, tzinfo=UTC),
    datetime(2028, 2, 28, 11, tzinfo=UTC),
)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
WORDS: tuple[Mapping[str, object], ...] = (
    {"type": "interval", "minutes": 5},
    {"type": "interval", "hours": 1},
    {"type": "cron", "hour": 2, "minute": 30},
    {"type": "cron", "hour": "*/6"},
    {"type": "cron", "minute": "*/20"},
    {"type": "cron", "day": "last", "hour": 3},
    {"type": "cron", "day_of_week": "sun", "hour": 2, "minute": 15},
)


def model(schedule: Schedule, looks: list[datetime]) -> dict[datetime, str]:
    """What becomes of each tick, by the moments at which some clock looked. The first look begins, and nothing is made up for."""
    outcomes: dict[datetime, str] = {}
    seen = looks[0]
    for now in looks[1:]:
        ticks, at = [], schedule.trigger.next(seen)
        while at is not None and at <= now:
            ticks.append(at)
            at = schedule.trigger.next(at)
        for at in ticks:
            punctual, newest = now - at <= PUNCTUAL, at == ticks[-1]
            runs = {CatchUp.ONCE: newest, CatchUp.ALL: True, CatchUp.SKIP: punctual}[schedule.catch_up]
            outcomes[at] = ("ran" if punctual else "late") if runs else "skipped"
        seen = max(seen, now)
    return outcomes


class Work:
    """Runs at once; while `dies` is set its clock dies in the middle."""

    def __init__(self) -> None:
        self.dies = False
        self.done: list[str] = []

    def run(self, progress: Progress) -> LedgerEntry:
        if self.dies:
            raise Lost
        self.done.append(progress.entry.period)
        return replace(progress.entry, outcome="ran")

    def resumes(self, entry: LedgerEntry) -> bool:
        return True

    def left(self, entry: LedgerEntry) -> int:
        return 0


class World:
    def __init__(self, store: Store, schedule: Schedule, now: datetime) -> None:
        self.store, self.schedule, self.now = store, schedule, now
        self.work = Work()
        self.looks: list[datetime] = []
        self.restart()

    def restart(self) -> None:
        """Another clock in the place of the one before, which left no word."""
        scheduled = [Scheduled(self.schedule, "work")]
        clock = lambda: self.now  # noqa: E731
        self.noter = Noter(scheduled, ledger=self.store.ledger, claims=self.store.schedule, clock=clock)
        self.executor = Executor({"work": self.work}, scheduled, ledger=self.store.ledger, clock=clock)

    def look(self) -> None:
        self.looks.append(self.now)
        self.noter.run()
        self.executor.run()
        assert self.executor.wait(20)


def lines(store: Store, name: str) -> Iterator[LedgerEntry]:
    """All of them: a schedule of every five minutes that catches up with all of a week has thousands."""
    page = store.ledger.page(name, limit=100)
    yield from page.lines
    while page.after is not None:
        page = store.ledger.page(name, after=page.after, limit=100)
        yield from page.lines


def accounted(store: Store, schedule: Schedule) -> dict[datetime, str]:
    """The outcome of each tick, from the ledger; fails if one is there twice."""
    found: dict[datetime, str] = {}
    for entry in lines(store, schedule.name):
        at: datetime | None = entry.first or entry.due
        for _ in range(entry.count):
            assert at is not None
            assert at not in found
            found[at] = entry.outcome
            at = schedule.trigger.next(at)
        assert found[entry.due] == entry.outcome, "its last tick is the one that it is named after"
    return found


steps = st.lists(
    st.one_of(
        st.integers(1, 90).map(lambda n: timedelta(seconds=n)),
        st.integers(1, 240).map(lambda n: timedelta(minutes=n)),
        st.integers(1, 40).map(lambda n: timedelta(hours=n)),
        st.integers(1, 5).map(lambda n: -timedelta(hours=n)),
        st.just(timedelta(0)),
    ),
    min_size=1,
    max_size=8,
)


@given(
    st.sampled_from(WORDS),
    st.sampled_from(ZONES),
    st.sampled_from(STARTS),
    st.sampled_from(list(CatchUp)),
    steps,
    st.lists(st.booleans(), min_size=8, max_size=8),
)
@example(  # more ticks than a page of the ledger holds
    words=WORDS[0],
    zone="Europe/Berlin",
    start=STARTS[1],
    catch_up=CatchUp.ALL,
    moves=[timedelta(hours=30), -timedelta(hours=3), timedelta(hours=9)],
    others=[False, True, True],
)
@examples(30)
def test_the_ledger_agrees_with_the_model(
    words: Mapping[str, object],
    zone: str,
    start: datetime,
    catch_up: CatchUp,
    moves: list[timedelta],
    others: list[bool],
) -> None:
    schedule = Schedule(name="s", trigger=parse(words, zone=ZoneInfo(zone)), catch_up=catch_up)
    store = memory_store()
    try:
        world = World(store, schedule, start)
        world.look()
        for move, another in zip(moves, others, strict=False):
            if another:
                world.executor.stop()
                world.restart()
            world.now += move
            world.look()
        assert accounted(store, schedule) == model(schedule, world.looks)
        periods = world.work.done
        assert len(periods) == len(set(periods)), "no tick ran twice"
    finally:
        store.close()


def test_what_a_dead_clock_or_a_crontab_line_noted_is_not_noted_again() -> None:
    """A clock that died before it kept where it had come to, and a tick that ran by itself in the middle of what is passed over."""
    schedule = Schedule(name="s", trigger=parse(WORDS[0], zone=ZoneInfo("UTC")))
    store = memory_store()
    try:
        world = World(store, schedule, STARTS[0])
        world.look()
        noted = [STARTS[0] + timedelta(minutes=minutes) for minutes in (5, 10, 20)]
        kept = LedgerEntry(schedule="s", period="", kind="work", due=noted[1], outcome="skipped")
        store.ledger.note(replace(kept, period=Tick("s", noted[1]).period, first=noted[0], count=2))
        store.ledger.note(replace(kept, period=Tick("s", noted[2]).period, due=noted[2], outcome="ran"))
        world.now += timedelta(minutes=31)
        world.look()
        found = accounted(store, schedule)
        assert [found[STARTS[0] + timedelta(minutes=5 * number)] for number in range(1, 7)] == [
            "skipped", "skipped", "skipped", "ran", "skipped", "ran",
        ]  # fmt: skip
        assert len(found) == 6
    finally:
        store.close()


class Still:
    """A ledger under which a clock stands still before its `at`-th note, while `meanwhile` happens."""

    def __init__(self, ledger: Ledger, *, at: int, meanwhile: Callable[[], None]) -> None:
        self._ledger, self._left, self._meanwhile = ledger, at, meanwhile
        self.page = ledger.page

    def note(self, entry: LedgerEntry) -> bool:
        self._left -= 1
        if self._left == 0:
            self._meanwhile()
        return self._ledger.note(entry)


@pytest.mark.parametrize("catch_up", list(CatchUp))
@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("later", [timedelta(seconds=31), timedelta(minutes=22)])
def test_a_leader_that_stands_still_in_the_middle_of_noting_overlaps_with_nothing(
    catch_up: CatchUp, at: int, later: timedelta
) -> None:
    """Another clock leads by then, and has noted what it found itself, with other ticks passed over."""
    within = timedelta(minutes=10) if catch_up is CatchUp.ALL else None
    schedule = Schedule(name="s", trigger=parse(WORDS[0], zone=ZoneInfo("UTC")), catch_up=catch_up, within=within)
    store = memory_store()
    try:
        world = World(store, schedule, STARTS[0])
        world.look()
        world.now += timedelta(minutes=24, seconds=50)

        def meanwhile() -> None:
            world.now += later
            world.restart()
            world.look()

        scheduled = [Scheduled(schedule, "work")]
        still = Still(store.ledger, at=at, meanwhile=meanwhile)
        Noter(scheduled, ledger=still, claims=store.schedule, clock=lambda: world.now).run()  # type: ignore[arg-type]
        world.now += timedelta(minutes=5)
        world.look()
        expected = [STARTS[0] + timedelta(minutes=5 * number) for number in range(1, 11)]
        assert sorted(accounted(store, schedule)) == [one for one in expected if one <= world.now]
    finally:
        store.close()


@pytest.mark.parametrize("mine", [0, 1])
def test_of_two_clocks_that_look_from_the_same_place_one_notes(mine: int) -> None:
    """One has read where to begin, and stands still before it claims its look."""
    schedule = Schedule(name="s", trigger=parse(WORDS[0], zone=ZoneInfo("UTC")))
    store = memory_store()
    try:
        world = World(store, schedule, STARTS[0])
        world.look()
        world.now += timedelta(minutes=15)
        read = store.schedule.last

        def last(key: str) -> str | None:
            found = read(key)
            world.now += timedelta(minutes=11 * mine)
            world.restart()
            claims.last = read
            world.look()
            return found

        claims = SimpleNamespace(last=last, move=store.schedule.move, notes=store.schedule.notes)
        Noter([Scheduled(schedule, "work")], ledger=store.ledger, claims=claims, clock=lambda: world.now).run()
        assert len(accounted(store, schedule)) == (5 if mine else 3)
    finally:
        store.close()


@given(st.sampled_from(WORDS), steps, st.lists(st.booleans(), min_size=8, max_size=8))
@examples(20)
def test_clocks_that_die_in_the_middle_leave_no_tick_unaccounted(
    words: Mapping[str, object], moves: list[timedelta], deaths: list[bool]
) -> None:
    schedule = Schedule(name="s", trigger=parse(words, zone=ZoneInfo("UTC")))
    store = memory_store()
    try:
        world = World(store, schedule, STARTS[0])
        world.look()
        for move, dies in zip(moves, deaths, strict=False):
            world.now += move
            world.work.dies = dies
            world.look()
            if dies:
                world.restart()
        world.work.dies = False
        latest = max(world.looks)
        world.now = max(world.now, latest) + LEAD + timedelta(seconds=1)
        world.restart()
        world.look()
        world.look()
        found = accounted(store, schedule)
        assert set(found.values()) <= {"ran", "late", "skipped"}
        at, expected = schedule.trigger.next(world.looks[0]), []
        while at is not None and at <= world.now:
            expected.append(at)
            at = schedule.trigger.next(at)
        assert sorted(found) == expected
        assert len(world.work.done) == len(set(world.work.done))
    finally:
        store.close()
