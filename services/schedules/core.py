"""What is due: from a schedule, its last tick and the time now, which ticks run and which are passed over, with the reason.

Pure: no clock, no store. Used by whoever keeps the last tick of each schedule and makes things happen. Not for: how a trigger finds
its moments (`triggers`), which schedules there are (`words`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Protocol

#: Ticks looked at in one go. A schedule of every second that nobody looked at for a week is caught up with in some sixty.
LIMIT = 10_000
#: A tick that is not older than this is on time, however a schedule catches up: clocks look every few seconds.
PUNCTUAL = timedelta(seconds=60)


class Trigger(Protocol):
    """When a schedule ticks. Two triggers made of the same words agree, so that all clocks have the same ticks."""

    def next(self, after: datetime) -> datetime | None:
        """The first moment strictly after `after`, both aware, the result in UTC; None if there is none any more."""
        ...


class CatchUp(StrEnum):
    """What becomes of ticks that no clock saw when they came."""

    ONCE = "once"  #: the newest runs
    ALL = "all"
    SKIP = "skip"  #: only a tick on time runs


class Reason(StrEnum):
    """Why a tick did not run."""

    CATCH_UP = "catch up"  #: a newer one runs in its place, or late ones never run
    TOO_LATE = "too late"  #: older than what the schedule still runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`within`: how old a tick may be and still run; None: until the next one comes, at least `PUNCTUAL`. `zone`: its own, if it has one."""

    name: str
    trigger: Trigger
    catch_up: CatchUp = CatchUp.ONCE
    within: timedelta | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """One moment of one schedule; `at` is aware and in UTC."""

    schedule: str
    at: datetime

    @property
    def period(self) -> str:
        """The tick's key, the same for all clocks; later ticks of a schedule have larger texts (`Schedule.claim` of the store)."""
        return self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Skipped:
    """Ticks one after another that are passed over for one reason."""

    schedule: str
    first: datetime
    last: datetime
    count: int
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """`run` and `skipped` in the order of time; `last` is to be kept: the next look begins there."""

    run: tuple[Tick, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    last: datetime


def due(schedule: Schedule, *, last: datetime | None, now: datetime, limit: int = LIMIT) -> Due:
    """What became due after `last` and until `now`.

    With no `last` (a first start, a new schedule) the next tick is the first: nothing is made up for. A clock that was set
    back finds nothing until it is past `last` again. Of more than `limit` ticks the first are judged, and the next look goes on.
    """
    if last is None:
        return Due(last=now)
    if now <= last:
        return Due(last=last)
    moments = list(islice(_moments(schedule.trigger, after=last, until=now), limit))
    if not moments:
        # Nothing lies between: not looked through again. (The trigger may be slow to say so.)
        return Due(last=now)
    more = len(moments) == limit
    run, skipped = [], []
    for number, at in enumerate(moments):
        newest = number == len(moments) - 1 and not more
        reason = _reason(schedule, at, newest=newest, now=now)
        if reason is None:
            run.append(Tick(schedule.name, at))
        else:
            skipped.append((at, reason))
    return Due(run=tuple(run), skipped=tuple(_grouped(schedule.name, skipped)), last=moments[-1] if more else now)


def upcoming(schedule: Schedule, *, now: datetime, count: int) -> list[datetime]:
    """The next `count` moments after `now`, fewer if the schedule ends."""
    return list(islice(_moments(schedule.trigger, after=now, until=None), count))


def _moments(trigger: Trigger, *, after: datetime, until: datetime | None) -> Iterator[datetime]:
    at = trigger.next(after)
    while at is not None and (until is None or at <= until):
        yield at
        at = trigger.next(at)


def _reason(schedule: Schedule, at: datetime, *, newest: bool, now: datetime) -> Reason | None:
    age = now - at
    if age <= PUNCTUAL and (newest or schedule.catch_up is not CatchUp.ONCE):
        return None
    if schedule.catch_up is CatchUp.SKIP or (schedule.catch_up is CatchUp.ONCE and not newest):
        return Reason.CATCH_UP
    if schedule.within is not None and age > schedule.within:
        return Reason.TOO_LATE
    return None


def _grouped(name: str, skipped: list[tuple[datetime, Reason]]) -> Iterator[Skipped]:
    group: Skipped | None = None
    for at, reason in skipped:
        if group is not None and group.reason is reason:
            group = Skipped(name, group.first, at, group.count + 1, reason)
            continue
        if group is not None:
            yield group
        group = Skipped(name, at, at, 1, reason)
    if group is not None:
        yield group
