"""Deleting sessions that nobody uses any more (background.md, "Deleting interviews after a period of inactivity").

Idle is a session whose answers did not change for so many days, unless it takes part in scheduled tasks: then it is waiting. The operator
may have people counted instead, for all sessions. Found interview by interview and page by page; the interview service looks again before
it deletes one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from services.settings import Settings
from shared.bus.messages import Bus
from shared.contract.errors import CallFailed
from shared.store.overview import Page
from shared.store.ports import Sessions

log = logging.getLogger(__name__)

#: Few at a time, so that no look at the database takes long, and a stop comes soon.
BATCH = 100
#: Deleting takes milliseconds: no answer in this time means that nobody answers, and the sweep ends.
CALL_SECONDS = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """After how many days without use sessions go, of each interview; 0: never. With `people` it is visits that count."""

    days: int
    by_interview: Mapping[str, int]
    people: bool

    @classmethod
    def of(cls, settings: Settings) -> Retention:
        return cls(
            days=settings.interview_delete_days,
            by_interview=settings.interview_delete_days_by_filename,
            people=settings.interview_delete_counts == "people",
        )

    def after(self, interview: str) -> timedelta | None:
        """None: never."""
        days = self.by_interview.get(plainly(interview), self.days)
        return timedelta(days=days) if days else None


def plainly(interview: str) -> str:
    """Interviews are named with and without ``data/questions/``."""
    package, _, path = interview.rpartition(":")
    return f"{package}:{path.removeprefix('data/questions/')}"


class Look(Protocol):
    def __call__(self, *, after: str, limit: int) -> Page[str]: ...


class Idle:
    """`offers` says whether an interview offers any scheduled event as it is now."""

    def __init__(
        self,
        sessions: Sessions,
        bus: Bus,
        retention: Retention,
        *,
        clock: Callable[[], datetime],
        offers: Callable[[str], bool],
    ) -> None:
        self._sessions = sessions
        self._bus = bus
        self._retention = retention
        self._clock = clock
        self._offers = offers

    def run(self) -> None:
        """Delete what is idle. May be stopped at any moment; the next run goes on. Raises `StoreError`, `BusError`."""
        for session in self._sessions.remains():
            self._ask("delete", session)
        if self._retention.days or any(self._retention.by_interview.values()):
            for interview in self._interviews(scheduled=False):
                self._of(interview, scheduled=False)
            for interview in self._interviews(scheduled=True):
                self._of(interview, scheduled=True)

    def _of(self, interview: str, *, scheduled: bool) -> None:
        length = self._retention.after(interview)
        if length is None:
            return
        before = self._clock() - length
        if self._retention.people:
            page: Look = partial(self._sessions.unvisited, interview, before=before)
        elif scheduled and self._offers(interview):
            return
        else:
            page = partial(self._sessions.idle, interview, scheduled=scheduled, before=before)
        for session in _each(page):
            if self._ask("expire", session, before=before.isoformat(), people=self._retention.people):
                log.info("session_deleted", extra={"session": session, "reason": "idle"})

    def _interviews(self, *, scheduled: bool) -> Iterator[str]:
        after = ""
        while found := self._sessions.interviews(scheduled=scheduled, after=after, limit=BATCH):
            yield from found
            after = found[-1]

    def _ask(self, method: str, session: str, **arguments: object) -> bool:
        """Call the interview service about one session. False (and logged) if that failed for this session alone."""
        try:
            done = self._bus.call("interview", method, timeout=CALL_SECONDS, session=session, **arguments)
        except CallFailed as error:
            log.warning("sweep_failed", extra={"method": method, "session": session, "error": error.kind})
            return False
        return not isinstance(done, dict) or bool(done.get("deleted", True))


def _each(page: Look) -> Iterator[str]:
    """All of a list, page by page: what is done with one may take it out of the list."""
    after: str | None = ""
    while after is not None:
        found = page(after=after, limit=BATCH)
        yield from found.lines
        after = found.after
