"""One background task, from its job to its result (background.md, "Background processes").

A task is held by a lease, renewed while its child runs. A worker that dies lets the lease run out, and another takes the
task; whoever ends it does so once, because ending it needs the lease.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.effects import outbox_entries, remembered
from services.results import failed
from shared.bus.messages import Bus, CallFailed, Job, News, Retry
from shared.engine.outcome import Outcome, TaskResult
from shared.engine.request import Action, Request
from shared.language.errors import LanguageError
from shared.runner.ports import Busy, Cancelled, ChildDied, Limits, Outside, Runner, RunnerError
from shared.state.codec import to_plain
from shared.store.ports import BadRecord, Store, TooLarge
from shared.store.records import Session, Task

log = logging.getLogger(__name__)

#: Runs that may end without a result (its child or its worker died) before the task counts as failed. Author code that
#: kills its child would otherwise do so for ever.
MAX_ATTEMPTS = 5

#: What the interview service may say of a response action: that it would say the same again, …
HOPELESS = (*("TimeLimit", "ChildDied", "BadInterview", "NoInterview", "Failed"), "NoSession", "TooLarge", "BadRecord")
#: … or that it has nothing to do with it. Anything else counts as an attempt.
PASSING = ("StoreUnavailable", "Busy", "BusUnavailable", "CallTimeout")

#: How often one message comes back to a task that somebody else holds.
LOOKS = 3


@dataclass(slots=True)
class Cancel:
    """Set when the task was revoked or its lease lost; the runner ends the child."""

    _event: threading.Event = field(default_factory=threading.Event)

    def set(self) -> None:
        self._event.set()

    def is_set(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        return self._event.wait(seconds)


class TaskRunner:
    def __init__(
        self,
        *,
        store: Store,
        bus: Bus,
        runner: Runner,
        outside: Callable[[str], Outside],
        clock: Callable[[], datetime],
        seed: Callable[[], int] = lambda: secrets.randbits(63),
        limits: Limits | None = None,
        lease: timedelta = timedelta(seconds=15),
        config: Mapping[str, Any] | None = None,
    ) -> None:
        self._store = store
        self._bus = bus
        self._runner = runner
        self._outside = outside
        self._clock = clock
        self._seed = seed
        self._limits = limits or Limits(seconds=3600)
        self._lease = lease
        self._config = dict(config or {})

    def handle(self, job: Job) -> None:
        """One ``task`` job: ``{"task": id}``. Raises `Retry` if another worker holds the task."""
        task_id = str(job.body["task"])
        lease = secrets.token_hex(12)
        task = self._store.tasks.claim(task_id, lease=lease, now=self._clock(), length=self._lease)
        if task is None:
            known = self._store.tasks.get(task_id)
            if known is not None and known.status in ("running", "responding") and job.attempt < LOOKS:
                # Held by a worker that may be dead: look again when its lease has run out. After that the sweep does.
                raise Retry(self._lease.total_seconds(), "held by another worker")
            return
        job.claimed()
        if task.status == "responding":
            self._respond(task)
            return
        if task.attempts > MAX_ATTEMPTS:
            self._fail(task, "TaskDied", f"the task ended {MAX_ATTEMPTS} times without a result")
            return
        self._run(task)

    def _run(self, task: Task) -> None:
        session = self._store.sessions.load(task.session)
        if not isinstance(session, Session):
            # Deleted while the task was being published: nobody else would ever remove its row.
            self._store.sessions.delete(task.session)
            log.info("task without a session", extra={"action": "task_orphaned", "task": task.id})
            return
        cancel, stop = Cancel(), threading.Event()
        beat = threading.Thread(target=self._beat, args=(task, cancel, stop), daemon=True)
        beat.start()
        try:
            done = self._runner.step(
                session.interview,
                session.state,
                self._request(task, session),
                outside=self._outside(task.session),
                limits=self._limits,
                cancel=cancel,
            )
        except Cancelled:
            log.info("task cancelled", extra={"action": "task_cancelled", "task": task.id, "session": task.session})
            return
        except ChildDied as error:
            if task.attempts >= MAX_ATTEMPTS:
                self._fail(task, "ChildDied", str(error))
                return
            self._store.tasks.release(task.id, lease=task.lease or "")
            raise Retry(1.0, "the child died") from error
        except Busy as error:
            # It did not even begin; its job comes back, or when that has come back often enough the sweep brings another.
            self._store.tasks.release(task.id, lease=task.lease or "", counted=False)
            raise Retry(5.0, "no process was free for it") from error
        except RunnerError as error:
            self._fail(task, type(error).__name__, str(error))
            return
        except LanguageError as error:
            self._fail(task, "BadInterview", str(error))
            return
        finally:
            stop.set()
        result = done.outcome.task
        if result is None:
            failure = done.outcome.failure
            self._fail(
                task,
                failure.type if failure else "NoResponse",
                failure.message if failure else "the task ended without background_response()",
                failure.trace if failure else "",
                failure.trail if failure else (),
            )
            return
        self._conclude(task, done.outcome)

    def _conclude(self, task: Task, outcome: Outcome) -> None:
        result = outcome.task
        assert result is not None
        error = _error(result)
        response: dict[str, Any] = {"action": None, "arguments": None, "is_error": False, "error": error, "effects": []}
        if error is not None and result.error_action is not None:
            response |= {"action": result.error_action, "arguments": result.error_arguments, "is_error": True}
        elif error is None and result.next_action is not None:
            response |= {"action": result.next_action, "arguments": result.next_arguments}
        if error is None and outcome.effects:
            # What the action wants done outside leaves by the session's outbox, so that it happens once.
            entries = outbox_entries(outcome.effects, prefix=f"task.{task.id}")
            response["effects"] = [{"id": e.id, "kind": e.kind, "body": e.body} for e in entries]
            response["kept"] = remembered(outcome.effects)
        final = {"ok": error is None, "value": result.value, **(error or {})}
        if error is None:
            final |= {"plain": to_plain(result.value), "kind": result.kind}
        if response["action"] is None and not response["effects"] and not response.get("kept"):
            self._finish(task, "failed" if error else "done", final)
            return
        response["final"] = final
        try:
            responding = self._store.tasks.responding(task.id, lease=task.lease or "", response=response)
        except (TooLarge, BadRecord) as refused:
            self._fail(task, type(refused).__name__, str(refused))
            return
        if responding:
            self._respond(task)

    def _respond(self, task: Task) -> None:
        try:
            self._bus.call("interview", "respond", task=task.id)
        except CallFailed as error:
            if error.kind in HOPELESS or (error.kind not in PASSING and task.attempts > 2 * MAX_ATTEMPTS):
                self._fail(task, error.kind, str(error))
                return
            self._store.tasks.release(task.id, lease=task.lease or "", counted=error.kind not in PASSING)
            raise Retry(2.0, f"the interview service could not save it: {error.kind}") from error

    def _request(self, task: Task, session: Session) -> Request:
        return Request(
            now=self._clock(),
            seed=self._seed(),
            action=Action(name=task.action, encoded=task.arguments),
            mode="background",
            task_id=task.id,
            user=task.user,
            browser=task.browser,
            config=self._config,
            lasting=session.extra.get("lasting") or {},
        )

    def _beat(self, task: Task, cancel: Cancel, stop: threading.Event) -> None:
        """Renew the lease until `stop`; a lease that cannot be renewed ends the child."""
        every = self._lease.total_seconds() / 5
        while not stop.wait(every):
            try:
                held = self._store.tasks.heartbeat(
                    task.id, lease=task.lease or "", now=self._clock(), length=self._lease
                )
            except Exception as error:  # the store may be away for a moment: the lease tells in the end
                log.warning(
                    "heartbeat failed",
                    extra={"action": "heartbeat_failed", "task": task.id, "why": type(error).__name__},
                )
                continue
            if not held:
                cancel.set()
                return

    def _fail(self, task: Task, type_: str, message: str, trace: str = "", trail: tuple[str, ...] = ()) -> None:
        self._finish(task, "failed", failed(type_, message, trace, trail))

    def _finish(self, task: Task, status: str, result: Mapping[str, Any]) -> None:
        try:
            ended = self._store.tasks.finish(task.id, lease=task.lease, status=status, result=result, now=self._clock())
        except (TooLarge, BadRecord) as refused:
            if status == "failed":
                raise
            # Running it again would end the same way.
            self._fail(task, type(refused).__name__, str(refused))
            return
        if ended:
            log.info(
                "task ended", extra={"action": "task_ended", "task": task.id, "session": task.session, "status": status}
            )
            self._bus.tell(News(session=task.session, event="task", data={"task": task.id, "ui": task.ui}))


def _error(result: TaskResult) -> dict[str, Any] | None:
    failure = result.failure
    if failure is None:
        return None
    return {
        "error_type": failure.type,
        "error_message": failure.message,
        "error_trace": failure.trace,
        "variables": list(failure.trail),
    }
