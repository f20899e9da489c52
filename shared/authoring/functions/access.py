"""When the session began and was last used.

The interview service notes who opens a page, answers or asks for an action, after that: a time asked for here is that of an earlier
request, never of the one that is running. (The answers say it as well, of earlier versions and where no service is.) Visits of the
cron user are kept apart, for `include_cron`.

Source: functions.md, "Access time functions".
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from shared.authoring.context import current
from shared.authoring.functions.users import privilege_names
from shared.authoring.memory import ACCESS, STARTED, seen
from shared.authoring.text.dates import DADateTime, zone

CRON = "cron"
#: How long a user must have been away to be a returning one (functions.md, returning_user()).
AWAY = datetime.timedelta(hours=6)


def _moment(stamp: object, timezone: str | None) -> DADateTime:
    moment = stamp if isinstance(stamp, datetime.datetime) else datetime.datetime.fromisoformat(str(stamp))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return DADateTime.of(moment.astimezone(zone(timezone or "UTC")))


def start_time(timezone: str | None = None) -> DADateTime:
    """When the session was started, in UTC or in `timezone`."""
    return _moment(seen(STARTED) or current().now, timezone)


def last_access_time(
    include_privileges: object = None,
    exclude_privileges: object = None,
    include_cron: bool = False,
    timezone: str | None = None,
) -> DADateTime | None:
    """When the session was last used, by anybody or by users with (without) these privileges. None: never."""
    wanted = None if include_privileges is None else set(privilege_names(include_privileges))
    unwanted = set() if exclude_privileges is None else set(privilege_names(exclude_privileges))
    latest: DADateTime | None = None
    for stamp, held in _accesses():
        if CRON in held and not include_cron and not (wanted and CRON in wanted):
            continue
        if (wanted is not None and not held & wanted) or held & unwanted:
            continue
        moment = _moment(stamp, timezone)
        if latest is None or moment > latest:
            latest = moment
    return latest


def _accesses() -> Iterator[tuple[object, set[str]]]:
    """When each user was here last, and with which privileges: as the service knows it, else as the answers say."""
    visits = {str(one["who"]): one for one in current().visits()}
    for visit in visits.values():
        yield visit["at"], set(visit["privileges"] or ["user"])
    for who, entry in seen(ACCESS, {}).items():
        if who not in visits:
            held = entry.get("privileges") if isinstance(entry, dict) else None
            yield (entry.get("time") if isinstance(entry, dict) else entry), set(held or ["user"])


def last_access_delta(*args: Any, **kwargs: Any) -> datetime.timedelta:
    """How long ago the session was last used; zero if never. Arguments as in `last_access_time`."""
    latest = last_access_time(*args, **kwargs)
    return datetime.timedelta(0) if latest is None else current().now - latest


def last_access_days(*args: object, **kwargs: object) -> float:
    """`last_access_delta` in days."""
    return last_access_delta(*args, **kwargs).total_seconds() / 86400


def last_access_hours(*args: object, **kwargs: object) -> float:
    """`last_access_delta` in hours."""
    return last_access_delta(*args, **kwargs).total_seconds() / 3600


def last_access_minutes(*args: object, **kwargs: object) -> float:
    """`last_access_delta` in minutes."""
    return last_access_delta(*args, **kwargs).total_seconds() / 60


def returning_user(minutes: float | None = None, hours: float | None = None, days: float | None = None) -> bool:
    """Whether this user looks at the session again after six hours, or the time given, without having answered anything.

    Only a request that shows a screen can be a return; an answer or an action is not.
    """
    context = current()
    if context.request.get("method", "GET") != "GET" or context.action is not None or context.mode != "foreground":
        return False
    given = [
        datetime.timedelta(**{unit: float(length)})
        for unit, length in (("minutes", minutes), ("hours", hours), ("days", days))
        if length is not None
    ]
    return last_access_delta() > (given[0] if given else AWAY)
