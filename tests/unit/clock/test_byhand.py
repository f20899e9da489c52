"""A schedule run by hand: in every session that offers it, and asked for by another process through notes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.clock.byhand import ANSWERED, ASKED, ByHand, Listener, ask, previous
from services.clock.noting import Scheduled
from services.logs import session_hash
from services.schedules.core import Schedule, Tick
from services.schedules.triggers import parse
from shared.contract.errors import Busy
from shared.contract.ticks import Ticked, TickError
from shared.runner.call import Called, CallError, Failed
from shared.store.sqlite import SqliteStore
from tests.helpers.memory import memory_store
from tests.helpers.waiting import eventually

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
DAILY = Schedule(name="cron_daily", trigger=parse({"type": "cron", "hour": 3, "minute": 0}, zone=ZoneInfo("UTC")))
ERROR = TickError(type="KeyError", file="demos:a.yml", block="b", line=3)


class Ticks:
    """Interviews with their sessions; `ends` is what comes of a session's tick, an exception is raised."""

    def __init__(self) -> None:
        self.offered = {"demos:a.yml": "", "demos:broken.yml": "it does not load", "demos:other.yml": None}
        self.sessions = {"demos:a.yml": ["s1", "s2", "s3", "s4"]}
        self.ends: dict[str, Ticked | Exception] = {
            "s1": Ticked(outcome="ran", said="two letters"),
            "s2": Ticked(outcome="already"),
            "s3": Ticked(outcome="failed", error=ERROR),
            "s4": Busy("no process"),
        }
        self.periods: list[str] = []

    def interviews(self) -> list[str]:
        return list(self.offered)

    def offers(self, interview: str, event: str) -> str | None:
        return self.offered[interview]

    def sessions_of(self, interview: str) -> list[str]:
        return self.sessions.get(interview, [])

    def tick(self, session: str, name: str, period: str, step: float, *, again: bool) -> Ticked:
        self.periods.append(period)
        ended = self.ends[session]
        if isinstance(ended, Exception):
            raise ended
        return ended


class Jobs:
    called = Called(value={"printed": "one\ntwo\n"})

    def named(self, name: str) -> object | None:
        return object() if name == "office.count" else None

    def call(self, job: object) -> Called:
        return self.called


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    made = memory_store()
    yield made
    made.close()


def a_hand(ticks: Ticks, jobs: Jobs, swept: list[str]) -> ByHand:
    scheduled = [Scheduled(DAILY, "interviews")]
    return ByHand(ticks, jobs, scheduled, sweep=lambda: swept.append("swept"), clock=lambda: NOW)  # type: ignore[arg-type]


def test_each_session_has_its_line_and_the_sweep_comes_with_the_daily_one() -> None:
    lines: list[str] = []
    swept: list[str] = []
    assert not a_hand(Ticks(), Jobs(), swept).run("cron_daily", again=False, tell=lines.append)
    assert lines == [
        f"{session_hash('s1')}  ran: two letters",
        f"{session_hash('s2')}  already: it ran in this period (--again runs it once more)",
        f"{session_hash('s3')}  failed: KeyError in demos:a.yml, b, line 3",
        f"{session_hash('s4')}  left: Busy",
        "demos:broken.yml: it does not load",
        "cron_daily: 5 sessions: 1 already, 2 failed, 1 left, 1 ran",
    ]
    assert swept == ["swept"]


def test_it_belongs_to_the_period_of_now_and_once_more_to_one_of_its_own() -> None:
    ticks = Ticks()
    ticks.sessions = {"demos:a.yml": ["s1"]}
    hand = a_hand(ticks, Jobs(), [])
    for name, again in (("cron_daily", False), ("cron_daily", True), ("own_event", False)):
        hand.run(name, again=again, tell=lambda line: None)
    today = Tick("cron_daily", NOW.replace(hour=3, minute=0)).period
    assert ticks.periods == [today, f"{today} 2026-01-15T10:30:00.000000Z", "2026-01-15T10:30:00.000000Z"]


def test_a_job_says_what_it_printed_and_how_it_ended() -> None:
    jobs, lines = Jobs(), list[str]()
    assert a_hand(Ticks(), jobs, []).run("office.count", again=False, tell=lines.append)
    assert lines == ["one", "two", "office.count: ran"]
    jobs.called = Called(failed=Failed(error=CallError.RAISED, type="KeyError", message="'x'"))
    assert not a_hand(Ticks(), jobs, []).run("office.count", again=False, tell=lines.append)
    assert lines[-1] == "office.count: failed: raised KeyError 'x'"


@pytest.mark.parametrize("now", [NOW, NOW.replace(hour=3, minute=0), NOW.replace(hour=2)])
def test_the_last_moment_that_has_come(now: datetime) -> None:
    expected = now.replace(hour=3, minute=0)
    assert previous(DAILY, now) == (expected if expected <= now else expected - timedelta(days=1))


def test_a_schedule_that_never_came() -> None:
    never = Schedule(name="n", trigger=SimpleNamespace(next=lambda at: None))  # type: ignore[arg-type]
    assert previous(never, NOW) is None


def test_another_process_asks_and_is_told_every_line(store: SqliteStore) -> None:
    def run(name: str, *, again: bool, tell: Any) -> bool:
        for number in range(450):
            tell(f"{name} {again} {number}")
        return True

    listener = Listener(SimpleNamespace(run=run), store.schedule, clock=lambda: NOW)  # type: ignore[arg-type]

    def answer(seconds: float) -> None:
        listener.look()
        eventually(lambda: listener._thread is None or not listener._thread.is_alive())

    lines: list[str] = []
    well = ask(store.schedule, "cron_daily", again=True, tell=lines.append, now=NOW, patience=10, sleep=answer)
    assert well
    assert lines == [f"cron_daily True {number}" for number in range(450)]
    assert store.schedule.notes(ASKED) == store.schedule.notes(ANSWERED) == {}


def test_where_no_clock_is_nobody_answers_and_nothing_stays(store: SqliteStore) -> None:
    assert ask(store.schedule, "x", again=False, tell=print, now=NOW, patience=1, sleep=lambda seconds: None) is None
    assert store.schedule.notes(ASKED) == {}


def test_what_breaks_ends_the_answer_and_one_that_nobody_fetched_goes(store: SqliteStore) -> None:
    def run(name: str, *, again: bool, tell: Any) -> bool:
        raise RuntimeError("of ours")

    now = [NOW]
    listener = Listener(SimpleNamespace(run=run), store.schedule, clock=lambda: now[0])  # type: ignore[arg-type]
    store.schedule.note(f"{ASKED}1", {"name": "x", "again": False, "at": NOW})
    listener.look()
    eventually(lambda: store.schedule.notes(ANSWERED))
    [answer] = store.schedule.notes(ANSWERED).values()
    assert (answer["lines"], answer["end"], answer["well"]) == (["x: RuntimeError"], True, False)
    eventually(lambda: not listener._thread.is_alive())  # type: ignore[union-attr]
    now[0] += timedelta(hours=2)
    listener.look()
    assert store.schedule.notes(ANSWERED) == {}
