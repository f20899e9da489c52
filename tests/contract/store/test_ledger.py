"""What became of each tick is kept once, is found while it is open, and belongs to one clock at a time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.store.ports import BadRecord, Store
from shared.store.records import LedgerEntry, TickMark
from tests.contract.store.make import a_session, at


def an_entry(period: str = "2026-01-15T06:00:00Z", **values: Any) -> LedgerEntry:
    given: dict[str, Any] = {"schedule": "cron_daily", "kind": "interviews", "due": at(0)}
    return LedgerEntry(period=period, **(given | values))


def a_mark(period: str = "1", **values: Any) -> TickMark:
    given: dict[str, Any] = {"session": "s", "event": "cron_daily", "at": at(0), "outcome": "ran"}
    return TickMark(period=period, **(given | values))


def test_a_tick_is_noted_once(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        noted = list(pool.map(lambda _: store.ledger.note(an_entry()), range(8)))
    assert noted.count(True) == 1
    assert store.ledger.open() == store.ledger.open(schedule=an_entry().schedule) == [an_entry()]
    assert store.ledger.open(schedule="another") == []
    assert store.ledger.note(an_entry("2026-01-16T06:00:00Z"))
    assert store.ledger.note(an_entry(schedule="other"))


def test_an_open_tick_belongs_to_one_clock(store: Store) -> None:
    store.ledger.note(an_entry())
    period = an_entry().period
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda n: store.ledger.take("cron_daily", period, by=f"clock {n}", was=""), range(8)))
    assert taken.count(True) == 1
    mine = f"clock {taken.index(True)}"
    assert [one.by for one in store.ledger.open()] == [mine]
    assert not store.ledger.save(an_entry(by="another", outcome="ran"))
    running = an_entry(by=mine, outcome="running", began=at(1), position="s7", counts={"reached": 7})
    assert store.ledger.save(running)
    assert store.ledger.open() == [running]
    assert store.ledger.take("cron_daily", period, by="heir", was=mine)
    assert not store.ledger.save(running), "it was taken over"
    ended = an_entry(by="heir", outcome="late", reason="no clock ran", began=at(1), ended=at(2), detail={"line": 7})
    assert store.ledger.save(ended)
    assert not store.ledger.save(replace(ended, outcome="failed")), "it has ended"
    assert not store.ledger.take("cron_daily", period, by="late", was="heir")
    assert store.ledger.open() == []
    assert store.ledger.page("cron_daily").lines == (ended,)


def test_the_history_of_a_schedule_newest_first(store: Store) -> None:
    for number in range(5):
        store.ledger.note(an_entry(f"{number}", due=at(number), outcome="skipped", reason="catch up"))
    store.ledger.note(an_entry("9", schedule="b"))
    first = store.ledger.page("cron_daily", limit=2)
    assert [one.period for one in first.lines] == ["4", "3"]
    assert first.after is not None
    assert [one.period for one in store.ledger.page("cron_daily", after=first.after).lines] == ["2", "1", "0"]
    assert store.ledger.schedules() == ["b", "cron_daily"]


def test_old_history_goes_and_what_is_open_stays(store: Store) -> None:
    store.ledger.note(an_entry("0", due=at(0)))
    for number in range(1, 8):
        store.ledger.note(an_entry(f"{number}", due=at(number), outcome="ran"))
    assert store.ledger.forget("cron_daily", before=at(3), keep=4) == 3
    assert [one.period for one in store.ledger.page("cron_daily").lines] == ["7", "6", "5", "4", "0"]
    assert store.ledger.forget("cron_daily", before=at(99), keep=4) == 4


def test_one_clock_leads_until_its_time_is_over(store: Store) -> None:
    length = timedelta(seconds=60)
    with ThreadPoolExecutor(8) as pool:
        leading = list(pool.map(lambda n: store.ledger.lead(f"c{n}", now=at(0), length=length), range(8)))
    assert leading.count(True) == 1
    leader = f"c{leading.index(True)}"
    assert store.ledger.lead(leader, now=at(30), length=length)
    assert not store.ledger.lead("other", now=at(89), length=length)
    assert store.ledger.lead("other", now=at(90), length=length)
    assert not store.ledger.lead(leader, now=at(91), length=length)


def test_how_far_a_session_has_come_with_an_event(store: Store) -> None:
    store.sessions.create(a_session())
    failed = a_mark("2", failures=3, until=at(9), digest="d", error={"type": "ZeroDivisionError", "line": 7})
    store.ticks.put(failed)
    store.ticks.put(a_mark("1"))
    assert store.ticks.get("s", "cron_daily") == failed
    assert store.ticks.failing("cron_daily") == [failed]
    store.ticks.put(a_mark("3"))
    assert store.ticks.failing("cron_daily") == []
    store.ticks.put(a_mark(event="cron_hourly"))
    assert [one.event for one in store.ticks.of_session("s")] == ["cron_daily", "cron_hourly"]
    store.sessions.delete("s")
    assert store.ticks.of_session("s") == []
    store.ticks.put(a_mark())
    assert store.ticks.get("s", "cron_daily") is None, "nobody would ever remove it"


def test_failing_sessions_page_by_their_ids(store: Store) -> None:
    for number in range(5):
        store.sessions.create(a_session(f"s{number}"))
        store.ticks.put(a_mark(session=f"s{number}", failures=number % 2))
    assert [one.session for one in store.ticks.failing("cron_daily", limit=1)] == ["s1"]
    assert [one.session for one in store.ticks.failing("cron_daily", after="s1")] == ["s3"]
    assert store.ticks.failing("cron_hourly") == []


@pytest.mark.parametrize(
    "bad",
    [
        lambda store: store.ledger.note(an_entry("")),
        lambda store: store.ledger.note(an_entry(outcome="lost")),
        lambda store: store.ledger.note(an_entry(due=at(0).replace(tzinfo=None))),
        lambda store: store.ledger.note(an_entry(count=-1)),
        lambda store: store.ledger.note(an_entry(detail={"x": object()})),
        lambda store: store.ledger.take("s", "p", by="", was=""),
        lambda store: store.ledger.open(limit=0),
        lambda store: store.ledger.forget("s", before=at(0), keep=0),
        lambda store: store.ledger.lead("", now=at(0), length=timedelta(1)),
        lambda store: store.ticks.put(a_mark("")),
        lambda store: store.ticks.put(a_mark(failures=-1)),
        lambda store: store.ticks.failing("e", limit=0),
    ],
)
def test_what_is_no_record_is_refused(store: Store, bad: Callable[[Store], object]) -> None:
    with pytest.raises(BadRecord):
        bad(store)
    assert store.ledger.open() == []
