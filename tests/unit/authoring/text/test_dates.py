"""Dates: the documented examples, time zones, and arithmetic that must come out even."""

from __future__ import annotations

import copy
import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.authoring.memory import PARTS
from shared.authoring.text.dateformat import format_date, format_datetime, format_time
from shared.authoring.text.dates import (
    DADateTime,
    as_datetime,
    current_datetime,
    date_interval,
    day_of,
    dow_of,
    get_default_timezone,
    month_of,
    timezone_list,
    today,
    year_of,
)
from shared.authoring.text.differences import date_difference


@pytest.mark.parametrize(
    ("text", "format", "expected"),
    [
        ("10/31/2016", None, "October 31, 2016"),
        ("2016-04-01", None, "April 1, 2016"),
        ("April 5, 2014", "long", "April 5, 2014"),
        ("April 5, 2014", "full", "Saturday, April 5, 2014"),
        ("April 5, 2014", "EEEE", "Saturday"),
        ("April 5, 2014", "yyyy", "2014"),
        ("April 5, 2014", "yy", "14"),
        ("April 5, 2014", "MMM", "Apr"),
        ("April 5, 2014", "dd", "05"),
        ("April 5, 2014", "E", "Sat"),
        ("April 5, 2014", "e", "6"),
        ("April 5, 2014", "EEEE, MMMM d, yyyy", "Saturday, April 5, 2014"),
        ("April 5, 2014", "short", "4/5/14"),
        ("April 5, 2014", "M/d/yyyy", "4/5/2014"),
        ("April 5, 2014", "yyyy-MM-dd", "2014-04-05"),
        ("", None, ""),
    ],
)
def test_format_date(step, text, format, expected):
    assert format_date(text, format=format) == expected


@pytest.mark.parametrize(
    ("language", "expected"), [("es", "5 de abril de 2014"), ("fr", "5 avril 2014"), ("xx", "April 5, 2014")]
)
def test_format_date_in_other_languages(step, language, expected):
    step.language = language
    assert format_date("4/5/2014") == expected


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        (None, "4:01 AM"),
        ("h", "4"),
        ("hh", "04"),
        ("m", "1"),
        ("mm", "01"),
        ("ss", "23"),
        ("a", "AM"),
        ("z", "EST"),
        ("zzzz", "Eastern Standard Time"),
        ("h:mm a", "4:01 AM"),
    ],
)
def test_format_time(step, format, expected):
    assert format_time("04:01:23", format=format) == expected
    assert format_time(datetime.time(4, 1, 23), format=format) == expected


def test_format_datetime(step):
    assert format_datetime("4/5/2014 07:30") == "April 5, 2014 at 7:30:00 AM EDT"
    assert format_datetime("4/5/2014 07:30", "h:mm in MMMM") == "7:30 in April"
    step.language = "de"
    assert format_datetime("4/5/2014 07:30", "medium") == "05.04.2014, 07:30:00"


def test_default_formats_come_from_the_interview(step):
    step.internal[PARTS] = {"date format": "yyyy/MM/dd", "time format": "HH:mm", "datetime format": "short"}
    moment = as_datetime("4/5/2014 07:30")
    assert (format_date(moment), format_time(moment), format_datetime(moment)) == (
        "2014/04/05",
        "07:30",
        "4/5/14, 7:30 AM",
    )
    assert f"due {moment}" == "due 2014/04/05"


def test_today_and_now_are_those_of_the_step(step):
    assert current_datetime() == step.now
    assert current_datetime().utcoffset() == datetime.timedelta(hours=-5)
    assert today().isoformat() == "2026-01-15T00:00:00-05:00"
    assert today(format="M/d/yyyy") == "1/15/2026"
    assert today(timezone="Pacific/Auckland").day == 16
    assert get_default_timezone() == "America/New_York"
    assert str(today()) == "January 15, 2026"


def test_as_datetime(step):
    assert as_datetime("12/25/2018").isoformat() == "2018-12-25T00:00:00-05:00"
    assert as_datetime("12/25/2018 07:30 AM").hour == 7
    assert as_datetime("07:30 AM").isoformat() == "2026-01-15T07:30:00-05:00"
    assert as_datetime("07:30 AM", timezone="Europe/Paris").tzinfo == ZoneInfo("Europe/Paris")
    assert as_datetime("07:30 AM").time() == datetime.time(7, 30)
    assert as_datetime(datetime.date(2020, 2, 29)).isoformat() == "2020-02-29T00:00:00-05:00"
    aware = datetime.datetime(2020, 1, 1, 12, tzinfo=datetime.UTC)
    assert as_datetime(aware).hour == 12
    assert as_datetime(aware, timezone="America/New_York").hour == 7
    assert type(as_datetime(aware)) is DADateTime


@pytest.mark.parametrize("text", ["", "someday", "32/32/2020"])
def test_what_is_no_date_is_refused_with_its_text(step, text):
    with pytest.raises(ValueError, match=r"date"):
        as_datetime(text)


def test_an_unknown_time_zone_is_named(step):
    with pytest.raises(ValueError, match="there is no time zone 'Mars/Olympus'"):
        current_datetime(timezone="Mars/Olympus")


def test_attributes(step):
    birthday = as_datetime("4/1/2018")
    assert (birthday.day, birthday.month, birthday.year, birthday.week, birthday.dow) == (1, 4, 2018, 13, 7)
    assert str(birthday.plus(weeks=3)) == "April 22, 2018"
    assert str(birthday.plus(months=1)) == "May 1, 2018"
    assert str(birthday.minus(years=2)) == "April 1, 2016"
    assert birthday.plus(weeks=1) == birthday + date_interval(weeks=1)
    assert type(birthday.replace(year=2019)) is DADateTime
    assert birthday.replace_time(datetime.time(9, 5)).format_time() == "9:05 AM"
    assert birthday.format_time("h:mm a z") == "12:00 AM EDT"
    assert birthday.format() == birthday.format_date() == "April 1, 2018"
    assert birthday.format_datetime() == "April 1, 2018 at 12:00:00 AM EDT"
    assert type(birthday.astimezone(datetime.UTC)) is DADateTime


def test_parts(step):
    date = "1/15/2026"
    assert (year_of(date), month_of(date), day_of(date), dow_of(date)) == (2026, 1, 15, 4)
    assert (month_of(date, as_word=True), dow_of(date, as_word=True)) == ("January", "Thursday")


def test_timezones_are_all_usable(step):
    names = timezone_list()
    assert "America/New_York" in names
    assert names == sorted(names)
    for name in names:
        current_datetime(timezone=name)


def test_difference(step):
    z = date_difference(starting="1/1/2025", ending="1/3/2025")
    assert (z.years, z.weeks, z.days, z.hours, z.minutes, z.seconds) == (
        0.005475814013977016,
        2 / 7,
        2.0,
        48.0,
        2880.0,
        172800,
    )
    assert z.delta == datetime.timedelta(days=2)
    assert date_difference(starting="1/3/2025", ending="1/1/2025").days == -2.0
    assert date_difference(starting="1/14/2026").days == pytest.approx(1 + 10.5 / 24)


def test_a_day_is_a_day_when_clocks_change(step):
    assert date_difference(starting="5/17/2016", ending="12/25/2016").days == 222.0


@pytest.mark.parametrize(
    ("start", "end", "options", "text"),
    [
        ("1/1/2024", "4/3/2025", {}, "one year, three months, and two days"),
        ("1/1/2024", "4/3/2025", {"capitalize": True}, "One year, three months, and two days"),
        ("1/1/2024", "4/3/2025", {"specificity": "year"}, "one year"),
        ("1/1/2024", "4/3/2025", {"specificity": "month"}, "one year and three months"),
        ("1/1/2024", "4/3/2025", {"nice": False}, "1 year, 3 months, and 2 days"),
        ("1/1/2022 23:22:35", "4/3/2023 21:45:22", {}, "one year, three months, and one day"),
        ("4/3/2025 20:45:22", "4/3/2025 23:22:35", {}, "two hours"),
        ("4/3/2025 20:45:22", "4/3/2025 23:22:35", {"specificity": "minute"}, "two hours and 37 minutes"),
        ("4/3/2025 21:45:22", "4/3/2025 23:22:35", {}, "one hour and 37 minutes"),
        ("4/3/2025 21:45:22", "4/3/2025 23:22:35", {"specificity": "hour"}, "one hour"),
        ("4/3/2025 22:45:22", "4/3/2025 23:22:35", {}, "37 minutes"),
        ("4/3/2025 23:22:22", "4/3/2025 23:22:35", {}, "13 seconds"),
        ("4/3/2025", "4/3/2025", {}, "zero seconds"),
        ("4/3/2025", "1/1/2024", {}, "one year, three months, and two days"),
    ],
)
def test_describe(step, start, end, options, text):
    z = date_difference(starting=start, ending=end)
    assert z.describe(**options) == text
    if not options:
        assert str(z) == text


def test_describe_refuses_an_unknown_unit(step):
    with pytest.raises(ValueError, match="specificities year"):
        date_difference(starting="1/1/2024").describe(specificity="fortnight")


moments = st.datetimes(min_value=datetime.datetime(1900, 1, 1), max_value=datetime.datetime(2200, 1, 1))


@given(moments, st.integers(0, 5000))
def test_what_is_added_can_be_taken_away(moment, days):
    start = as_datetime(moment)
    assert start.plus(days=days).minus(days=days) == start
    assert date_difference(starting=start, ending=start.plus(days=days)).days == days


@given(moments)
def test_copies_are_equal(moment):
    start = as_datetime(moment, timezone="Europe/Paris")
    assert copy.deepcopy(start) == start
    assert DADateTime.of(start) == start
    # By timestamp: Python calls times in the hour that clocks repeat unequal across zones.
    assert as_datetime(start.isoformat()).timestamp() == start.timestamp()
