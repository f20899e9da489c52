"""The schedules of events of interviews: the four that are always there, and what the configuration adds or gives other times.

Source: background.md, "Scheduled tasks" (``cron_hourly``, ``cron_daily``, ``cron_weekly``, ``cron_monthly``).
"""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from services.schedules.core import Schedule
from services.schedules.triggers import parse
from services.schedules.words import Declared

#: Days, weeks and months begin at six in the morning of the wall clock: a reminder should not arrive at midnight, and no change to or
#: from summer time falls on it. Weeks begin on Monday. Hours are real ones: where a clock is set back, one comes twice and ticks twice.
_STANDING = {
    "cron_hourly": {"type": "interval", "hours": 1},
    "cron_daily": {"type": "cron", "hour": 6},
    "cron_weekly": {"type": "cron", "day_of_week": "mon", "hour": 6},
    "cron_monthly": {"type": "cron", "day": 1, "hour": 6},
}


def schedules(declared: Iterable[Declared], zone: ZoneInfo) -> list[Schedule]:
    """All of them, those of the configuration in place of the standing ones of the same name."""
    given = {one.name: one.schedule(zone) for one in declared}
    standing = {
        name: Schedule(name=name, trigger=parse(words, zone=zone))
        for name, words in _STANDING.items()
        if name not in given
    }
    return [*standing.values(), *given.values()]
