"""Response actions of background tasks: run on the fresh state, saved, exactly once.

Whoever comes second (a worker that took over, a message delivered again) finds either the task ended or the session
marked with it. The session is read before the task on purpose: a mark that is already gone from the session means that the task
had ended before, and the task, read later, says so.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from services import mail_turns
from services.interview.change import Change, Run
from services.interview.checks import identifier
from services.interview.unit_of_work import UnitOfWork
from services.results import failed
from shared.bus.messages import Notification
from shared.contract import typed
from shared.contract.caller import Browser, Caller, User
from shared.contract.errors import Again, BadValue, CallFailed, NoSession, Refused
from shared.contract.outcome import StepResult
from shared.contract.tasks import TaskStatus
from shared.engine.request import Action
from shared.state.codec import to_plain
from shared.state.errors import StateError
from shared.store.records import OutboxEntry, Session, Task
from shared.vault.ports import KeyAway

log = logging.getLogger(__name__)


def response(session: Session, task: Task) -> Change:
    """Run the response action (or error action) of `task`; what the task itself wants done leaves with it."""
    asked = task.response
    action = Action(name=asked["action"], encoded=asked["arguments"], arguments=asked.get("told") or {})
    mode = "error_callback" if asked.get("is_error") else "callback"
    return Change(
        run=Run(state=session.state, steps=session.step, action=action, mode=mode, task_id=task.id),
        outbox=_wanted(task),
        remember=asked.get("kept") or {},
        applied=lambda done: {task.id: result_of(task, done)},
        carries=True,
        accessed=False,
    )


def effects_only(task: Task, final: Mapping[str, object]) -> Change:
    """What `task` wants done outside, such as a mail sent, and that its result is `final`; no state changes."""
    return Change(
        outbox=_wanted(task),
        remember=task.response.get("kept") or {},
        applied=lambda done: {task.id: final},
        accessed=False,
    )


def result_of(task: Task, done: StepResult | None) -> dict[str, object]:
    """The task's result after its response action (background.md): the action's own value; an error stays an error."""
    ended = done.task if done is not None else None
    failure = (done.failure if done is not None else None) or (ended.failure if ended is not None else None)
    before = dict(task.response.get("error") or {})
    if failure is not None:
        return {**failed(failure.type, failure.message, failure.trace, failure.trail), **before, "ok": False}
    value = ended.value if ended is not None else None
    kind = ended.kind if ended is not None else None
    try:
        plain = to_plain(value)
    except StateError as error:  # a child looks itself; this one did not, or lied
        return {**failed(type(error).__name__, str(error)), **before, "ok": False}
    told = {"handled": True} if before else {}
    return {**before, **told, "ok": not before, "value": value, "plain": plain, "kind": kind}


def caller_of(task: Task) -> Caller:
    """On whose behalf a task runs."""
    return Caller(
        client=task.browser.get("client", "background"),
        user=typed.convert(task.user, User),
        browser=typed.convert(task.browser, Browser),
    )


def _wanted(task: Task) -> tuple[OutboxEntry, ...]:
    return tuple(OutboxEntry(**entry) for entry in task.response.get("effects") or ())


class Callbacks:
    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def respond(self, *, task: str, last: bool = False) -> dict[str, object]:
        """Run what `task` asks for (its row is ``responding``), save it, end the task. Returns ``{"done": true}``.

        A response that cannot be saved, whoever asks again, ends the task as failed; with `last`, so does one whose process died.
        """
        identifier("task", task)
        try:
            known = self._work.store.tasks.get(task)
        except KeyAway:  # it waited too long; the worker says so
            raise Refused("the time in which this task could open its session is over") from None
        if known is None or known.status.ended:
            return {"done": True}
        with self._work.lock(known.session, behind=True):
            try:
                found = self._work.load(known.session, fresh=True)
            except NoSession:
                self._end(known, status=TaskStatus.FAILED, result=failed(NoSession.kind, "the session was deleted"))
                return {"done": True}
            row = self._work.store.tasks.get(task)
            if row is None or row.status.ended:
                return {"done": True}
            if row.status != TaskStatus.RESPONDING:
                raise BadValue(f"task {task} has nothing to respond")
            result = found.applied.get(task) or self._apply(found, row, last=last)
            if result is None:
                return {"done": True}
        self._end(row, status=TaskStatus.DONE if result.get("ok", True) else TaskStatus.FAILED, result=result)
        self._work.store.sessions.forget_applied(row.session, task)
        self._work.forget(row.session)
        return {"done": True}

    def _apply(self, found: Session, row: Task, *, last: bool) -> Mapping[str, object] | None:
        """Run and save the response of `row`; its result. None if somebody else did, and ended the task."""
        if row.response["action"] is None:
            return self._only_effects(found, row, row.response["final"])

        def decide(session: Session) -> Change | None:
            return None if self._saved(session, row, fresh=session is found) else response(session, row)

        try:
            done = self._work.do(found, decide, caller_of(row))
        except CallFailed as error:
            if isinstance(error, NoSession) or not (
                error.again is Again.NEVER or (last and error.again is Again.COUNTED)
            ):
                raise
            result: Mapping[str, object] = {**failed(error.kind, str(error)), **dict(row.response.get("error") or {})}
        else:
            if done.result is None:
                return done.session.applied.get(row.id)
            result, found = result_of(row, done.result), done.session
            if done.result.failure is None:
                return result
        # The response came to nothing: what the action before it wanted done is done all the same.
        wanted = row.response.get("effects") or row.response.get("kept")
        return self._only_effects(found, row, result) if wanted else result

    def _only_effects(self, found: Session, row: Task, final: Mapping[str, object]) -> Mapping[str, object] | None:
        def decide(session: Session) -> Change | None:
            return None if self._saved(session, row) else effects_only(row, final)

        done = self._work.do(found, decide, caller_of(row))
        return dict(final) if done.saved else done.session.applied.get(row.id)

    def _saved(self, session: Session, row: Task, *, fresh: bool = False) -> bool:
        """Has the response of `row` been saved? To be asked about a session after it was read: see the module's text.

        `fresh`: `row` itself was read after `session`.
        """
        if row.id in session.applied:
            return True
        if fresh:
            return row.status.ended
        now = self._work.store.tasks.get(row.id)
        return now is None or now.status.ended

    def _end(self, row: Task, *, status: TaskStatus, result: Mapping[str, object]) -> None:
        self._work.store.tasks.finish(row.id, lease=None, status=status, result=result, now=self._work.clock())
        self._work.bus.notify(Notification(session=row.session, event="task", data={"task": row.id, "ui": row.ui}))
        mail_turns.task_ended(row, store=self._work.store, bus=self._work.bus)
