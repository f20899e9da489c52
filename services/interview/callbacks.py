"""Response actions of background tasks: run on the fresh state, saved, exactly once.

Who comes second (a worker that took over, a message delivered again) finds either the task ended or the session
marked with it. The session is read before the task on purpose: a mark that is already gone from the session means that the task
had ended before, and the task, read later, says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.interview import ledger
from services.interview.checks import identifier
from services.interview.steps import RACES, Steps
from services.interview.who import ANONYMOUS, Who
from services.results import failed
from shared.bus.messages import CallFailed, News
from shared.engine.request import Action, Request
from shared.runner.ports import Done
from shared.state.codec import to_plain
from shared.store.ports import BadRecord, TooLarge
from shared.store.records import Commit, OutboxEntry, Session, Task

log = logging.getLogger(__name__)

ENDED = ("done", "failed", "revoked")

#: Errors of a response action that would come again however often it is run.
HOPELESS = ("TimeLimit", "ChildDied", "BadInterview", "NoInterview", "Failed")


class Callbacks:
    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    def respond(self, *, task: str) -> dict[str, Any]:
        """Run what `task` asks for (its row is ``responding``), save it, end the task. Returns ``{"done": true}``."""
        identifier("task", task)
        known = self._steps.store.tasks.get(task)
        if known is None or known.status in ENDED:
            return {"done": True}
        with self._steps.turn(known.session):
            try:
                found = self._steps.load(known.session, fresh=True)
            except CallFailed as error:
                if error.kind != "NoSession":
                    raise
                self._end(known, status="failed", result=failed("NoSession", "the session was deleted"))
                return {"done": True}
            row = self._steps.store.tasks.get(task)
            if row is None or row.status in ENDED:
                return {"done": True}
            if row.status != "responding":
                raise CallFailed("BadValue", f"task {task} has nothing to respond")
            result = found.applied.get(task) or self._apply(found, row)
            if result is None:
                return {"done": True}
        self._end(row, status="done" if result.get("ok", True) else "failed", result=result)
        self._steps.store.sessions.forget_applied(row.session, task)
        self._steps.forget(row.session)
        return {"done": True}

    def _apply(self, found: Session, row: Task) -> Mapping[str, Any] | None:
        """Run and save the response of `row`; its result. None if somebody else did, and ended the task."""
        response = row.response
        who = Who(client=row.browser.get("client", "background"), user=row.user or ANONYMOUS, browser=row.browser)
        wanted = tuple(OutboxEntry(**entry) for entry in response.get("effects") or ())
        if response["action"] is None:
            return self._only_effects(found, row, who, wanted, row.response["final"])
        mode = "error_callback" if response.get("is_error") else "callback"

        def request(now_found: Session, now: datetime) -> Request:
            action = Action(name=response["action"], encoded=response["arguments"])
            return self._steps.request(who, now_found, now=now, action=action, mode=mode, task_id=row.id)

        def applied(done: Done) -> Mapping[str, Any]:
            return {row.id: _result(row, done)}

        try:
            session, done = self._steps.save(
                found,
                request,
                who,
                applied=applied,
                already=self._already(row),
                wanted=wanted,
                kept=response.get("kept"),
                accessed=False,
            )
        except CallFailed as error:
            if error.kind not in HOPELESS:
                raise
            result: Mapping[str, Any] = {**failed(error.kind, str(error)), **dict(response.get("error") or {})}
        except (TooLarge, BadRecord) as error:
            result = {**failed(type(error).__name__, str(error)), **dict(response.get("error") or {})}
        else:
            if done is None:
                return session.applied.get(row.id)
            result = _result(row, done)
            if done.outcome.failure is None:
                return result
            found = session
        # The response came to nothing, but the action before it ended well: what that one wanted done is done.
        return self._only_effects(found, row, who, wanted, result) if wanted or response.get("kept") else result

    def _only_effects(
        self, found: Session, row: Task, who: Who, wanted: tuple[OutboxEntry, ...], final: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """Save what a task wants done outside, such as a mail sent, and that its result is `final`; no state changes."""
        already = self._already(row)
        kept = row.response.get("kept")
        for _ in range(RACES):
            if already(found):
                return found.applied.get(row.id)
            fields = {"extra": ledger.with_lasting(found, kept)} if kept else {}
            commit = Commit(now=self._steps.clock(), outbox=wanted, applied={row.id: final}, fields=fields)
            if self._steps.commit(found, commit, who) is not None:
                return dict(final)
            found = self._steps.load(found.id, fresh=True)
        raise CallFailed("Busy", "too many requests change this session at once; try again")

    def _already(self, row: Task) -> Callable[[Session], bool]:
        """Has the response of `row` been saved? To be asked about a session after it was read: see the module's text."""

        def saved(found: Session) -> bool:
            if row.id in found.applied:
                return True
            now = self._steps.store.tasks.get(row.id)
            return now is None or now.status in ENDED

        return saved

    def _end(self, row: Task, *, status: str, result: Mapping[str, Any]) -> None:
        self._steps.store.tasks.finish(row.id, lease=None, status=status, result=result, now=self._steps.clock())
        self._steps.bus.tell(News(session=row.session, event="task", data={"task": row.id, "ui": row.ui}))


def _result(row: Task, done: Done) -> dict[str, Any]:
    """The task's result after its response action (background.md): the action's own value; an error stays an error."""
    task = done.outcome.task
    failure = done.outcome.failure or (task.failure if task is not None else None)
    before = dict(row.response.get("error") or {})
    if failure is not None:
        return {**failed(failure.type, failure.message, failure.trace, failure.trail), **before, "ok": False}
    value = task.value if task is not None else None
    kind = task.kind if task is not None else None
    return {**before, "ok": not before, "value": value, "plain": to_plain(value), "kind": kind}
