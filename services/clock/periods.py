"""The four schedules of interviews, and the period of each that a moment is in.

Source: background.md, "Scheduled tasks" (``cron_hourly``, ``cron_daily``, ``cron_weekly``, ``cron_monthly``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from types import MappingProxyType

#: Days, weeks and months begin at this hour of the wall clock: a reminder should not arrive at midnight, and no change to
#: or from summer time falls on it.
DAY_BEGINS = timedelta(hours=6)


def _day(now: datetime, zone: tzinfo) -> date:
    return (now.astimezone(zone).replace(tzinfo=None) - DAY_BEGINS).date()


def _hourly(now: datetime, zone: tzinfo) -> str:
    # In UTC: on the day that summer time ends an hour of the wall clock comes twice, and is due twice.
    return now.astimezone(UTC).strftime("%Y-%m-%dT%HZ")


def _daily(now: datetime, zone: tzinfo) -> str:
    return _day(now, zone).isoformat()


def _weekly(now: datetime, zone: tzinfo) -> str:
    year, week, _ = _day(now, zone).isocalendar()
    return f"{year:04}-W{week:02}"


def _monthly(now: datetime, zone: tzinfo) -> str:
    return _day(now, zone).isoformat()[:7]


_SCHEDULES: Mapping[str, Callable[[datetime, tzinfo], str]] = MappingProxyType(
    {"cron_hourly": _hourly, "cron_daily": _daily, "cron_weekly": _weekly, "cron_monthly": _monthly}
)

#: Names of the events, which are those of the actions.
EVENTS = tuple(_SCHEDULES)


def period(event: str, now: datetime, zone: tzinfo) -> str:
    """The period of `event` that `now` (aware) is in. Periods ascend as text, as `Schedule.claim` needs it.

    Weeks begin on Monday; days, weeks and months at six in the morning in `zone`.
    """
    return _SCHEDULES[event](now, zone)
