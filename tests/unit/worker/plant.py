"""An interview service and workers around one store and one bus in memory; what author code does in the background is a function."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from services.interview.api import InterviewApi
from services.interview.callbacks import Callbacks
from services.interview.unit_of_work import UnitOfWork
from services.session_host import SessionHost
from services.worker.tasks import TaskRunner
from shared.bus.inprocess import InProcessBus
from shared.bus.messages import Job
from shared.contract.effects import StartTask
from shared.contract.screen import Screen
from shared.engine.outcome import Failure, Outcome, TaskResult
from shared.engine.request import Request
from shared.runner.ports import Limits
from shared.state.codec import decode_value, encode_value
from shared.store.records import Task
from tests.helpers.memory import memory_store
from tests.helpers.overjson import OverJson
from tests.helpers.plainrunner import PlainRunner

WHO = {"client": "c" * 20, "user": {}, "browser": {}}

LEASE = timedelta(seconds=15)


class Plant:
    """Interview service and workers around one store; `script` is what author code does in the background."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
        self.store = memory_store()
        self.bus = InProcessBus()
        self.sent: list[Job] = []
        self.bus.consume("send", self.sent.append, workers=1)
        self.bus.consume("task", lambda job: None, workers=1)
        self.runner = PlainRunner(self._step)
        self.script: Callable[[Request], TaskResult | Exception] = lambda request: TaskResult(
            ok=True, value=encode_value(7)
        )
        self.effects: tuple[Any, ...] = ()
        self.response_raises: Exception | None = None
        steps = UnitOfWork(
            store=self.store, bus=self.bus, runner=self.runner, clock=self.clock, limits=Limits(), config={}
        )
        self.api, self.callbacks = OverJson(InterviewApi(steps, secret=b"k" * 32)), Callbacks(steps)
        self.bus.serve("interview", {"respond": self.callbacks.respond}, workers=2)
        self.session = self.api.open(interview="demos:plant.yml", request_id=uuid.uuid4().hex, caller=WHO)["session"]
        self.task = self.store.tasks.of_session(self.session)[0].id

    def clock(self) -> datetime:
        return self.now

    def steps(self) -> UnitOfWork:
        """Those of one process of the interview service: a cache and locks of their own."""
        return UnitOfWork(
            store=self.store, bus=self.bus, runner=self.runner, clock=self.clock, limits=Limits(), config={}
        )

    def _step(self, state: dict[str, Any], request: Request) -> Outcome:
        if request.mode == "background":
            ended = self.script(request)
            if isinstance(ended, Exception):
                raise ended
            return Outcome(save="ignore", task=ended, effects=self.effects)
        if request.mode in ("callback", "error_callback"):
            if self.response_raises is not None:
                raise self.response_raises
            action = request.action
            assert action is not None
            assert action.encoded is not None
            arguments = decode_value(action.encoded)
            state["saved"] = [*state.get("saved", ()), arguments]
            return Outcome(save="overwrite", task=TaskResult(ok=True, value=encode_value("told")))
        start = StartTask(task_id=f"t{request.seed}", action="work", arguments=encode_value({}))
        return Outcome(save="overwrite", screen=Screen(kind="end", question="q"), effects=() if state else (start,))

    def worker(self) -> TaskRunner:
        return TaskRunner(
            store=self.store,
            bus=self.bus,
            runner=self.runner,
            host=lambda session: SessionHost(self.store, session, clock=self.clock),
            clock=self.clock,
            lease=LEASE,
        )

    def job(self, attempt: int = 1) -> Job:
        return Job(queue="task", id=self.task, body={"task": self.task}, attempt=attempt)

    def row(self) -> Task:
        row = self.store.tasks.get(self.task)
        assert row is not None
        return row

    def saved(self) -> list[Any]:
        session = self.store.sessions.load(self.session)
        assert session is not None
        found: list[Any] = decode_value(session.state).get("saved", [])
        return found

    def close(self) -> None:
        self.bus.close()
        self.store.close()


def answered(**arguments: Any) -> TaskResult:
    return TaskResult(ok=True, next_action="keep", next_arguments=encode_value(arguments))


def failed(*, action: str | None = None) -> TaskResult:
    failure = Failure(type="ZeroDivisionError", message="division by zero", trace="line 1", trail=("a",))
    arguments = encode_value({"error_type": "ZeroDivisionError"}) if action else None
    return TaskResult(ok=False, failure=failure, error_action=action, error_arguments=arguments)
