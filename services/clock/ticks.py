"""Scheduled actions: once in each period, every session that offers the event gets one ``tick`` job.

Which clock does it is settled by `Schedule.claim`. How far it has come is a note, written before each page of sessions; a
clock that finds a tick begun and its note old takes the next turn and goes on from there. The page under way is then sent twice, which does no
harm: the period is part of the request's id. A period that passed while no clock ran is not made up for; the current one is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, tzinfo
from typing import Any

from services.clock.periods import EVENTS, period
from shared.bus.messages import Bus, Job
from shared.store.ports import Schedule, Sessions

log = logging.getLogger(__name__)

PAGE = 200
#: After this time without progress a tick is taken over by whichever clock looks next.
STALE = timedelta(seconds=60)
#: Sessions may offer an event to run at once, or in the background, or both (background.md, "Long-running scheduled tasks").
SUFFIXES = ("", "_background")


class Ticker:
    def __init__(
        self,
        *,
        sessions: Sessions,
        schedule: Schedule,
        bus: Bus,
        clock: Callable[[], datetime],
        zone: tzinfo,
        page: int = PAGE,
    ) -> None:
        self._sessions = sessions
        self._schedule = schedule
        self._bus = bus
        self._clock = clock
        self._zone = zone
        self._page = page

    def run(self) -> None:
        """Begin what is due, go on with what was left. Call it every few seconds.

        Raises `StoreError` or `BusError`; the next call then goes on where this one stopped.
        """
        for event in EVENTS:
            current = period(event, self._clock(), self._zone)
            begun = self._schedule.last(event)
            if begun is None or begun < current:
                if self._schedule.claim(event, period=current, now=self._clock()):
                    log.info("tick_begun", extra={"schedule": event, "period": current})
                    self._send(event, current, after="", turn=0)
            elif self._schedule.last(_done(event)) != begun:
                self._resume(event, begun)

    def _resume(self, event: str, begun: str) -> None:
        note = self._schedule.notes(_note(event)).get(_note(event), {})
        if note.get("period") != begun:
            # Claimed a moment ago, or by a clock that ended before its first note: time will tell.
            self._note(event, begun, "", turn=0, until=self._clock() + STALE)
        elif note["until"] <= self._clock():
            turn = note["turn"] + 1
            if self._schedule.claim(f"{event}/turn", period=f"{begun} {turn:06}", now=self._clock()):
                log.warning("tick_resumed", extra={"schedule": event, "period": begun})
                self._send(event, begun, after=note["after"], turn=turn)

    def _send(self, event: str, current: str, *, after: str, turn: int) -> None:
        count = 0
        more = True
        while more:
            self._note(event, current, after, turn=turn, until=self._clock() + STALE)
            ids, more = self._next(event, after)
            try:
                for session in ids:
                    self._bus.send(_job(event, current, session))
                    after, count = session, count + 1
            except Exception:
                self._note(event, current, after, turn=turn, until=self._clock())  # whoever is first may go on
                raise
        self._schedule.claim(_done(event), period=current, now=self._clock())
        log.info("tick_sent", extra={"schedule": event, "period": current, "count": count})

    def _next(self, event: str, after: str) -> tuple[Iterable[str], bool]:
        """The next sessions in order of their ids, and whether there may be more."""
        pages = [self._sessions.offering(event + suffix, after=after, limit=self._page) for suffix in SUFFIXES]
        full = [page[-1] for page in pages if len(page) == self._page]
        ids = sorted({session for page in pages for session in page})
        if full:  # beyond the end of a full page the other one may know sessions that this one does not
            ids = [session for session in ids if session <= min(full)]
        return ids, bool(full)

    def _note(self, event: str, current: str, after: str, *, turn: int, until: datetime) -> None:
        value: dict[str, Any] = {"period": current, "after": after, "turn": turn, "until": until}
        self._schedule.note(_note(event), value)


def _job(event: str, current: str, session: str) -> Job:
    body = {"session": session, "event": event, "period": current}
    return Job(queue="tick", id=f"{event}.{current}.{session}", body=body)


def _note(event: str) -> str:
    return f"tick/{event}"


def _done(event: str) -> str:
    return f"{event}/done"
