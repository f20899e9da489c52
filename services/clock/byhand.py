"""Running a schedule by hand, now: an event in every session that offers it, or a job. And being asked to by another process.

Who asks (``parley cron``) leaves a note in the store; whichever clock sees it first does it, and leaves what came of it there, too. So it
works over the database alone, whatever runs where. Not for: ticks that come by themselves (`executor`).
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.clock.jobs import Jobs
from services.clock.noting import Scheduled
from services.clock.ticks import InterviewTicks
from services.logs import session_hash
from services.schedules.core import Schedule, Tick
from shared.contract.errors import CallFailed
from shared.contract.ticks import Ticked
from shared.store.ports import Schedule as Claims

log = logging.getLogger(__name__)

ASKED, ANSWERED = "asked/", "answered/"
#: Lines of an answer that one note holds.
_LINES = 200
#: So long an answer that nobody fetched stays, and so often it is looked for such.
_KEPT = timedelta(hours=1)
_CLEARED = timedelta(minutes=1)
#: What operators ask for is looked for this often: a person waits, but nothing happens most of the time.
_ASKED_EVERY = timedelta(seconds=2)
_FAILED = ("failed", "asked", "left")
_LONGEST = timedelta(days=3660)

Tell = Callable[[str], None]


def previous(schedule: Schedule, now: datetime) -> datetime | None:
    """The last moment of `schedule` that is not after `now`."""
    back, found = timedelta(seconds=1), None
    while found is None and back < _LONGEST:
        first = schedule.trigger.next(now - back)
        found = first if first is not None and first <= now else None
        back *= 4
    while found is not None:
        following = schedule.trigger.next(found)
        if following is None or following > now:
            break
        found = following
    return found


class ByHand:
    def __init__(
        self,
        ticks: InterviewTicks,
        jobs: Jobs,
        scheduled: Iterable[Scheduled],
        *,
        sweep: Callable[[], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._ticks = ticks
        self._jobs = jobs
        self._scheduled = {one.schedule.name: one.schedule for one in scheduled if one.kind == "interviews"}
        self._sweep = sweep
        self._clock = clock

    def run(self, name: str, *, again: bool, tell: Tell) -> bool:
        """Run `name` now; False if something of it failed. `tell` gets a line for each session, and a summary."""
        if (job := self._jobs.named(name)) is not None:
            called = self._jobs.call(job)
            told: Mapping[str, object] = called.value if isinstance(called.value, dict) else {}
            for line in str(told.get("printed") or "").splitlines():
                tell(line)
            failed = called.failed
            tell(f"{name}: {'ran' if failed is None else f'failed: {failed.error} {failed.type} {failed.message}'}")
            return failed is None
        counts = self._sessions(name, again=again, tell=tell)
        if name == "cron_daily":
            self._sweep()
        reached = ", ".join(f"{number} {what}" for what, number in sorted(counts.items()))
        tell(f"{name}: {sum(counts.values())} sessions{': ' if reached else ''}{reached}")
        return not any(counts[what] for what in _FAILED)

    def _sessions(self, name: str, *, again: bool, tell: Tell) -> Counter[str]:
        period = self._period(name, again=again)
        counts: Counter[str] = Counter()
        for interview in self._ticks.interviews():
            offered = self._ticks.offers(interview, name)
            if offered:
                tell(f"{interview}: {offered}")
                counts["failed"] += 1
            if offered != "":
                continue
            for session in self._ticks.sessions_of(interview):
                outcome, line = self._session(session, name, period)
                counts[outcome] += 1
                tell(f"{session_hash(session)}  {line}")
        return counts

    def _session(self, session: str, name: str, period: str) -> tuple[str, str]:
        try:
            ticked = self._ticks.tick(session, name, period, 0.0, again=True)
        except CallFailed as error:
            return "left", f"left: {error.kind}"
        return ticked.outcome, _said(ticked)

    def _period(self, name: str, *, again: bool) -> str:
        now = self._clock()
        known = self._scheduled.get(name)
        last = previous(known, now) if known is not None else None
        exactly = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        if last is None:
            return exactly
        return f"{Tick(name, last).period} {exactly}" if again else Tick(name, last).period


def _said(ticked: Ticked) -> str:
    if ticked.outcome == "already":
        return "already: it ran in this period (--again runs it once more)"
    error = ticked.error
    if error is not None:
        place = ", ".join(filter(None, (error.file, error.block, f"line {error.line}" if error.line else "")))
        return f"{ticked.outcome}: {error.type} in {place}"
    return f"{ticked.outcome}{f': {ticked.said}' if ticked.said else ''}"


# ------------------------------------------------------------------ by notes


@dataclass(frozen=True, slots=True)
class Answer:
    lines: tuple[str, ...]
    well: bool


def _lately(moment: datetime | None, now: datetime, length: timedelta) -> bool:
    return moment is not None and timedelta(0) <= now - moment < length


class Listener:
    """The clock's side: does what notes ask for, one after the other, in a thread of its own."""

    def __init__(self, hand: ByHand, claims: Claims, *, clock: Callable[[], datetime]) -> None:
        self._hand = hand
        self._claims = claims
        self._clock = clock
        self._thread: threading.Thread | None = None
        self._looked: datetime | None = None
        self._cleared: datetime | None = None

    def look(self) -> None:
        """Raises `StoreError`."""
        if self._thread is not None and self._thread.is_alive():
            return
        now = self._clock()
        if _lately(self._looked, now, _ASKED_EVERY):
            return
        for note, asked in self._claims.notes(ASKED).items():
            name = note.removeprefix(ASKED)
            if self._claims.claim(note, period="taken", now=now):
                self._claims.forget(note)
                self._thread = threading.Thread(target=self._do, args=(name, asked), name="by-hand", daemon=True)
                self._thread.start()
                return
        self._looked = now
        if _lately(self._cleared, now, _CLEARED):
            return
        for note, answer in self._claims.notes(ANSWERED).items():
            if answer["at"] < now - _KEPT:
                self._claims.forget(note)
        self._cleared = now

    def _do(self, name: str, asked: Mapping[str, object]) -> None:
        lines: list[str] = []
        number = 0

        def send(**end: object) -> None:
            nonlocal number, lines
            self._claims.note(f"{ANSWERED}{name}/{number:06}", {"at": self._clock(), "lines": lines, **end})
            number, lines = number + 1, []

        def tell(line: str) -> None:
            lines.append(line[:2000])
            if len(lines) >= _LINES:
                send()

        well = False
        try:
            well = self._hand.run(str(asked["name"]), again=bool(asked.get("again")), tell=tell)
        except Exception as error:
            log.exception("by_hand_failed", extra={"schedule": str(asked.get("name"))})
            tell(f"{asked.get('name')}: {type(error).__name__}")
        finally:
            send(end=True, well=well)


def ask(
    claims: Claims,
    name: str,
    *,
    again: bool,
    tell: Tell,
    now: datetime,
    patience: float,
    sleep: Callable[[float], None] = time.sleep,
) -> bool | None:
    """The other side: have a clock run `name`, and tell what it says. None if no clock took it within `patience` seconds."""
    asked = secrets.token_hex(8)
    note = f"{ASKED}{asked}"
    claims.note(note, {"name": name, "again": again, "at": now})
    number, waited = 0, 0.0
    while True:
        key = f"{ANSWERED}{asked}/{number:06}"
        answer = claims.notes(key).get(key)
        if answer is not None:
            for line in answer["lines"]:
                tell(line)
            claims.forget(key)
            number += 1
            if answer.get("end"):
                return bool(answer["well"])
            continue
        if number == 0 and waited >= patience and claims.claim(note, period="taken", now=now):
            claims.forget(note)
            return None
        sleep(0.2)
        waited += 0.2
