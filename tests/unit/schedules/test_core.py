"""Which ticks run and which are passed over: agreed with a model that looks at every tick there is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.schedules.core import PUNCTUAL, CatchUp, Due, Reason, Schedule, Skipped, Tick, due, upcoming
from services.schedules.triggers import Interval

START = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(minutes: float) -> datetime:
    return START + minutes * MINUTE


def hourly(catch_up: CatchUp = CatchUp.ONCE, within: timedelta | None = None) -> Schedule:
    return Schedule(name="hourly", trigger=Interval(timedelta(hours=1)), catch_up=catch_up, within=within)


def test_a_new_schedule_begins_with_its_next_tick() -> None:
    first = due(hourly(), last=None, now=at(90))
    assert first == Due(last=at(90))
    assert due(hourly(), last=first.last, now=at(119)).run == ()
    assert due(hourly(), last=first.last, now=at(120)).run == (Tick("hourly", at(120)),)


def test_a_tick_is_due_once() -> None:
    looked = due(hourly(), last=at(59), now=at(60))
    assert looked.run == (Tick("hourly", at(60)),)
    assert due(hourly(), last=looked.last, now=at(60.1)).run == ()


def test_down_over_three_ticks_once_runs_one_and_records_three() -> None:
    looked = due(hourly(), last=at(30), now=at(200))
    assert looked.run == (Tick("hourly", at(180)),)
    assert looked.skipped == (Skipped("hourly", at(60), at(120), 2, Reason.CATCH_UP),)


def test_all_runs_all_within_the_window() -> None:
    looked = due(hourly(CatchUp.ALL, timedelta(hours=1)), last=at(30), now=at(200))
    assert looked.run == (Tick("hourly", at(180)),)
    assert looked.skipped == (Skipped("hourly", at(60), at(120), 2, Reason.TOO_LATE),)
    assert len(due(hourly(CatchUp.ALL), last=at(30), now=at(200)).run) == 3


def test_skip_runs_what_is_on_time() -> None:
    assert due(hourly(CatchUp.SKIP), last=at(30), now=at(61)).run == (Tick("hourly", at(60)),)
    late = due(hourly(CatchUp.SKIP), last=at(30), now=at(62))
    assert (late.run, late.skipped) == ((), (Skipped("hourly", at(60), at(60), 1, Reason.CATCH_UP),))


def test_the_newest_tick_may_be_too_late() -> None:
    looked = due(hourly(within=timedelta(minutes=10)), last=at(30), now=at(75))
    assert looked.skipped == (Skipped("hourly", at(60), at(60), 1, Reason.TOO_LATE),)


def test_a_clock_set_back_makes_no_tick_twice() -> None:
    looked = due(hourly(), last=at(59), now=at(60))
    back = due(hourly(), last=looked.last, now=at(0))
    assert back == Due(last=at(60))
    assert due(hourly(), last=back.last, now=at(60)).run == ()


def test_more_ticks_than_one_look_judges_are_judged_by_the_next() -> None:
    often = Schedule(name="s", trigger=Interval(timedelta(seconds=1)))
    last, count, run = at(0), 0, []
    for _ in range(5):
        looked = due(often, last=last, now=at(1), limit=25)
        last = looked.last
        count += len(looked.run) + sum(one.count for one in looked.skipped)
        run += looked.run
    assert (count, last, run) == (60, at(1), [Tick("s", at(1))])


def test_periods_ascend_as_text_and_are_told_in_utc() -> None:
    moments = upcoming(hourly(), now=at(0), count=40)
    periods = [Tick("hourly", moment).period for moment in moments]
    assert periods == sorted(set(periods))
    assert periods[0] == "2026-03-01T01:00:00Z"


@given(
    st.sampled_from(CatchUp),
    st.sampled_from([None, timedelta(minutes=2), timedelta(hours=3)]),
    st.integers(1, 90),
    st.lists(st.integers(-60, 400), min_size=1, max_size=8),
)
def test_every_tick_ends_once_as_the_model_says(
    catch_up: CatchUp, within: timedelta | None, minutes: int, steps: list[int]
) -> None:
    schedule = Schedule(name="s", trigger=Interval(minutes * MINUTE), catch_up=catch_up, within=within)
    now = last = start = at(0)
    seen: list[datetime] = []
    for step in steps:
        now += step * MINUTE
        looked = due(schedule, last=last, now=now)
        for tick in looked.run:
            old = now - tick.at > PUNCTUAL
            assert not (old and catch_up is CatchUp.SKIP)
            assert not (old and within is not None and now - tick.at > within)
        if catch_up is CatchUp.ONCE:
            assert len(looked.run) <= 1
            assert all(tick.at > one.last for tick in looked.run for one in looked.skipped)
        for one in looked.skipped:
            seen += [one.first + number * minutes * MINUTE for number in range(one.count)]
            assert seen[-1] == one.last
        seen += [tick.at for tick in looked.run]
        assert looked.last >= last
        last = looked.last
    assert sorted(seen) == upcoming(schedule, now=start, count=len(seen))
    assert not seen or max(seen) <= last < max(seen) + minutes * MINUTE


@pytest.mark.parametrize("count", [0, 1, 5])
def test_upcoming(count: int) -> None:
    assert upcoming(hourly(), now=at(1), count=count) == [at(60 * n) for n in range(1, count + 1)]
