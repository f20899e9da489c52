"""Moments of triggers: zones, summer time, expressions; and what is wrong with the words, by key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.schedules.core import Trigger
from services.schedules.triggers import BadTrigger, Cron, Interval, parse

BERLIN = ZoneInfo("Europe/Berlin")


def moments(trigger: Trigger, after: str, count: int) -> list[str]:
    found, at = [], datetime.fromisoformat(after).replace(tzinfo=UTC)
    for _ in range(count):
        at = trigger.next(at)  # type: ignore[assignment]
        found.append(at.strftime("%m-%d %H:%M"))
    return found


def test_intervals_count_from_one_moment_for_all_clocks() -> None:
    five = parse({"type": "interval", "minutes": 5}, zone=BERLIN)
    assert moments(five, "2026-01-01 10:03:07", 3) == ["01-01 10:05", "01-01 10:10", "01-01 10:15"]
    assert moments(five, "2026-01-01 10:05:00", 1) == ["01-01 10:10"]
    assert parse({"type": "interval", "weeks": 1, "days": 1}, zone=BERLIN) == Interval(timedelta(days=8))


def test_what_is_smaller_than_the_smallest_field_is_at_its_minimum() -> None:
    assert moments(parse({"type": "cron", "hour": 4}, zone=ZoneInfo("UTC")), "2026-01-01 04:00", 2) == [
        "01-02 04:00",
        "01-03 04:00",
    ]
    # As the scheduler extension's document has it.
    monthly = {"type": "cron", "day": 1, "hour": 0, "minute": 1}
    assert moments(parse(monthly, zone=ZoneInfo("UTC")), "2026-01-15", 2) == ["02-01 00:01", "03-01 00:01"]


def test_the_last_day_of_a_month_in_a_zone() -> None:
    payday = parse({"type": "cron", "day": "last", "hour": 9}, zone=BERLIN)
    assert moments(payday, "2026-01-31 09:00", 3) == ["02-28 08:00", "03-31 07:00", "04-30 07:00"]


@pytest.mark.parametrize(
    ("fields", "after", "expected"),
    [
        # 02:30 is not there on 29 March, and comes twice on 25 October.
        ({"hour": 2, "minute": 30}, "2026-03-28 00:00", ["03-28 01:30", "03-29 01:00", "03-30 00:30"]),
        ({"hour": 2, "minute": 30}, "2026-10-24 00:00", ["10-24 00:30", "10-25 00:30", "10-26 01:30"]),
        # Six times in the gap are one.
        ({"hour": 2, "minute": "*/10"}, "2026-03-29 00:00", ["03-29 01:00", "03-30 00:00", "03-30 00:10"]),
        # Asked in the second of the two hours.
        ({"hour": 2, "minute": "*/30"}, "2026-10-25 01:10", ["10-26 01:00", "10-26 01:30"]),
        # Without a fixed hour, every hour that passes.
        ({"minute": 0}, "2026-10-24 23:30", ["10-25 00:00", "10-25 01:00", "10-25 02:00"]),
        ({"minute": 0}, "2026-03-29 00:30", ["03-29 01:00", "03-29 02:00"]),
        # However that is said.
        ({"hour": "*/1"}, "2026-10-24 23:30", ["10-25 00:00", "10-25 01:00", "10-25 02:00"]),
        ({"hour": "0-23", "minute": 15}, "2026-10-25 00:00", ["10-25 00:15", "10-25 01:15", "10-25 02:15"]),
        ({"day": "*"}, "2026-03-28 00:00", ["03-28 23:00", "03-29 22:00", "03-30 22:00"]),
    ],
)
def test_summer_time_in_berlin(fields: dict[str, Any], after: str, expected: list[str]) -> None:
    assert moments(Cron(fields, BERLIN), after, len(expected)) == expected


def test_a_gap_of_half_an_hour_and_a_day_that_was_left_out() -> None:
    assert moments(Cron({"hour": 2, "minute": 15}, ZoneInfo("Australia/Lord_Howe")), "2026-10-02 20:00", 2) == [
        "10-03 15:30",  # 02:00 jumps to 02:30
        "10-04 15:15",
    ]
    # Samoa had no 30 December 2011.
    assert moments(Cron({"hour": 12}, ZoneInfo("Pacific/Apia")), "2011-12-28 23:00", 3) == [
        "12-29 22:00",
        "12-30 10:00",
        "12-30 22:00",
    ]


ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo")


@given(
    st.sampled_from(ZONES),
    st.fixed_dictionaries({"minute": st.sampled_from(["0", "*/20", "7"])}, optional={"hour": st.sampled_from(["*", "2", "0-3", "*/5"])}),
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)),
)  # fmt: skip
def test_moments_ascend_whatever_is_asked_between_them(zone: str, fields: dict[str, str], after: datetime) -> None:
    trigger = Cron(fields, ZoneInfo(zone))
    at: datetime | None = after.replace(tzinfo=UTC)
    found = []
    for _ in range(20):
        assert at is not None
        at = trigger.next(at)
        assert at is not None
        found.append(at)
    for one, two in pairwise(found):
        assert one < two
        assert trigger.next(one + (two - one) / 2) == two


def test_a_schedule_may_end() -> None:
    assert Cron({"year": 2020}, BERLIN).next(datetime(2026, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("words", "problems"),
    [
        ({}, ["type: expected interval or cron"]),
        ({"type": "date"}, ["type: expected interval or cron (`date` is not supported)"]),
        ({"type": "cron"}, ["type: cron: expected at least one of"]),
        ({"type": "interval", "minuets": 5}, ["minuets: there is no such key; did you mean minutes?"]),
        ({"type": "interval", "zzz": 5, "hour": 1}, ["zzz: there is no such key", "hour: belongs to the other type"]),
        ({"type": "cron", "minutes": 5}, ["minutes: belongs to the other type, not to cron"]),
        ({"type": "interval", "minutes": 0}, ["minutes: expected more than nothing"]),
        ({"type": "interval", "minutes": "5"}, ["minutes: expected a whole number from 0"]),
        ({"type": "interval", "minutes": True}, ["minutes: expected a whole number from 0"]),
        ({"type": "interval", "hours": -1}, ["hours: expected a whole number from 0"]),
        ({"type": "interval", "weeks": 10**9}, ["weeks: expected more than nothing and at most ten years"]),
        ({"type": "cron", "hour": 25}, ["hour: Error validating expression '25'"]),
        ({"type": "cron", "hour": "x", "minute": "*/0"}, ["hour: Unrecognized", "minute: Increment"]),
        ({"type": "cron", "day_of_week": "mon-fir"}, ["day_of_week: Invalid weekday"]),
        ({"type": "cron", "hour": 1.5}, ["hour: expected a whole number or an expression"]),
        ({"type": "cron", "hour": [1]}, ["hour: expected a whole number or an expression"]),
        ({"type": "cron", "day": 31, "month": 2}, ["day: 31, month: 2: there is no such day"]),
    ],
)
def test_each_mistake_names_its_key(words: dict[str, Any], problems: list[str]) -> None:
    with pytest.raises(BadTrigger) as caught:
        parse(words, zone=BERLIN)
    assert len(caught.value.problems) == len(problems)
    for told, expected in zip(caught.value.problems, problems, strict=True):
        assert told.startswith(expected)


def test_a_leap_day_is_a_day() -> None:
    assert moments(Cron({"month": 2, "day": 29}, ZoneInfo("UTC")), "2096-03-01", 1) == ["02-29 00:00"]
