"""Runs what the ledger holds open: one clock at a time (the leader), each schedule in a thread of its own, one tick after the other.

A clock that dies leaves entries behind; the next leader ends them, before the newer ticks of the same schedule. Not for: noting ticks
(`noting`), what happens at one (`ticks`, `jobs`).
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol

from services.clock import counts
from services.clock.counts import LAG, RUNNING, TICKS
from services.clock.noting import Scheduled
from services.schedules.core import PUNCTUAL, CatchUp
from services.schedules.words import Overlap
from shared.bus.messages import BusError
from shared.contract.errors import Unavailable
from shared.store.ports import Ledger, StoreError
from shared.store.records import LedgerEntry

log = logging.getLogger(__name__)

#: So long nobody else runs what the leader has begun, once it is gone; it says that it is there three times as often.
LEAD = timedelta(seconds=30)
#: A tick that was begun and is older than this many of its periods, and than a day, is not ended any more.
TOO_OLD, AT_LEAST = 3, timedelta(days=1)
#: In the detail of a tick that no clock runs: until when it may run.
UNTIL = "until"
#: Where nothing was open, what another process put into the ledger meanwhile is seen this late; what this one notes it says (`expect`).
ELSEWHERE = timedelta(seconds=5)
#: Entries that one look takes up; and so many ticks of a job wait for the one before, or run beside it: the others are skipped.
AT_ONCE, WAITING = 1000, 100


class Lost(Exception):
    """This clock is not the one any more that runs the tick: nothing more may be done for it."""


class Progress:
    """What a running tick says of itself. Raises `Lost` when it has become another clock's, or this one stops."""

    def __init__(self, ledger: Ledger, entry: LedgerEntry, *, going_on: Callable[[], bool]) -> None:
        self.entry = entry
        self._ledger = ledger
        self._going_on = going_on

    def check(self) -> None:
        if not self._going_on():
            raise Lost

    def save(self, **changes: object) -> None:
        self.check()
        self.entry = replace(self.entry, **changes)  # type: ignore[arg-type]
        if not self._ledger.save(self.entry):
            raise Lost


class Kind(Protocol):
    """What happens at the ticks of one kind of schedule."""

    def run(self, progress: Progress) -> LedgerEntry:
        """Do it; the entry with its outcome (``ran`` or ``failed``), reason, counts and detail. Raises `Lost`."""
        ...

    def left(self, entry: LedgerEntry) -> int:
        """How many a tick that is not ended has not reached."""
        ...

    def resumes(self, entry: LedgerEntry) -> bool:
        """Whether a tick that a dead clock began is gone on with; if not, it has failed."""
        ...


class Executor:
    def __init__(
        self,
        kinds: Mapping[str, Kind],
        scheduled: Iterable[Scheduled],
        *,
        ledger: Ledger,
        clock: Callable[[], datetime],
        elsewhere: timedelta = timedelta(0),
    ) -> None:
        self._kinds = kinds
        self._elsewhere = elsewhere
        self._empty_at: datetime | None = (
            None  # when the ledger was found without anything open, and nothing is expected since
        )
        self._scheduled = {one.schedule.name: one for one in scheduled}
        for name in self._scheduled:
            counts.begin(name)
        self._ledger = ledger
        self._clock = clock
        self._me = f"clock-{secrets.token_hex(8)}"
        self._lock = threading.Lock()
        self._threads: dict[str, threading.Thread] = {}  # the newest of each schedule
        self._all: list[threading.Thread] = []
        self._held: dict[str, set[str]] = {}  # ticks that threads of a schedule have
        self._leads_until: datetime | None = None
        self._led_at: datetime | None = None
        self._stopped = False

    def leads(self) -> bool:
        """Whether this clock is the one that notes and runs ticks. Raises `StoreError`."""
        return self._lead()

    def expect(self) -> None:
        """Something may come to stand in the ledger: ask it at the next look."""
        self._empty_at = None

    def run(self) -> None:
        """Begin what waits, if this clock leads. Call it every second or so. Raises `StoreError`.

        A ledger in which nothing was open is asked again when this clock `expect`s something, and else after `elsewhere`.
        """
        if not self._lead():
            return
        now = self._clock()
        if self._empty_at is not None and timedelta(0) <= now - self._empty_at < self._elsewhere:
            return
        opened = self._open()
        self._empty_at = None if opened else now
        entries = sorted((one for one in opened if not self._run_by_hand(one)), key=lambda one: (one.schedule, one.due))
        for schedule, of in groupby(entries, key=lambda one: one.schedule):
            found = list(of)
            self._say_lag(schedule, found)
            self._begin(schedule, found)

    def wait(self, seconds: float) -> bool:
        """Until nothing runs here any more; False if that takes longer."""
        with self._lock:
            threads = list(self._all)
        for thread in threads:
            thread.join(seconds)
        return not any(thread.is_alive() for thread in threads)

    def stop(self) -> None:
        """What runs ends where it is, and another clock may go on at once. Never raises."""
        self._stopped = True
        self.wait(2.0)
        try:
            if self._leads_until is not None:
                self._ledger.lead(self._me, now=self._clock(), length=timedelta(0))
        except StoreError as error:
            log.info("lead_left", extra={"error": type(error).__name__})

    def _open(self) -> list[LedgerEntry]:
        """What has not ended: of each schedule something, however much waits of another."""
        found = self._ledger.open(limit=AT_ONCE)
        if len(found) == AT_ONCE:
            for name in self._scheduled.keys() - {one.schedule for one in found}:
                found += self._ledger.open(schedule=name, limit=WAITING)
        return found

    def _run_by_hand(self, entry: LedgerEntry) -> bool:
        """Whether somebody who is no clock (a crontab line) runs it, and may do so still."""
        until = entry.detail.get(UNTIL)
        return isinstance(until, str) and datetime.fromisoformat(until) > self._clock()

    def _say_lag(self, schedule: str, entries: list[LedgerEntry]) -> None:
        """A tick that waits is late already, whenever it will begin."""
        waiting = [one.due for one in entries if one.began is None]
        if waiting:
            LAG.labels(schedule).set(max(0.0, (self._clock() - waiting[0]).total_seconds()))

    # ------------------------------------------------------------------ leading

    def _lead(self) -> bool:
        now = self._clock()
        fresh = self._led_at is not None and timedelta(0) <= now - self._led_at < LEAD / 3
        if fresh and self._leads_until is not None:
            return True
        leads = not self._stopped and self._ledger.lead(self._me, now=now, length=LEAD)
        if not leads and self._leads_until is not None:
            for name in self._scheduled:  # another clock tells from now on
                LAG.labels(name).set(0)
        if leads and self._leads_until is None:  # what the clock before noted is open
            self.expect()
        self._leads_until = now + LEAD if leads else None
        self._led_at = now if leads else None
        return leads

    def _going_on(self) -> bool:
        return not self._stopped and self._leads_until is not None

    # ------------------------------------------------------------------ ticks of one schedule

    def _begin(self, schedule: str, entries: list[LedgerEntry]) -> None:
        with self._lock:
            known = self._threads.get(schedule)
            busy = known is not None and known.is_alive()
            fresh = [one for one in entries if one.period not in self._held.get(schedule, ())] if busy else entries
            about = self._scheduled.get(schedule)
            overlap = about.overlap if about is not None else None
            if busy and (overlap is not Overlap.ALLOW or self._running(schedule) >= WAITING):
                later, fresh = fresh, []
            else:
                later = []
            if fresh:
                thread = threading.Thread(target=self._run_all, args=(fresh,), name=_name(schedule), daemon=True)
                held = self._held.get(schedule, set()) if busy else set()
                self._held[schedule] = held | {one.period for one in fresh}
                self._threads[schedule] = thread
                self._all = [one for one in self._all if one.is_alive()] + [thread]
        if fresh:
            thread.start()
        for entry in self._too_many(overlap, later):
            if entry.began is None:
                self._end(self._taken(entry), outcome="skipped", reason="overlap")

    def _running(self, schedule: str) -> int:
        return sum(one.is_alive() and one.name == _name(schedule) for one in self._all)

    @staticmethod
    def _too_many(overlap: Overlap | None, later: list[LedgerEntry]) -> list[LedgerEntry]:
        """Of ticks that came while one runs, those that will never run."""
        if overlap is None:
            return []
        return later[WAITING:] if overlap is Overlap.QUEUE else later

    def _run_all(self, entries: list[LedgerEntry]) -> None:
        try:
            begun = [one for one in entries if one.began is not None]
            waiting = [one for one in entries if one.began is None]
            for entry in begun:
                self._resume(entry)
            for entry in self._without_older(waiting):
                self._run_one(entry)
        except Lost:
            return
        except (StoreError, BusError, Unavailable) as error:
            log.warning("tick_waits", extra={"schedule": entries[0].schedule, "error": type(error).__name__})
        except Exception:
            log.exception("tick_broke", extra={"schedule": entries[0].schedule})

    def _without_older(self, waiting: list[LedgerEntry]) -> list[LedgerEntry]:
        """Of ticks that came while an older one ran, those that the schedule wants to catch up with."""
        if not waiting:
            return waiting
        known = self._scheduled.get(waiting[0].schedule)
        if known is None or known.schedule.catch_up is not CatchUp.ONCE or known.overlap is Overlap.QUEUE:
            return waiting
        for entry in waiting[:-1]:
            self._end(self._taken(entry), outcome="skipped", reason="catch up")
        return waiting[-1:]

    def _resume(self, entry: LedgerEntry) -> None:
        """A tick that a clock began which is gone."""
        taken = self._taken(entry)
        kind = self._kind(taken)
        age = self._clock() - taken.due
        if kind is None:
            self._end(taken, outcome="skipped", reason="the schedule is gone")
        elif not kind.resumes(taken):
            self._end(taken, outcome="failed", reason="killed")
        elif age > max(timedelta(seconds=taken.step) * TOO_OLD, AT_LEAST):
            counts = {**taken.counts, "left": kind.left(taken)}
            self._end(
                replace(taken, counts=counts), outcome="skipped", reason="the clock died, and it is too old to be ended"
            )
        else:
            log.warning("tick_resumed", extra={"schedule": taken.schedule, "period": taken.period})
            self._do(kind, taken)

    def _run_one(self, entry: LedgerEntry) -> None:
        taken = self._taken(entry)
        kind = self._kind(taken)
        now = self._clock()
        LAG.labels(entry.schedule).set((now - entry.due).total_seconds())
        if kind is None:
            self._end(taken, outcome="skipped", reason="the schedule is gone")
        elif reason := self._too_late(taken, now):
            self._end(taken, outcome="skipped", reason=reason)
        else:
            begun = replace(taken, outcome="running", began=now)
            if not self._ledger.save(begun):
                raise Lost
            self._do(kind, begun)

    def _too_late(self, entry: LedgerEntry, now: datetime) -> str | None:
        """Why a tick that was noted and not begun (no clock led for a while) is not run any more."""
        about, age = self._scheduled[entry.schedule], now - entry.due
        known = about.schedule
        if age <= PUNCTUAL or about.overlap is Overlap.QUEUE:
            return None
        if known.catch_up is CatchUp.SKIP:
            return "catch up"
        within = known.within or max(timedelta(seconds=entry.step), PUNCTUAL)
        return "too late" if age > within and known.catch_up is not CatchUp.ALL else None

    def _do(self, kind: Kind, entry: LedgerEntry) -> None:
        progress = Progress(self._ledger, entry, going_on=self._going_on)
        RUNNING.labels(entry.schedule).inc()
        try:
            done = kind.run(progress)
        finally:
            RUNNING.labels(entry.schedule).dec()
        assert done.began is not None
        late = done.outcome == "ran" and done.began - done.due > PUNCTUAL
        outcome = "late" if late else done.outcome
        reason = done.reason or (f"{int((done.began - done.due).total_seconds())} s after its time" if late else "")
        self._end(done, outcome=outcome, reason=reason)

    def _end(self, entry: LedgerEntry, *, outcome: str, reason: str) -> None:
        ended = replace(entry, outcome=outcome, reason=reason, ended=self._clock())
        if not self._ledger.save(ended):
            raise Lost
        TICKS.labels(entry.schedule, outcome).inc(entry.count)
        log.info(
            "tick_ended",
            extra={"schedule": entry.schedule, "period": entry.period, "outcome": outcome, "reason": reason},
        )

    def _taken(self, entry: LedgerEntry) -> LedgerEntry:
        if entry.by != self._me and not self._ledger.take(entry.schedule, entry.period, by=self._me, was=entry.by):
            raise Lost
        return replace(entry, by=self._me)

    def _kind(self, entry: LedgerEntry) -> Kind | None:
        return self._kinds.get(entry.kind) if entry.schedule in self._scheduled else None


def _name(schedule: str) -> str:
    return f"tick-{schedule}"
