"""What has happened at which time: claims of periods, ticks of sessions, ticks of schedules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from shared.store.overview import Page
from shared.store.records import LedgerEntry, TickMark


class Schedule(Protocol):
    def claim(self, key: str, *, period: str, now: datetime) -> bool:
        """True for exactly one caller per (key, period), e.g. ("cron_daily", "2026-01-15").

        The periods of a key ascend as text: one that is not after the last claimed is refused.
        """
        ...

    def move(self, key: str, *, was: str | None, to: str, now: datetime) -> bool:
        """Claim `to`, whatever its order, if the last claimed is `was` (None: nothing is); a compare-and-set. False: it is not."""
        ...

    def last(self, key: str) -> str | None: ...
    def expire(self, prefix: str, *, before: datetime, limit: int) -> int:
        """Forget claims of keys that begin with `prefix` and were made before `before`, at most `limit`; how many it were."""
        ...

    def note(self, name: str, value: Mapping[str, Any]) -> None:
        """Keep a small plain document (a service's heartbeat, a sweep's position)."""
        ...

    def forget(self, name: str) -> None:
        """Remove a note."""
        ...

    def notes(self, prefix: str) -> dict[str, Mapping[str, Any]]: ...


class Ticks(Protocol):
    """How far sessions have come with their scheduled events. A session's go with it."""

    def get(self, session_id: str, event: str) -> TickMark | None: ...
    def put(self, mark: TickMark) -> None:
        """Insert or replace; a mark of an earlier period than the one kept changes nothing."""
        ...

    def of_session(self, session_id: str) -> list[TickMark]: ...
    def failing(self, event: str, *, after: str = "", limit: int = 100) -> list[TickMark]:
        """Those of `event` that failed the last time, by the ids of their sessions, after `after`."""
        ...


class Ledger(Protocol):
    """Every tick of every schedule, and what became of it."""

    def note(self, entry: LedgerEntry) -> bool:
        """Insert; False (and nothing changed) if the schedule has an entry of this period."""
        ...

    def open(self, *, schedule: str | None = None, limit: int = 1000) -> list[LedgerEntry]:
        """Entries (of one `schedule`) that have not come to their end, those due first first."""
        ...

    def take(self, schedule: str, period: str, *, by: str, was: str) -> bool:
        """Have an open entry be run by the clock `by` instead of `was` (nobody: ``""``). False: it is somebody else's, or ended."""
        ...

    def save(self, entry: LedgerEntry) -> bool:
        """Replace an open entry that is run by `entry.by`. False: it is not, any more."""
        ...

    def page(self, schedule: str, *, after: str = "", limit: int = 100) -> Page[LedgerEntry]:
        """The entries of a schedule, newest first; `after` is that of the page before."""
        ...

    def schedules(self) -> list[str]:
        """The names of schedules that have entries."""
        ...

    def forget(self, schedule: str, *, before: datetime, keep: int) -> int:
        """Remove ended entries of `schedule` that were due before `before`, and all but the newest `keep`; how many that were."""
        ...

    def lead(self, by: str, *, now: datetime, length: timedelta) -> bool:
        """Be the clock that runs what is due, for `length` from `now`. False: another one is."""
        ...
