"""When Task classes run, from the options of the class (Masonite, "Task Scheduling", "When To Run" and "When it Runs").

By the modulus of the clock on the wall: every three days is the 3rd, the 6th … the 30th, and then the 3rd. Minutes are those of the
hour, hours those of the day, months those of the year.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from services.schedules.core import Trigger
from services.schedules.triggers import Cron

_EVERY = re.compile(r"(\d+)\s+(minute|hour|day|month)s?")
_AT = re.compile(r"(\d{1,2}):(\d{2})")
#: One more than the largest of the unit, and its smallest.
_RANGES = {"minute": (60, 0), "hour": (24, 0), "day": (32, 1), "month": (13, 1)}


class BadOption(ValueError):
    """An option that means nothing: which, and what was expected."""


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The moments of all `triggers`, each once."""

    triggers: tuple[Trigger, ...]

    def next(self, after: datetime) -> datetime | None:
        return min(filter(None, (one.next(after) for one in self.triggers)), default=None)


def trigger(options: Mapping[str, object], zone: ZoneInfo) -> Trigger | None:
    """When a class with these options runs; None: never. Raises `BadOption`."""
    every, at = options.get("run_every", False), options.get("run_at", False)
    clock = _time(at) if at else None
    found: list[Trigger] = []
    if every:
        found += _every(every, clock, zone)
    elif clock is not None:
        found.append(Cron({"hour": clock[0], "minute": clock[1]}, zone))
    if _flag(options, "run_every_hour"):
        found.append(Cron({"minute": 0}, zone))
    if _flag(options, "run_every_minute"):
        found.append(Cron({"minute": "*"}, zone))
    if options.get("twice_daily", False):
        found += [Cron({"hour": hour, "minute": 0}, zone) for hour in _hours(options["twice_daily"])]
    if not found:
        return None
    return found[0] if len(found) == 1 else AnyOf(tuple(found))


def _every(every: object, clock: tuple[int, int] | None, zone: ZoneInfo) -> list[Trigger]:
    match = _EVERY.fullmatch(every.strip()) if isinstance(every, str) else None
    if match is None or not int(match[1]):
        raise BadOption(f"run_every: expected a number of minutes, hours, days or months, like '3 days', not {every!r}")
    unit, length = match[2], int(match[1])
    end, first = _RANGES[unit]
    values = [value for value in range(first, end) if value % length == 0]
    if not values:
        return []  # every 40 days: no day of a month is one
    listed = ",".join(map(str, values))
    hour, minute = clock or (0, 0)
    fields: dict[str, dict[str, object]] = {
        "minute": {"minute": listed},
        "hour": {"hour": listed, "minute": 0},
        "day": {"day": listed, "hour": hour, "minute": minute},
        "month": {"month": listed, "day": 1, "hour": hour, "minute": minute},
    }
    return [Cron(fields[unit], zone)]


def _time(at: object) -> tuple[int, int]:
    match = _AT.fullmatch(at.strip()) if isinstance(at, str) else None
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise BadOption(f"run_at: expected a time of the day, like '17:00', not {at!r}")
    return int(match[1]), int(match[2])


def _flag(options: Mapping[str, object], name: str) -> bool:
    value = options.get(name, False)
    if not isinstance(value, bool):
        raise BadOption(f"{name}: expected True or False, not {value!r}")
    return value


def _hours(value: object) -> Sequence[int]:
    hours = value if isinstance(value, list | tuple) else ()
    if not hours or not all(isinstance(one, int) and not isinstance(one, bool) and 0 <= one <= 23 for one in hours):
        raise BadOption(f"twice_daily: expected hours of the day, like (1, 13), not {value!r}")
    return tuple(hours)
