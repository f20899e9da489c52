"""Dates and times: the class that date fields produce, and the functions that read, make and compare dates.

A `DADateTime` always has a time zone. Arithmetic is that of the wall clock in its zone: a week after 9 a.m. is 9 a.m.,
also when clocks were changed in between. How they are written is in
``dateformat`` (documented functions) and ``datepatterns``.

Source: functions.md, "Functions for working with dates and times"; objects.md, "Special date/time class `DADateTime`".
"""

from __future__ import annotations

import datetime
import re
from functools import lru_cache
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from dateutil import parser
from dateutil.relativedelta import relativedelta

from shared.authoring.context import current, current_or_none
from shared.authoring.text import datepatterns

DEFAULT_TIMEZONE = "America/New_York"
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:$|[T ]\d{2}:\d{2})")
_NOT_PLACES = ("Factory", "localtime", "posixrules", "leapseconds")


@lru_cache(maxsize=256)
def zone(name: str) -> datetime.tzinfo:
    """The time zone of that name. ValueError with advice if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"there is no time zone {name!r}; use a name from timezone_list(), such as {DEFAULT_TIMEZONE!r}"
        ) from None


class DADateTime(datetime.datetime):
    """A ``datetime`` with a time zone that prints itself as a date."""

    @property
    def dow(self) -> int:
        """Day of the week, 1 (Monday) to 7."""
        return self.isoweekday()

    @property
    def week(self) -> int:
        """ISO week of the year."""
        return self.isocalendar().week

    @property
    def nanosecond(self) -> int:
        return 0

    def plus(self, **units: float) -> Self:
        """This much later; units as in `date_interval`."""
        return self + date_interval(**units)

    def minus(self, **units: float) -> Self:
        """This much earlier; units as in `date_interval`."""
        return self - date_interval(**units)

    def replace_time(self, time: datetime.time) -> Self:
        """The same day at `time`."""
        return self.replace(hour=time.hour, minute=time.minute, second=time.second, microsecond=time.microsecond)

    def format(self, format: str | None = None, language: str | None = None) -> str:
        return datepatterns.date_text(self, format=format, language=language)

    def format_date(self, format: str | None = None, language: str | None = None) -> str:
        return datepatterns.date_text(self, format=format, language=language)

    def format_time(self, format: str | None = None, language: str | None = None) -> str:
        return datepatterns.time_text(self, format=format, language=language)

    def format_datetime(self, format: str | None = None, language: str | None = None) -> str:
        return datepatterns.datetime_text(self, format=format, language=language)

    def astimezone(self, tz: datetime.tzinfo | None = None) -> Self:
        return self.of(super().astimezone(tz))

    @classmethod
    def of(cls, moment: datetime.datetime) -> Self:
        """`moment` as an object of this class, with its own time zone."""
        return cls(
            moment.year,
            moment.month,
            moment.day,
            moment.hour,
            moment.minute,
            moment.second,
            moment.microsecond,
            moment.tzinfo,
            fold=moment.fold,
        )

    def __str__(self) -> str:
        return datepatterns.date_text(self)


def get_default_timezone() -> str:
    """The time zone of the session, a name such as ``America/New_York``."""
    context = current_or_none()
    return DEFAULT_TIMEZONE if context is None else context.timezone


def timezone_list() -> list[str]:
    """The names of all time zones, sorted."""
    return sorted(
        name for name in available_timezones() if name not in _NOT_PLACES and not name.startswith(("posix/", "right/"))
    )


def current_datetime(timezone: str | None = None) -> DADateTime:
    """The time of this step, in `timezone` or the default one."""
    return DADateTime.of(current().now.astimezone(zone(timezone or get_default_timezone())))


def today(timezone: str | None = None, format: str | None = None) -> DADateTime | str:
    """Today at midnight; with `format`, text."""
    midnight = current_datetime(timezone).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if format is None else midnight.format_date(format)


def as_datetime(value: object, timezone: str | None = None) -> DADateTime:
    """`value` (text, date, datetime or time) as a `DADateTime`.

    What has no time zone is taken to be in `timezone` or the default one; what has one is moved to `timezone` if given.
    Text is read as Americans write dates; a time alone means today.
    """
    target = zone(timezone or get_default_timezone())
    moment = _moment(value, target)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=target)
    elif timezone is not None:
        moment = moment.astimezone(target)
    return moment if type(moment) is DADateTime else DADateTime.of(moment)


def _moment(value: object, target: datetime.tzinfo) -> datetime.datetime:
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, datetime.date):
        return datetime.datetime(value.year, value.month, value.day)
    if isinstance(value, datetime.time):
        return datetime.datetime.combine(_midnight(target), value)
    text = str(value).strip()
    if not text:
        raise ValueError("a date is expected, and there is only empty text")
    if _ISO.match(text):
        try:  # exact where dateutil is not: offsets with seconds, as of dates before standard time
            return datetime.datetime.fromisoformat(text)
        except ValueError:
            pass
    try:
        return parser.parse(text, default=_midnight(target))
    except (ValueError, OverflowError, TypeError):
        raise ValueError(
            f"{text!r} cannot be read as a date or time; write it like 12/25/2026, 2026-12-25 or 7:30 AM"
        ) from None


def _midnight(target: datetime.tzinfo) -> datetime.datetime:
    """Today's midnight without a zone: what a time without a date belongs to."""
    context = current_or_none()
    now = datetime.datetime.now(tz=target) if context is None else context.now.astimezone(target)
    return datetime.datetime(now.year, now.month, now.day)


def date_interval(**units: Any) -> relativedelta:
    """A length of time: years, months, weeks, days, hours, minutes, seconds, microseconds."""
    return relativedelta(**units)


def year_of(date: object, language: str | None = None) -> int:
    """The year of a date."""
    return as_datetime(date).year


def day_of(date: object, language: str | None = None) -> int:
    """The day of the month of a date."""
    return as_datetime(date).day


def month_of(date: object, as_word: bool = False, language: str | None = None) -> int | str:
    """The month of a date, 1 to 12, or its name."""
    moment = as_datetime(date)
    return datepatterns.date_text(moment, format="MMMM", language=language) if as_word else moment.month


def dow_of(date: object, as_word: bool = False, language: str | None = None) -> int | str:
    """The day of the week of a date, 1 (Monday) to 7, or its name."""
    moment = as_datetime(date)
    return datepatterns.date_text(moment, format="EEEE", language=language) if as_word else moment.dow
