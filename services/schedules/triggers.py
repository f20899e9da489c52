"""Triggers, from the words of a configuration. Cron expressions are APScheduler 3's, whose documents operators are sent to.

Only this module knows APScheduler, and of it only the expressions: what runs when is decided in `schedules`. A local time that
comes twice (the end of summer time) ticks once, one that does not exist ticks at the first moment after the gap; a schedule without a
fixed hour, and every interval, counts real hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from services.schedules.core import Trigger

INTERVAL_KEYS = ("weeks", "days", "hours", "minutes", "seconds")
CRON_KEYS = ("year", "month", "day", "week", "day_of_week", "hour", "minute", "second")

#: No expression that ticks at all pauses longer: 29 February is eight years from the next around 2100.
_LONGEST_PAUSE = timedelta(days=9 * 366)
_TICK = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: An interval beyond this is a slip of the pen, and more than `timedelta` and databases bear.
_LONGEST_INTERVAL = timedelta(days=3660)


class BadTrigger(ValueError):
    """What is wrong with a trigger's words: one text for each mistake, which names the key and what was expected."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def _expressions(**fields: object) -> Any:
    """APScheduler's trigger of these fields. Raises `ValueError`."""
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415  heavy: all services read settings, few have schedules

    return CronTrigger(**fields)


@dataclass(frozen=True, slots=True)
class Interval:
    """Every `length`, counted from `anchor`, so that all clocks count alike whenever they were started."""

    length: timedelta
    anchor: datetime = _EPOCH

    def next(self, after: datetime) -> datetime | None:
        return self.anchor + ((after - self.anchor) // self.length + 1) * self.length


class Cron:
    """Moments that match an expression in each field; see `Trigger`."""

    def __init__(self, fields: Mapping[str, object], zone: ZoneInfo) -> None:
        """Raises `BadTrigger`: a field that APScheduler does not understand, or fields that never match together."""
        self._fields = {name: str(value) for name, value in fields.items()}
        self._zone = zone
        problems = [problem for name in self._fields if (problem := self._problem(name))]
        if not problems and "year" not in self._fields and not self._ever_matches():
            problems = [f"{self}: there is no such day"]
        if problems:
            raise BadTrigger(problems)
        self._by_wall = self._hour_is_fixed()
        # With years that have passed it says None at once; everything else has a match within `_LONGEST_PAUSE`.
        self._trigger = _expressions(**self._fields, timezone=UTC if self._by_wall else zone)

    def __str__(self) -> str:
        return ", ".join(f"{name}: {value}" for name, value in self._fields.items())

    def next(self, after: datetime) -> datetime | None:
        return self._at_wall_time(after) if self._by_wall else self._at_moment(after)

    def _hour_is_fixed(self) -> bool:
        # What is smaller than the smallest given field is at its minimum: `day: 1` means 0:00:00 of that day.
        if "hour" in self._fields:
            return not _every_hour(self._fields["hour"])
        return not {"minute", "second"} & self._fields.keys()

    def _problem(self, name: str) -> str | None:
        try:
            _expressions(**{name: self._fields[name]}, timezone=UTC)
        except ValueError as error:
            return f"{name}: {error}"
        return None

    def _ever_matches(self) -> bool:
        trigger = _expressions(**self._fields, timezone=UTC, end_date=_EPOCH + _LONGEST_PAUSE)
        return trigger.get_next_fire_time(None, _EPOCH) is not None

    def _at_moment(self, after: datetime) -> datetime | None:
        """Where hours are counted as they pass: APScheduler's own reckoning in the zone."""
        found = self._trigger.get_next_fire_time(None, after.astimezone(UTC) + _TICK)
        return None if found is None else found.astimezone(UTC)

    def _at_wall_time(self, after: datetime) -> datetime | None:
        """Where the clock on the wall counts: reckoned as if the zone had no shifts, then put on its real time."""
        wall = after.astimezone(self._zone).replace(tzinfo=UTC, fold=0)
        while True:
            found: datetime | None = self._trigger.get_next_fire_time(None, wall + _TICK)
            if found is None:
                return None
            moment = self._real(found)
            if moment > after:
                return moment
            wall = found  # the second time that the clock on the wall shows it

    def _real(self, wall: datetime) -> datetime:
        local = wall.replace(tzinfo=self._zone)  # of two times the first (fold 0)
        moment = local.astimezone(UTC)
        shown = moment.astimezone(self._zone)
        if shown.replace(tzinfo=None) == local.replace(tzinfo=None):
            return moment
        # In the gap. `moment` was reckoned with the offset before it, so it lies as far behind the gap's end as the wall
        # time lies behind its beginning; the offset after it gives the other bound.
        before = wall.replace(tzinfo=self._zone, fold=1).astimezone(UTC)
        return _gap_end(before, moment, self._zone)


def _every_hour(expression: str) -> bool:
    """Whether it means each hour of the day, however it says so: ``*``, ``*/1``, ``0-23``."""
    trigger = _expressions(hour=expression, timezone=UTC, end_date=_EPOCH + timedelta(hours=23, minutes=59))
    at, hours = _EPOCH - _TICK, 0
    while (found := trigger.get_next_fire_time(None, at + _TICK)) is not None:
        at, hours = found, hours + 1
    return hours == 24


def _gap_end(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first second after `low` at which `zone` has the offset that it has at `high`."""
    low, high = min(low, high), max(low, high)
    offset = high.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle <= low:
            break
        if middle.astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high.replace(microsecond=0)


def parse(words: Mapping[str, Any], *, zone: ZoneInfo) -> Trigger:
    """The trigger that ``{type: interval, minutes: 5}`` or ``{type: cron, hour: 4}`` means. Raises `BadTrigger`."""
    kind = words.get("type")
    given = {str(name): value for name, value in words.items() if name != "type"}
    if kind not in ("interval", "cron"):
        more = " (`date` is not supported)" if kind == "date" else ""
        raise BadTrigger([f"type: expected interval or cron{more}"])
    own, other = (INTERVAL_KEYS, CRON_KEYS) if kind == "interval" else (CRON_KEYS, INTERVAL_KEYS)
    problems = [_unknown(name, kind, own, other) for name in given if name not in own]
    if not given:
        problems.append(f"type: {kind}: expected at least one of {', '.join(own)}")
    if problems:
        raise BadTrigger(problems)
    return _interval(given) if kind == "interval" else Cron(_cron_fields(given), zone)


def _unknown(name: str, kind: str, own: tuple[str, ...], other: tuple[str, ...]) -> str:
    if name in other:
        return f"{name}: belongs to the other type, not to {kind}"
    near = get_close_matches(name, own, 1, 0.6)
    return f"{name}: there is no such key" + (f"; did you mean {near[0]}?" if near else "")


def _interval(given: Mapping[str, Any]) -> Interval:
    problems = [
        f"{name}: expected a whole number from 0"
        for name, value in given.items()
        if not isinstance(value, int) or isinstance(value, bool) or value < 0
    ]
    if problems:
        raise BadTrigger(problems)
    try:
        length = timedelta(**given)
    except OverflowError:
        length = timedelta.max
    if not timedelta(0) < length <= _LONGEST_INTERVAL:
        raise BadTrigger([f"{', '.join(given)}: expected more than nothing and at most ten years"])
    return Interval(length)


def _cron_fields(given: Mapping[str, object]) -> Mapping[str, object]:
    problems = [
        f"{name}: expected a whole number or an expression like */5 or mon-fri"
        for name, value in given.items()
        if isinstance(value, bool) or not isinstance(value, int | str) or value == ""
    ]
    if problems:
        raise BadTrigger(problems)
    return given
