"""Ticks: scheduled actions of one session (background.md, "Scheduled tasks").

Runs as the cron user, on sessions that take part, over the current step. ``cron_daily`` runs here; ``cron_daily_background`` as a
background task. How far a session has come is marked twice: with what a tick changed, in the same write, and beside the session,
for most ticks change nothing. Not for: which sessions, and when (the clock).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import msgspec

from services.effects import outbox_entries
from services.interview.change import Change, Run
from services.interview.checks import identifier
from services.interview.commits import marks
from services.interview.unit_of_work import Done, UnitOfWork
from services.runs.reports import failure_of
from shared.contract.caller import CRON, Caller
from shared.contract.effects import LogMessage, StartTask
from shared.contract.errors import CallFailed, ChildKilled, NoSession
from shared.contract.outcome import Failure
from shared.contract.ticks import Offered, Ticked, TickError
from shared.engine.request import Action
from shared.runner.ports import Event, Offers
from shared.state.codec import encode_value
from shared.store.records import Session, TickMark
from shared.vault.ports import KeyAway

BACKGROUND = "_background"
#: An event that failed so often in a row is tried every second time, then every fourth …
PATIENCE = 3
#: … but never more than this apart; schedules of a day or longer are never thinned.
LONGEST = timedelta(days=1)
#: The longest that ``response(sleep=)`` holds up the sessions after it.
MOST_SLEEP = 60.0
_CALLER = Caller(client="the cron", user=CRON)


def tick(session: Session, *, event: str, period: str) -> Change | None:
    """Run `event` over the current step."""
    if not _due(session, event, period):
        return None
    run = Run(state=session.state, steps=session.step, action=Action(name=event), mode="cron")
    return Change(run=run, marks={event: period}, accessed=False)


def background_tick(session: Session, *, event: str, period: str) -> Change | None:
    """Put the task of `event` into the outbox under an id that follows from the tick."""
    action = event + BACKGROUND
    if not _due(session, action, period):
        return None
    request = f"{request_of(event, period)}{BACKGROUND}"
    effect = StartTask(task_id=f"{session.id}.{request}", action=action, arguments=encode_value({}))
    return Change(outbox=outbox_entries((effect,), prefix=request), marks={action: period}, accessed=False)


def request_of(event: str, period: str) -> str:
    return f"tick.{event}.{period}"


def _due(session: Session, event: str, period: str) -> bool:
    """Whether the session takes part, and has not dealt with this period of the event. (Periods ascend as text.)"""
    return session.scheduled and _marked(session, event) < period


def _marked(session: Session, event: str) -> str:
    """Up to which period the session's own record says that it has come. Before 0.2 periods were days, weeks and months."""
    known = marks(session).get(event, "")
    return known if len(known) >= len("2026-01-15T06:00:00Z") else ""


class Ticks:
    """The calls of the service ``ticks``."""

    def __init__(self, work: UnitOfWork, *, offers: Callable[[str], Offers], clock: Callable[[], datetime]) -> None:
        self._work = work
        self._offers = offers
        self._clock = clock

    def events(self, *, interview: str) -> Offered:
        """What the interview offers as it is now. Raises what loading it raises."""
        identifier("interview", interview, limit=500)
        offers = self._offers(interview)
        return Offered(events=tuple(event.name for event in offers.events), digest=offers.digest)

    def tick(self, *, session: str, event: str, period: str, step: float = 0.0, again: bool = False) -> Ticked:
        """One tick of `event` on one session. Twice is once: what has been dealt with is not done anew.

        `step` is how many seconds lie between two ticks of the schedule (0: there is none); `again` is for somebody who asks for it by
        hand, and does not wait for a session that fails. Raises what passes by itself: `StoreUnavailable`, `Busy`.
        """
        identifier("event", event)
        identifier("period", period)
        with self._work.lock(session):
            try:
                return self._tick(self._work.load(session, fresh=True), event, period, step=step, again=again)
            except NoSession:
                return Ticked(outcome="gone")
            except KeyAway:  # nobody here can read it: of before sealing, and not written since
                return Ticked(outcome="nothing")

    def _tick(self, found: Session, event: str, period: str, *, step: float, again: bool) -> Ticked:
        mark = self._work.store.ticks.get(found.id, event)
        if (mark is not None and mark.period >= period) or _marked(found, event) >= period:
            return Ticked(outcome="already")
        if not found.scheduled:
            return Ticked(outcome="nothing")
        digest, place, ended = "", None, None
        try:
            offers = self._offers(found.interview)
            digest, place = offers.digest, offers.of(event)
            in_background = offers.of(event + BACKGROUND)
            if place is None and in_background is None:
                return Ticked(outcome="nothing")
            if not again and mark is not None and self._waits(found, mark, step, digest):
                return Ticked(outcome="waits")
            if place is not None:
                ended = self._run(found, event, period)
                found = ended.session
            if in_background is not None:
                self._start(found, event, period)
            failure = _failure(ended)
        except CallFailed as error:
            failure = _failure_of(error)
            if failure is None:
                raise
        ticked = _ticked(ended, failure, place)
        self._mark(found.id, event, period, ticked, mark, step=step, digest=digest)
        return ticked

    def _run(self, found: Session, event: str, period: str) -> Done:
        decide = partial(tick, event=event, period=period)
        return self._work.do(found, decide, _CALLER, request_id=request_of(event, period), origin="cron")

    def _start(self, found: Session, event: str, period: str) -> None:
        decide = partial(background_tick, event=event, period=period)
        request = request_of(event, period) + BACKGROUND
        self._work.do(found, decide, _CALLER, request_id=request, origin="cron")

    def _waits(self, found: Session, mark: TickMark, step: float, digest: str) -> bool:
        """Whether an event that fails again and again is left alone this time: until somebody visits, or the interview changes."""
        if mark.until is None or step >= LONGEST.total_seconds() or mark.digest != digest:
            return False
        visits = self._work.store.sessions.visits(found.id)
        return self._clock() < mark.until and not any(visit.at >= mark.at for visit in visits)

    def _mark(
        self,
        session: str,
        event: str,
        period: str,
        ticked: Ticked,
        before: TickMark | None,
        *,
        step: float,
        digest: str,
    ) -> None:
        now = self._clock()
        failures = 0 if ticked.outcome == "ran" else (before.failures if before is not None else 0) + 1
        until = None
        if failures >= PATIENCE and step:
            # Half a step less: the tick that is meant must not be missed by a moment.
            apart = timedelta(seconds=step * (2 ** min(failures - PATIENCE + 1, 20) - 0.5))
            until = now + min(apart, LONGEST)
        error = {} if ticked.error is None else msgspec.to_builtins(ticked.error)
        self._work.store.ticks.put(
            TickMark(
                session=session,
                event=event,
                period=period,
                at=now,
                outcome=ticked.outcome,
                failures=failures,
                until=until,
                digest=digest,
                error=error,
            )
        )


def _failure(ended: Done | None) -> Failure | None:
    result = ended.result if ended is not None else None
    return None if result is None else result.failure or result.asked


def _failure_of(error: CallFailed) -> Failure | None:
    """What ended a tick that is not tried again in the same tick; None for what passes by itself."""
    if isinstance(error, ChildKilled):
        return Failure(type=error.kind, message=str(error))
    return failure_of(error)


def _ticked(ended: Done | None, failure: Failure | None, place: Event | None) -> Ticked:
    result = ended.result if ended is not None else None
    said = (
        [one.message for one in result.effects if isinstance(one, LogMessage) and one.priority == "response"]
        if result
        else []
    )
    outcome = "ran"
    if failure is not None:
        outcome = "asked" if result is not None and result.asked is not None else "failed"
    return Ticked(
        outcome=outcome,  # type: ignore[arg-type]
        changed=ended.saved if ended is not None else False,
        said=said[0] if said else None,
        sleep=min(result.sleep, MOST_SLEEP) if result is not None else 0.0,
        error=None if failure is None else _error(failure, place),
    )


def _error(failure: Failure, place: Event | None) -> TickError:
    """Where it failed; of a process that was killed nobody knows more than which event it was."""
    known = place if place is not None and not failure.block else None
    return TickError(
        type=failure.type,
        file=known.file if known else failure.file,
        block=known.block if known else failure.block,
        line=known.line if known else failure.line,
        trail=failure.trail[:20],
    )
