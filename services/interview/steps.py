"""Steps of a session, run in a child: what is asked of the engine, and how what came of it is reported.

Not for: what a step is run for (`change`), nor what is written of it (`unit_of_work`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime

from services import storage
from services.interview import commits
from services.interview.beyond import Beyond
from services.interview.carried import Carried, forget
from services.interview.change import Change, Run, Saving
from services.runs.reports import RunReports, What, Work
from services.session_host import SessionHost
from shared.contract.caller import Caller
from shared.contract.errors import Busy, CallFailed, KeysWanted, StepFailed
from shared.contract.outcome import StepResult
from shared.engine.request import Request
from shared.runner.ports import Limits, Runner
from shared.store.ports import Store
from shared.store.records import Session


class Steps:
    def __init__(
        self,
        *,
        store: Store,
        runner: Runner,
        clock: Callable[[], datetime],
        limits: Limits,
        scheduled: Limits,
        config: Mapping[str, object],
        reports: RunReports,
    ) -> None:
        """`scheduled`: the limits of what the clock asks for."""
        self._store = store
        self._runner = runner
        self._clock = clock
        self._limits = limits
        self._scheduled = scheduled
        self._config = dict(config)
        self._reports = reports
        self.beyond: Beyond | None = None

    def look(
        self, found: Session, run: Run, caller: Caller, *, then: Callable[[StepResult], None] = lambda _result: None
    ) -> StepResult:
        """Run a step of which nothing is saved; `then` may read files that it wrote, before they go."""
        host = SessionHost(self._store, found.id, clock=self._clock, version=found.version)
        try:
            lasting = commits.lasting(found)
            result = self._step(
                found.id, found.interview, run, caller, host, now=self._clock(), lasting=lasting, asked=None
            )
            then(result)
        except KeysWanted:
            raise
        except CallFailed as error:
            self._reports.broke(_work(found.id, found.interview, run), error)
            raise
        finally:
            host.discard()
        self.report(found, run, result)
        return result

    def of(
        self, found: Session, change: Change, caller: Caller, carried: Carried | None, *, now: datetime, asked: str
    ) -> tuple[SessionHost, StepResult | None]:
        """What came of the step of `change` and the files it wrote: run now, or before on a state that is not the newest any more.

        `asked` names the request: the same where it is run again.
        """
        result = carried.onto(found) if carried is not None else None
        if carried is not None and result is not None:
            return carried.host, result
        forget(carried)
        host = SessionHost(self._store, found.id, clock=self._clock, version=found.version)
        return host, self._result(found, change, caller, host, now=now, asked=asked)

    def _result(
        self, found: Session, change: Change, caller: Caller, host: SessionHost, *, now: datetime, asked: str
    ) -> StepResult | None:
        """Run the step of `change`, if it has one. Raises `Busy` for one that waits for a task, with nobody who looks at it."""
        if change.run is None:
            return None
        lasting = commits.lasting(found)
        if change.saving is Saving.RESTART:
            return self.first(found.id, found.interview, caller, host, now=now, lasting=lasting, asked=asked)
        try:
            result = self._step(
                found.id, found.interview, change.run, caller, host, now=now, lasting=lasting, asked=asked
            )
        except CallFailed as error:
            host.discard()
            if not isinstance(error, KeysWanted):
                self._reports.broke(_work(found.id, found.interview, change.run), error)
            raise
        if result.waits is not None:
            host.discard()
            raise Busy(f"it waits for the background task {result.waits}")
        return result

    def first(
        self,
        session_id: str,
        interview: str,
        caller: Caller,
        host: SessionHost,
        *,
        now: datetime,
        lasting: Mapping[str, object],
        asked: str,
    ) -> StepResult:
        """The first step of a session, or one that begins again. Raises `StepFailed` if the interview cannot start; then no file stays."""
        run = Run(state=None, steps=0)
        self.end(session_id)
        try:
            result = self._step(session_id, interview, run, caller, host, now=now, lasting=lasting, asked=asked)
            if result.failure is not None:
                raise StepFailed(result.failure.message, result.failure)
            if result.state is None:
                raise StepFailed("the interview ended its first step without a state")
        except CallFailed as error:
            host.discard()
            if not isinstance(error, KeysWanted):
                self._reports.broke(_work(session_id, interview, run), error)
            raise
        return result

    def _step(
        self,
        session_id: str,
        interview: str,
        run: Run,
        caller: Caller,
        host: SessionHost,
        *,
        now: datetime,
        lasting: Mapping[str, object],
        asked: str | None,
    ) -> StepResult:
        request = Request(
            now=now,
            seed=secrets.randbits(64) - 2**63,
            answer=run.answer,
            action=run.action,
            check_in=run.check_in,
            document=run.document,
            mode=run.mode,
            prior=run.prior,
            lasting=lasting,
            task_id=run.task_id,
            user=caller.user_plain,
            browser=caller.seen_by(session_id, interview),
            config=self._config,
            steps=run.steps,
        )
        host.acts_for(storage.whose(session_id, interview, request.user, request.browser))
        limits = self._scheduled if run.mode == "cron" else self._limits
        reach = None if self.beyond is None else self.beyond.reach(session_id, caller, asked=asked)
        host.reach = reach
        # What the clock asks of hundreds of sessions at once must not drive out the children of those who are there.
        result = self._runner.step(
            interview, run.state, request, host=host, limits=limits, session=session_id, keep=run.mode != "cron"
        )
        if reach is not None and reach.wanted:
            raise KeysWanted("the step looks into other sessions", reach.wanted)
        return result

    def report(self, session: Session, run: Run | None, result: StepResult | None) -> None:
        """How `run` ended that counts: those that lost a race never happened."""
        if run is None or result is None:
            return
        failure = result.failure or result.asked or (result.task.failure if result.task is not None else None)
        self._reports.ended(_work(session.id, session.interview, run), failure, result.effects)

    def began(self, session: Session, result: StepResult) -> None:
        """Report the first step of a session that was written."""
        self._reports.ended(Work(what="step", session=session.id, interview=session.interview), None, result.effects)

    def end(self, session_id: str) -> None:
        """What author code left behind in its process goes with the answers."""
        self._runner.forget(session_id)


#: What steps are that no screen comes of, by their mode.
_UNSEEN: Mapping[str, What] = {"cron": "tick", "callback": "response", "error_callback": "response"}


def _work(session: str, interview: str, run: Run) -> Work:
    what: What = "check_in" if run.check_in is not None else _UNSEEN.get(run.mode, "step")
    if run.check_in is not None:
        name = run.check_in.action or ""
    else:
        name = run.action.name if run.action is not None else ""
    return Work(what=what, session=session, interview=interview, name=name, task=run.task_id)
