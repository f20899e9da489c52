"""One tick of one schedule of interviews: every session that takes part, of every interview that offers the event.

Sessions are called one by one, some at a time and of one interview at most two, so that people at their screens are not slowed and an
interview that hangs holds up no other. What a session has dealt with it knows itself: whoever goes on with a tick may ask it again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from services.clock.executor import Lost, Progress
from shared.bus.messages import Bus
from shared.contract.errors import Again, Busy, CallFailed, Unavailable
from shared.contract.ticks import Offered, Ticked
from shared.store.ports import Sessions
from shared.store.records import LedgerEntry

log = logging.getLogger(__name__)

PAGE = 200
#: Sessions that are called at a time, and of one interview.
LANES, OF_ONE = 6, 2
#: Events may be there to run at once, or in the background, or both (background.md, "Long-running scheduled tasks").
SUFFIXES = ("", "_background")
#: Seconds between two looks at how far a tick has come.
SAVED_EVERY = 2.0
#: How often a call is made again that came to nothing by nobody's fault, and the seconds before each.
PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)
_MARGIN = 25.0


class Waiting:
    """Which of the sessions of one interview are called, in their order: up to where all have answered."""

    def __init__(self, ids: Iterator[str]) -> None:
        self._ids = ids
        self._lock = threading.Lock()
        self._called: OrderedDict[str, bool] = OrderedDict()
        self._ended = False
        self.reached = ""

    @property
    def over(self) -> bool:
        """There is no further session, and all have answered."""
        return self._ended and not self._called

    def next(self) -> str | None:
        with self._lock:
            session = next(self._ids, None)
            if session is None:
                self._ended = True
            else:
                self._called[session] = False
            return session

    def done(self, session: str) -> None:
        with self._lock:
            self._called[session] = True
            while self._called and self._called[next(iter(self._called))]:
                self.reached, _ = self._called.popitem(last=False)


class InterviewTicks:
    """A `Kind` of tick. `seconds` is the limit of one event."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        bus: Bus,
        seconds: float,
        page: int = PAGE,
        lanes: int = LANES,
        pauses: tuple[float, ...] = PAUSES,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sessions = sessions
        self._bus = bus
        self._timeout = seconds + _MARGIN
        self._page = page
        self._lanes = lanes
        self._pauses = pauses
        self._sleep = sleep
        self._busy: dict[str, threading.Semaphore] = {}
        self._guard = threading.Lock()

    def run(self, progress: Progress) -> LedgerEntry:
        event, period, step = progress.entry.schedule, progress.entry.period, progress.entry.step
        sweep = _Sweep(self, progress, event=event, period=period, step=step)
        return sweep.run()

    def resumes(self, entry: LedgerEntry) -> bool:
        return True

    def left(self, entry: LedgerEntry) -> int:
        interview, session = split(entry.position)
        count = 0
        for name in self.interviews(interview):
            if self.offers(name, entry.schedule) is None:
                continue
            count += sum(1 for _ in self.sessions_of(name, session if name == interview else ""))
        return count

    # ------------------------------------------------------------------ what there is

    def interviews(self, first: str = "") -> Iterator[str]:
        """The interviews of which sessions take part, from `first` on."""
        if first:
            yield first
        after = first
        while found := self._sessions.interviews(scheduled=True, after=after, limit=self._page):
            yield from found
            after = found[-1]

    def sessions_of(self, interview: str, after: str = "") -> Iterator[str]:
        while found := self._sessions.scheduled(interview, after=after, limit=self._page):
            yield from found
            after = found[-1]

    def offers(self, interview: str, event: str) -> str | None:
        """None if the interview does not offer `event`; else nothing, or why that cannot be told."""
        try:
            offered = self.call("events", returns=Offered, interview=interview)
        except Unavailable:
            raise
        except CallFailed as error:
            return error.kind
        assert isinstance(offered, Offered)
        return "" if any(event + suffix in offered.events for suffix in SUFFIXES) else None

    def may_offer(self, interview: str, events: Iterable[str]) -> bool:
        """Whether it offers one of `events`. One that does not load did until somebody made a mistake: its sessions wait for it to be mended."""
        return any(self.offers(interview, event) is not None for event in events)

    def call(self, method: str, *, returns: object, **arguments: object) -> object:
        """A call of the service ``ticks``; made again while it fails by nobody's fault."""
        for pause in (*self._pauses, None):
            try:
                return self._bus.call("ticks", method, timeout=self._timeout, returns=returns, **arguments)
            except CallFailed as error:
                if pause is None or error.again is not Again.LATER:
                    raise
                self._sleep(pause)
        raise AssertionError("the loop ends by itself")

    def tick(self, session: str, event: str, period: str, step: float, *, again: bool = False) -> Ticked:
        ticked = self.call("tick", returns=Ticked, session=session, event=event, period=period, step=step, again=again)
        assert isinstance(ticked, Ticked)
        return ticked

    @contextmanager
    def turn(self, interview: str) -> Iterator[None]:
        """At most `OF_ONE` at a time of one interview, whatever ticks."""
        with self._guard:
            gate = self._busy.setdefault(interview, threading.Semaphore(OF_ONE))
        with gate:
            yield

    @property
    def lanes(self) -> int:
        return self._lanes

    def pause(self, seconds: float) -> None:
        self._sleep(seconds)


class _Sweep:
    """One run of one tick."""

    def __init__(self, ticks: InterviewTicks, progress: Progress, *, event: str, period: str, step: float) -> None:
        self._ticks = ticks
        self._progress = progress
        self._event, self._period, self._step = event, period, step
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter(progress.entry.counts)
        self._broken: dict[str, str] = dict(progress.entry.detail.get("interviews", {}))
        self._open: OrderedDict[str, Waiting] = OrderedDict()  # interviews that are not done with, in their order
        self._saved_at = time.monotonic()
        self._lost = threading.Event()
        self._why: Exception = Lost()

    def run(self) -> LedgerEntry:
        first, after = split(self._progress.entry.position)
        with ThreadPoolExecutor(self._ticks.lanes, thread_name_prefix="tick") as pool:
            lanes = []
            for interview in self._ticks.interviews(first):
                self._check()
                if not self._offers(interview):
                    continue
                waiting = Waiting(self._ticks.sessions_of(interview, after if interview == first else ""))
                waiting.reached = after if interview == first else ""
                with self._lock:
                    self._open[interview] = waiting
                lanes += [pool.submit(self._lane, interview, waiting) for _ in range(OF_ONE)]
            for lane in lanes:
                lane.result()
        self._check()
        # A tick has failed if nothing of it could be run; that one session of many failed is told with the session.
        failed = bool(self._broken) and not self._counts["reached"]
        reason = "no interview that offers it could be loaded" if failed else ""
        entry = replace(self._progress.entry, counts=dict(self._counts), detail=self._detail())
        return replace(entry, outcome="failed" if failed else "ran", reason=reason)

    def _offers(self, interview: str) -> bool:
        offered = self._ticks.offers(interview, self._event)
        if offered:
            with self._lock:
                self._broken[interview] = offered
        return offered == ""

    def _lane(self, interview: str, waiting: Waiting) -> None:
        """Call one session after the other."""
        while not self._lost.is_set():
            session = waiting.next()
            if session is None:
                break
            try:
                with self._ticks.turn(interview):
                    pause = self._session(session)
                    if pause:
                        self._ticks.pause(pause)
                waiting.done(session)
                self._save()
            except (Lost, Unavailable) as error:
                # Nobody answers, or the tick is another clock's: what has not been called is called later, by whoever goes on.
                self._why = error
                self._lost.set()
        with self._lock:
            if waiting.over:
                self._open.pop(interview, None)

    def _session(self, session: str) -> float:
        """One session; the seconds that it wants the next one to wait. Raises `Lost`."""
        self._progress.check()
        outcome, pause = "left", 0.0
        changed = False
        try:
            ticked = self._ticks.tick(session, self._event, self._period, self._step)
            outcome, changed, pause = ticked.outcome, ticked.changed, ticked.sleep
        except Unavailable as error:
            if not isinstance(error, Busy):
                raise
        except CallFailed as error:
            log.warning("tick_unanswered", extra={"session": session, "schedule": self._event, "error": error.kind})
            outcome = "failed"
        with self._lock:
            counts = self._counts
            counts["reached"] += outcome in ("ran", "asked", "failed", "already")
            counts["changed"] += changed
            counts["failed"] += outcome in ("asked", "failed")
            counts["left"] += outcome in ("left", "waits")
        return pause

    def _check(self) -> None:
        if self._lost.is_set():
            raise self._why
        self._progress.check()

    def _save(self) -> None:
        with self._lock:
            now = time.monotonic()
            if now - self._saved_at < SAVED_EVERY:
                return
            self._saved_at = now
            position = next((joined(name, one.reached) for name, one in self._open.items()), "")
            self._progress.save(position=position, counts=dict(self._counts), detail=self._detail())

    def _detail(self) -> dict[str, object]:
        return {"interviews": dict(list(self._broken.items())[:100])} if self._broken else {}


def joined(interview: str, session: str) -> str:
    """A position: up to which session of which interview a tick has come."""
    return f"{interview}\n{session}"


def split(position: str) -> tuple[str, str]:
    interview, _, session = position.partition("\n")
    return interview, session
