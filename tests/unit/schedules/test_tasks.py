"""When Task classes run: by the page, not by that package's code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from services.schedules.core import Schedule, upcoming
from services.schedules.tasks import BadOption, trigger

ZONE = ZoneInfo("UTC")
MAY = datetime(2026, 5, 11, 9, 30, tzinfo=UTC)


def moments(count: int, *, now: datetime = MAY, **options: object) -> list[str]:
    found = trigger(options, ZONE)
    if found is None:
        return []
    return [f"{at:%m-%d %H:%M}" for at in upcoming(Schedule(name="t", trigger=found), now=now, count=count)]


def test_every_three_days_is_by_the_day_of_the_month() -> None:
    assert moments(3, run_every="3 days", run_at="17:00") == ["05-12 17:00", "05-15 17:00", "05-18 17:00"]
    assert moments(9, run_every="3 days")[-3:] == ["05-30 00:00", "06-03 00:00", "06-06 00:00"], "30th, then 3rd"


@pytest.mark.parametrize(
    ("options", "first"),
    [
        ({"run_every": "1 day"}, ["05-12 00:00", "05-13 00:00"]),
        ({"run_every": "1 minute"}, ["05-11 09:31", "05-11 09:32"]),
        ({"run_every": "15 minutes", "run_at": "17:00"}, ["05-11 09:45", "05-11 10:00"]),
        ({"run_every": "5 hours"}, ["05-11 10:00", "05-11 15:00", "05-11 20:00", "05-12 00:00"]),
        ({"run_every": "2 months"}, ["06-01 00:00", "08-01 00:00"]),
        ({"run_every": "1 month", "run_at": "9:05"}, ["06-01 09:05", "07-01 09:05"]),
        ({"run_at": "17:00"}, ["05-11 17:00", "05-12 17:00"]),
        ({"run_at": "9:05"}, ["05-12 09:05"]),
        ({"run_every_hour": True}, ["05-11 10:00", "05-11 11:00"]),
        ({"run_every_minute": True}, ["05-11 09:31", "05-11 09:32"]),
        ({"twice_daily": (1, 13)}, ["05-11 13:00", "05-12 01:00", "05-12 13:00"]),
        ({"twice_daily": [1, 13], "run_every_hour": True}, ["05-11 10:00", "05-11 11:00", "05-11 12:00", "05-11 13:00", "05-11 14:00"]),
        ({}, []),
        ({"run_every": False, "run_at": False, "run_every_hour": False, "twice_daily": False}, []),
        ({"run_every": "40 days"}, []),
    ],
)  # fmt: skip
def test_each_option(options: dict[str, object], first: list[str]) -> None:
    assert moments(len(first), **options) == first


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"run_every": "soon"}, "run_every"),
        ({"run_every": "0 days"}, "run_every"),
        ({"run_every": True}, "run_every"),
        ({"run_at": "25:00"}, "run_at"),
        ({"run_at": "5pm"}, "run_at"),
        ({"run_every_hour": "yes"}, "run_every_hour"),
        ({"twice_daily": (1, 25)}, "twice_daily"),
        ({"twice_daily": 1}, "twice_daily"),
    ],
)
def test_options_that_mean_nothing(options: dict[str, object], named: str) -> None:
    with pytest.raises(BadOption, match=named):
        trigger(options, ZONE)


def test_hours_are_those_of_the_clock_on_the_wall() -> None:
    found = trigger({"twice_daily": (2, 14)}, ZoneInfo("Europe/Berlin"))
    assert found is not None
    at, seen = datetime(2026, 3, 28, 12, tzinfo=UTC), []
    for _ in islice(range(9), 4):
        following = found.next(at)
        assert following is not None
        at = following
        seen.append(at)
    # On 29 March 2:00 does not exist: 3:00 is 1:00 UTC.
    assert seen == [datetime(2026, 3, 28, 13, tzinfo=UTC) + timedelta(hours=h) for h in (0, 12, 23, 35)]
