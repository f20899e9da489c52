"""Notes every tick of every schedule in the ledger when it comes, whoever runs it and whenever: nothing is busy enough to miss one.

The leading clock does it. It first claims, by a compare-and-set, the look that it takes: from where, and at which moment. What that look finds
is the same for whoever takes it, so one that dies or stands still in between is followed by one that ends the very same look before it takes
its own, and whatever the first does when it wakes up has been done. Not for: running them (`executor`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from services.clock.counts import TICKS
from services.schedules.core import Due, Schedule, Skipped, Tick, due
from services.schedules.words import Overlap
from shared.store.ports import Ledger
from shared.store.ports import Schedule as Claims
from shared.store.records import LedgerEntry

log = logging.getLogger(__name__)

#: Notes by which an operator has a schedule pause.
PAUSED = "paused/"
_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"
#: The first and the last tick of an entry.
_Span = tuple[datetime, datetime]
#: How often a clock looks again because another was faster; after that in a second.
RACES = 5
#: Of a schedule that ends: how long its last tick lasts.
_LAST_STEP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A schedule, and what kind of thing happens at its ticks: ``interviews``, ``job`` or ``task``."""

    schedule: Schedule
    kind: str
    overlap: Overlap | None = None  #: of jobs: what becomes of a tick while the one before still runs


class Noter:
    def __init__(
        self,
        scheduled: Sequence[Scheduled],
        *,
        ledger: Ledger,
        claims: Claims,
        clock: Callable[[], datetime],
        noting: Callable[[], None] = lambda: None,
    ) -> None:
        """`noting` is called before something may come to stand in the ledger."""
        self._noting = noting
        self._scheduled = tuple(scheduled)
        self._ledger = ledger
        self._claims = claims
        self._clock = clock
        self._last: dict[str, datetime] = {}  # as this clock knows it: without a tick since then the store is not asked
        self._next: dict[str, tuple[datetime, datetime | None]] = {}  # the first moment after what it knows

    def run(self) -> None:
        """Note what has become due. Raises `StoreError`; the next call begins anew."""
        for one in self._scheduled:
            self._note(one)

    def _note(self, one: Scheduled) -> None:
        name, now = one.schedule.name, self._clock()
        known = self._last.get(name)
        if known is not None and not self._may_be_due(one, known, now):
            return
        self._noting()
        for _ in range(RACES):
            if self._look(one, now):
                return

    def _may_be_due(self, one: Scheduled, known: datetime, now: datetime) -> bool:
        """Whether there is a moment between. Looked for once after each tick: these looks are what a clock with nothing to do does."""
        looked = self._next.get(one.schedule.name)
        if looked is None or looked[0] != known:
            looked = self._next[one.schedule.name] = known, one.schedule.trigger.next(known)
        return looked[1] is not None and looked[1] <= now

    def _look(self, one: Scheduled, now: datetime) -> bool:
        """Note what has become due until `now`. False: another clock was faster, and has perhaps not noted it all yet."""
        name = one.schedule.name
        held = self._claims.last(_key(name))
        last, began = _read(held)
        if began is not None and last is not None and held is not None:  # a clock has not come to the end of its look
            last = self._end(one, held, due(one.schedule, last=last, now=began), began)
            held = _text(last)
        found = due(one.schedule, last=last, now=now)
        if last is not None and not _nothing(found):
            look = f"{_text(last)} {_text(now)}"
            if not self._claims.move(_key(name), was=held, to=look, now=now):
                return False
            self._end(one, look, found, now)
        elif found.last == last or self._claims.move(_key(name), was=held, to=_text(found.last), now=now):
            self._last[name] = found.last
        return True

    def _end(self, one: Scheduled, look: str, found: Due, now: datetime) -> datetime:
        """Note what the claimed `look`, taken at `now`, found; where the next look begins."""
        name = one.schedule.name
        noted = self._noted(name, found)
        for skipped in found.skipped:
            for part in _apart(one.schedule, skipped, noted):
                self._note_over(_passed_over(one, part, now=now))
        for tick in found.run:
            if _within(tick.at, noted):
                continue
            if self._paused(name):
                self._note_over(replace(_waiting(one, tick), outcome="skipped", reason="paused", ended=now))
            elif self._ledger.note(_waiting(one, tick)):
                log.info("tick_noted", extra={"schedule": name, "period": tick.period})
        if self._claims.move(_key(name), was=look, to=_text(found.last), now=now):
            self._last[name] = found.last  # else another clock has ended this look
        return found.last

    def _note_over(self, entry: LedgerEntry) -> None:
        if self._ledger.note(entry):
            TICKS.labels(entry.schedule, entry.outcome).inc(entry.count)

    def _paused(self, name: str) -> bool:
        note = f"{PAUSED}{name}"
        return note in self._claims.notes(note)  # others may begin with the same name

    def _noted(self, name: str, found: Due) -> list[_Span]:
        """Of what is found due, what stands in the ledger already: a clock died, or a crontab line was faster."""
        moments = [one.first for one in found.skipped] + [one.at for one in found.run]
        spans: list[_Span] = []
        after: str | None = "" if moments else None
        while after is not None:
            page = self._ledger.page(name, after=after, limit=10)
            spans += [(one.first or one.due, one.due) for one in page.lines if one.due >= min(moments)]
            after = page.after if page.lines and page.lines[-1].due >= min(moments) else None
        return spans


def _key(name: str) -> str:
    return f"due/{name}"


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_FORM)


def _read(claim: str | None) -> tuple[datetime | None, datetime | None]:
    """Up to where a schedule has been looked at, and when the look was taken that has not been ended."""
    last, _, began = (claim or "").partition(" ")
    return _moment(last), _moment(began)


def _moment(text: str) -> datetime | None:
    return datetime.strptime(text, _FORM).replace(tzinfo=UTC) if text else None


def _nothing(found: Due) -> bool:
    return not found.run and not found.skipped


def _within(at: datetime, spans: Sequence[_Span]) -> bool:
    return any(first <= at <= last for first, last in spans)


def _apart(schedule: Schedule, skipped: Skipped, noted: Sequence[_Span]) -> Iterator[Skipped]:
    """`skipped` without what is in `noted`: ticks one after another, in as few pieces as that leaves."""
    if not noted:
        yield skipped
        return
    piece: Skipped | None = None
    at: datetime | None = skipped.first
    while at is not None and at <= skipped.last:
        if not _within(at, noted):
            piece = replace(
                piece or replace(skipped, first=at, count=0), last=at, count=(piece.count if piece else 0) + 1
            )
        elif piece is not None:
            yield piece
            piece = None
        at = schedule.trigger.next(at)
    if piece is not None:
        yield piece


def step(schedule: Schedule, at: datetime) -> timedelta:
    """How long the tick at `at` lasts: until the next one."""
    following = schedule.trigger.next(at)
    return _LAST_STEP if following is None else following - at


def _waiting(one: Scheduled, tick: Tick) -> LedgerEntry:
    return LedgerEntry(
        schedule=tick.schedule,
        period=tick.period,
        kind=one.kind,
        due=tick.at,
        step=step(one.schedule, tick.at).total_seconds(),
    )


def _passed_over(one: Scheduled, skipped: Skipped, *, now: datetime) -> LedgerEntry:
    last = Tick(skipped.schedule, skipped.last)
    return LedgerEntry(
        schedule=skipped.schedule,
        period=last.period,
        kind=one.kind,
        due=skipped.last,
        first=skipped.first,
        count=skipped.count,
        step=step(one.schedule, skipped.last).total_seconds(),
        outcome="skipped",
        reason=str(skipped.reason),
        ended=now,
    )
