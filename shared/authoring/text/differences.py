"""The difference between two dates: in any unit, and in words.

Source: functions.md, date_difference().
"""

from __future__ import annotations

import datetime

from babel.units import format_unit
from dateutil.relativedelta import relativedelta

from shared.authoring.text.dates import DADateTime, as_datetime, current_datetime
from shared.authoring.text.lists import comma_and_list
from shared.authoring.text.locales import language_locale
from shared.authoring.text.numbers import quantity_noun
from shared.authoring.text.words import finished, get_language, word
from shared.catalogue.catalogues import nearest

#: Mean length of a year in the Gregorian calendar.
DAYS_OF_YEAR = 365.2425
_UNITS = ("year", "month", "day", "hour", "minute", "second")


class DateDifference:
    """Attributes years, weeks, days, hours, minutes (floats), seconds, delta; negative if the end is before the start."""

    def __init__(self, start: DADateTime, end: DADateTime) -> None:
        self.start = start
        self.end = end
        self.delta: datetime.timedelta = end - start
        seconds = self.delta.total_seconds()
        self.seconds: int | float = int(seconds) if seconds.is_integer() else seconds
        self.minutes = seconds / 60
        self.hours = seconds / 3600
        self.days = seconds / 86400
        self.weeks = self.days / 7
        self.years = self.days / DAYS_OF_YEAR

    def describe(
        self, specificity: str | None = None, nice: bool = True, capitalize: bool = False, language: str | None = None
    ) -> str:
        """The difference in words.

        Parts are told down to `specificity` (year … second). Without it: years, months and days if there are any,
        else the largest unit, and after a single hour the minutes too (a single minute: the seconds).
        """
        unit = None if specificity is None else specificity.removesuffix("s")
        if unit is not None and unit not in _UNITS:
            raise ValueError(f"describe() knows the specificities {', '.join(_UNITS)}, not {specificity!r}")
        length = relativedelta(max(self.start, self.end), min(self.start, self.end))
        counts = {name: abs(int(getattr(length, f"{name}s"))) for name in _UNITS}
        told = [
            name
            for name in (_default_units(counts) if unit is None else _UNITS[: _UNITS.index(unit) + 1])
            if counts[name]
        ]
        parts = [_part(counts[name], name, nice=nice, language=language) for name in told]
        text = (
            comma_and_list(parts, language=language)
            if parts
            else _part(0, unit or "second", nice=nice, language=language)
        )
        return finished(str(text), {"capitalize": capitalize})

    def __str__(self) -> str:
        return self.describe()


def _default_units(counts: dict[str, int]) -> tuple[str, ...]:
    if counts["year"] or counts["month"] or counts["day"]:
        return _UNITS[:3]
    if counts["hour"]:
        return ("hour", "minute") if counts["hour"] == 1 else ("hour",)
    if counts["minute"]:
        return ("minute", "second") if counts["minute"] == 1 else ("minute",)
    return ("second",)


def _part(count: int, unit: str, *, nice: bool, language: str | None) -> str:
    options = {"language": language} if language else {}
    spoken = language or get_language()
    name = word(unit, language=language)
    if name == unit and nearest(spoken) is not None:
        return str(format_unit(count, f"duration-{unit}", "long", locale=language_locale(spoken)))
    if nice:
        return str(quantity_noun(count, name, noun_is_singular=True, **options))
    return str(quantity_noun(count, name, noun_is_singular=True, use_word=False, **options))


def date_difference(starting: object = None, ending: object = None, timezone: str | None = None) -> DateDifference:
    """The difference between two dates, by default from or to now. Dates without a time zone are in `timezone`."""
    start = current_datetime(timezone) if starting is None else as_datetime(starting, timezone=timezone)
    end = current_datetime(timezone) if ending is None else as_datetime(ending, timezone=timezone)
    return DateDifference(start, end)
