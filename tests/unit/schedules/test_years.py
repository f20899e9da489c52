"""A year of ticks in nine zones: both hemispheres, half an hour of summer time, a day that was left out, a leap day.

What is expected is counted by local calendars, minute by minute around each change, not by the trigger.
"""

from __future__ import annotations

import functools
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.schedules.core import CatchUp, Schedule, due
from services.schedules.triggers import parse

#: Zone and year: Samoa had no 30 December 2011, 2028 has a 29 February.
YEARS = [
    ("UTC", 2028),
    ("Europe/Berlin", 2026),
    ("America/New_York", 2028),
    ("America/St_Johns", 2026),
    ("Australia/Lord_Howe", 2026),
    ("America/Santiago", 2026),
    ("Asia/Kathmandu", 2026),
    ("Africa/Casablanca", 2026),
    ("Pacific/Apia", 2011),
]


def ticks(zone: str, year: int, **fields: object) -> list[datetime]:
    """All of the year by local time, in that time."""
    local = ZoneInfo(zone)
    trigger = parse({"type": "cron", **fields}, zone=local)
    at = trigger.next(datetime(year, 1, 1, tzinfo=local).astimezone(UTC) - timedelta(seconds=1))
    found = []
    while at is not None and at.astimezone(local).year == year:
        found.append(at.astimezone(local))
        at = trigger.next(at)
    return found


@functools.cache
def days(zone: str, year: int) -> list[date]:
    """The days that there were: of each some hour exists."""
    local, at = ZoneInfo(zone), datetime(year, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    seen: dict[date, None] = {}
    while (here := at.astimezone(local)).year == year:
        seen.setdefault(here.date())
        at += timedelta(hours=6)
    return list(seen)


@pytest.mark.parametrize(("zone", "year"), YEARS)
@pytest.mark.parametrize(("hour", "minute"), [(0, 0), (2, 15), (2, 30), (9, 0)])
def test_a_daily_time_comes_once_on_every_day_that_there_was(zone: str, year: int, hour: int, minute: int) -> None:
    local = ZoneInfo(zone)
    found = ticks(zone, year, hour=hour, minute=minute)
    on_time = [one for one in found if (one.hour, one.minute) == (hour, minute)]
    moved = [one for one in found if (one.hour, one.minute) != (hour, minute)]
    # The others are the first minute after local time was set forward: by an hour, half of one, or a day.
    for one in moved:
        before = (one.astimezone(UTC) - timedelta(minutes=1)).astimezone(local)
        assert one.replace(tzinfo=None) - before.replace(tzinfo=None) > timedelta(minutes=1)
    there = [one for one in days(zone, year) if exists(datetime(one.year, one.month, one.day, hour, minute), local)]
    assert [one.date() for one in on_time] == there
    assert len(moved) <= 2


def exists(wall: datetime, local: ZoneInfo) -> bool:
    return wall.replace(tzinfo=local).astimezone(UTC).astimezone(local).replace(tzinfo=None) == wall


@pytest.mark.parametrize(("zone", "year"), YEARS)
def test_monthly_and_weekly_ticks(zone: str, year: int) -> None:
    assert [one.month for one in ticks(zone, year, day=1, hour=6)] == list(range(1, 13))
    last = [one.date() for one in ticks(zone, year, day="last", hour=12)]
    assert [one.month for one in last] == list(range(1, 13))
    assert all((one + timedelta(days=1)).day == 1 for one in last)
    there = Counter(one.weekday() for one in days(zone, year))
    assert len(ticks(zone, year, day_of_week="mon", hour=3)) == there[0]


@pytest.mark.parametrize(("zone", "year"), YEARS)
def test_hours_and_intervals_count_what_passes(zone: str, year: int) -> None:
    local = ZoneInfo(zone)
    first, end = (datetime(one, 1, 1, tzinfo=local).astimezone(UTC) for one in (year, year + 1))
    every = parse({"type": "interval", "hours": 1}, zone=local)
    hourly, at = 0, every.next(first - timedelta(seconds=1))
    while at is not None and at < end:
        hourly, at = hourly + 1, every.next(at)
    assert hourly == (end - first) // timedelta(hours=1)


@pytest.mark.parametrize("catch_up", list(CatchUp))
def test_after_a_week_down_each_day_is_accounted_for(catch_up: CatchUp) -> None:
    trigger = parse({"type": "cron", "hour": 2, "minute": 30}, zone=ZoneInfo("Europe/Berlin"))
    schedule = Schedule(name="s", trigger=trigger, catch_up=catch_up)
    last = datetime(2026, 3, 25, 12, tzinfo=UTC)
    found = due(schedule, last=last, now=last + timedelta(days=7))
    skipped = sum(one.count for one in found.skipped)
    assert (len(found.run), skipped) == {CatchUp.ONCE: (1, 6), CatchUp.ALL: (7, 0), CatchUp.SKIP: (0, 7)}[catch_up]
    assert due(schedule, last=None, now=last).run == (), "a first start makes up for nothing"
