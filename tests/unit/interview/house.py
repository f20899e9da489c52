"""Two processes of the interview service, and workers, over one store in memory: what is looked at when one of them dies, or is slow."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.interview.api import InterviewApi
from services.interview.callbacks import Callbacks
from services.interview.mail_parts import MailParts
from services.interview.ticks import Ticks
from services.interview.unit_of_work import UnitOfWork
from services.session_host import SessionHost
from services.worker.tasks import TaskRunner
from shared.bus.inprocess import InProcessBus
from shared.bus.messages import Job
from shared.contract.effects import SendMail, StartTask
from shared.contract.outcome import StepResult
from shared.contract.screen import Screen
from shared.contract.ticks import Ticked
from shared.engine.outcome import Flags, Outcome, Rejection, TaskResult
from shared.engine.request import Request
from shared.mail.dissect import dissect
from shared.runner.ports import Event, Limits, Offers
from shared.state.codec import decode_value, encode_value
from shared.store.records import Session, Task
from tests.helpers.memory import memory_store
from tests.helpers.overjson import OverJson
from tests.helpers.plainrunner import PlainRunner

WHO = {"client": "c" * 20, "user": {"email": "user@example.com"}, "browser": {"ip": "192.0.2.1"}}
LEASE = timedelta(seconds=15)
EVENTS = ("cron_daily", "cron_hourly_background", "incoming_email")

Script = Callable[[dict[str, Any], Request, Any], Outcome]


class Runner(PlainRunner):
    """The script may also ask the service, as author code does."""

    def __init__(self, script: Script) -> None:
        self._asking: Any = None
        self.digest = "d"
        super().__init__(lambda state, request: script(state, request, self._asking))

    def offers(self, interview: str) -> Offers:
        names = (*EVENTS, "cron_hourly_inline")
        events = tuple(Event(name=name, file=interview, block=f"ID {name}", line=1) for name in names)
        return Offers(events=events, digest=self.digest)

    def step(self, *args: Any, host: Any, **named: Any) -> StepResult:
        self._asking = host
        return super().step(*args, host=host, **named)


class House:
    """Two processes of the interview service, and workers, over one store. `on_answer` and `on_task` are the author's code."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
        self.store = memory_store()
        self.runner = Runner(self._script)
        self.on_answer: Script = lambda state, request, host: Outcome(save="new", screen=log_screen(state))
        self.on_task: Callable[[Request], Outcome] = lambda request: task_told(7)
        self.on_tick: Callable[[dict[str, Any], Request], Outcome] = lambda state, request: Outcome(
            save="overwrite", screen=log_screen(state)
        )
        self.on_show: Callable[[dict[str, Any]], None] = lambda state: None
        self.flags: dict[str, Any] = {}
        self.on_response: Callable[[Request], Outcome] = lambda request: task_told("kept")
        self.open_bus()
        self.session = self.desks[0].open(interview="demos:house.yml", request_id="o", caller=WHO)["session"]

    def open_bus(self) -> None:
        self.bus = InProcessBus()
        self.jobs: dict[str, list[Job]] = {"task": [], "send": []}
        for queue, jobs in self.jobs.items():
            self.bus.consume(queue, jobs.append, workers=1)
        self.steps = [self._steps() for _ in range(2)]
        self.desks = [OverJson(InterviewApi(steps, secret=b"k" * 32)) for steps in self.steps]
        self.bus.serve("interview", {"respond": Callbacks(self.steps[0]).respond}, workers=2)

    def _steps(self) -> UnitOfWork:
        return UnitOfWork(
            store=self.store, bus=self.bus, runner=self.runner, clock=self.clock, limits=Limits(), config={}
        )

    def clock(self) -> datetime:
        return self.now

    def tick(self, event: str, period: str, *, process: int = 0, step: float = 0.0, again: bool = False) -> Ticked:
        ticks = Ticks(self.steps[process], offers=self.runner.offers, clock=self.clock)
        return ticks.tick(session=self.session, event=event, period=period, step=step, again=again)

    def _script(self, state: dict[str, Any], request: Request, host: Any) -> Outcome:
        state.setdefault("log", [])
        flags = Flags(**{"multi_user": True, "allow_cron": True, "events": EVENTS, **self.flags})
        if request.mode == "background":
            return self.on_task(request)
        if request.mode in ("callback", "error_callback"):
            state["log"] = [*state["log"], "response"]
            return replace(self.on_response(request), flags=flags)
        if request.mode == "cron":
            state["log"] = [*state["log"], "cron"]
            return replace(self.on_tick(state, request), flags=flags)
        if request.check_in is not None:
            state["log"] = [*state["log"], "check-in"]
            start = StartTask(task_id=f"t{request.seed}", action="a", arguments=encode_value({}))
            return Outcome(save="overwrite", commands=({"value": 1, "extra": "fields"},), effects=(start,), flags=flags)
        if request.answer is not None:
            word = request.answer.values["word"]
            if word == "bad":
                refused = Rejection(fields={"word": "no"})
                return Outcome(save="ignore", rejection=refused, screen=log_screen(state), flags=flags)
            state["log"] = [*state["log"], word]
            return replace(self.on_answer(state, request, host), flags=flags)
        self.on_show(state)
        return Outcome(save="overwrite", screen=log_screen(state), flags=flags)

    def answer(self, word: str, *, api: int = 0, request_id: str | None = None) -> dict[str, Any]:
        token = self.desks[api].screen(session=self.session, caller=WHO)["screen"]["token"] if not self._token else ""
        self._token = self._token or token
        return self.desks[api].answer(
            session=self.session,
            request_id=request_id or uuid.uuid4().hex,
            token=self._token,
            values={"word": word},
            caller=WHO,
        )

    _token = ""

    def stored(self) -> Session:
        found = self.store.sessions.load(self.session)
        assert found is not None
        return found

    def log(self) -> list[str]:
        found: list[str] = decode_value(self.stored().state)["log"]
        return found

    def worker(self) -> TaskRunner:
        return TaskRunner(
            store=self.store,
            bus=self.bus,
            runner=self.runner,
            host=lambda session: SessionHost(self.store, session, clock=self.clock),
            clock=self.clock,
            lease=LEASE,
        )

    def task(self, **about: Any) -> Job:
        """A queued task, as publishing leaves it."""
        row = Task(
            id="t1",
            session=self.session,
            interview="demos:house.yml",
            action="work",
            arguments=encode_value({}),
            created=self.now,
            **about,
        )
        assert self.store.tasks.add(row)
        return Job(queue="task", id="t1", body={"task": "t1"})

    def row(self, task_id: str = "t1") -> Task:
        found = self.store.tasks.get(task_id)
        assert found is not None
        return found


def log_screen(state: dict[str, Any]) -> Screen:
    return Screen(kind="fields", question=" ".join(state["log"]), shown={"block": "Question_0", "kind": "fields"})


def task_told(value: Any) -> Outcome:
    return Outcome(save="overwrite", task=TaskResult(ok=True, value=encode_value(value)))


def mail_parts(house: House) -> MailParts:
    return MailParts(house.store, lambda raw: dissect(raw).plain(), clock=lambda: house.now)


MAIL = SendMail(mail_id="m1", to=("other@example.com",), subject="s", body="b")


def wait_until(condition: Callable[[], bool]) -> None:
    done = threading.Event()
    for _ in range(500):
        if condition():
            return
        done.wait(0.01)
    raise AssertionError("it never came")
