"""Background work over a real store and bus: results and response actions once, whatever dies in between."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from services.interview.callbacks import Callbacks
from services.interview.desk import Desk
from services.interview.steps import Steps
from services.outside import SessionOutside
from services.worker.mails import Mailer, folder_transport
from services.worker.tasks import MAX_ATTEMPTS, TaskRunner
from shared.authoring.effects import SendMail, StartTask
from shared.bus.inprocess import InProcessBus
from shared.bus.messages import BusUnavailable, Job, Retry
from shared.engine.outcome import Failure, Outcome, TaskResult
from shared.engine.request import Request
from shared.engine.screen import Screen
from shared.runner.ports import Cancelled, ChildDied, Limits
from shared.state.codec import decode_value, encode_value
from shared.store.open import open_store
from shared.store.records import Task
from tests.helpers.plainrunner import PlainRunner

WHO = {"client": "c" * 20, "user": {}, "browser": {}}
LEASE = timedelta(seconds=15)


class Plant:
    """Interview service and workers around one store; `script` is what author code does in the background."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
        self.store = open_store(f"sqlite:///{folder / 'test.sqlite'}")
        self.bus = InProcessBus()
        self.sent: list[Job] = []
        self.bus.consume("send", self.sent.append, workers=1)
        self.bus.consume("task", lambda job: None, workers=1)
        self.runner = PlainRunner(self._step)
        self.script: Callable[[Request], TaskResult | Exception] = lambda request: TaskResult(
            ok=True, value=encode_value(7)
        )
        self.effects: tuple[Any, ...] = ()
        steps = Steps(store=self.store, bus=self.bus, runner=self.runner, clock=self.clock, limits=Limits(), config={})
        self.desk, self.callbacks = Desk(steps, secret=b"k" * 32), Callbacks(steps)
        self.bus.serve("interview", {"respond": self.callbacks.respond}, workers=2)
        self.session = self.desk.open(interview="demos:plant.yml", request_id=uuid.uuid4().hex, who=WHO)["session"]
        self.task = self.store.tasks.of_session(self.session)[0].id

    def clock(self) -> datetime:
        return self.now

    def steps(self) -> Steps:
        """Those of one process of the interview service: a cache and locks of their own."""
        return Steps(store=self.store, bus=self.bus, runner=self.runner, clock=self.clock, limits=Limits(), config={})

    def _step(self, state: dict[str, Any], request: Request) -> Outcome:
        if request.mode == "background":
            ended = self.script(request)
            if isinstance(ended, Exception):
                raise ended
            return Outcome(save="ignore", task=ended, effects=self.effects)
        if request.mode in ("callback", "error_callback"):
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
            outside=lambda session: SessionOutside(self.store, session, clock=self.clock),
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


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    made = Plant(tmp_path)
    yield made
    made.close()


def answered(**arguments: Any) -> TaskResult:
    return TaskResult(ok=True, next_action="keep", next_arguments=encode_value(arguments))


def failed(*, action: str | None = None) -> TaskResult:
    failure = Failure(type="ZeroDivisionError", message="division by zero", trace="line 1", trail=("a",))
    arguments = encode_value({"error_type": "ZeroDivisionError"}) if action else None
    return TaskResult(ok=False, failure=failure, error_action=action, error_arguments=arguments)


def test_a_result_is_kept_with_the_task(plant: Plant) -> None:
    plant.worker().handle(plant.job())
    row = plant.row()
    assert (row.status, row.attempts) == ("done", 1)
    assert decode_value(row.result["value"]) == 7
    assert row.result["plain"] == 7


def test_the_same_job_twice_is_one_run(plant: Plant) -> None:
    for _ in range(3):
        plant.worker().handle(plant.job())
    assert plant.row().attempts == 1


def test_a_response_action_is_saved_once_however_often_it_is_asked_for(plant: Plant) -> None:
    plant.script = lambda request: answered(total=555)
    plant.worker().handle(plant.job())
    assert plant.callbacks.respond(task=plant.task) == {"done": True}
    assert plant.saved() == [{"total": 555}]
    assert (plant.row().status, plant.row().result["plain"]) == ("done", "told")


def test_two_workers_that_respond_at_once_save_once(plant: Plant) -> None:
    plant.store.tasks.claim(plant.task, lease="a", now=plant.now, length=LEASE)
    response = {"action": "keep", "arguments": encode_value({"n": 1}), "is_error": False, "error": None, "effects": []}
    assert plant.store.tasks.responding(plant.task, lease="a", response=response)
    ready = threading.Barrier(4)
    others = [Callbacks(plant.steps()) for _ in range(4)]

    def respond(callbacks: Callbacks) -> None:
        ready.wait()
        callbacks.respond(task=plant.task)

    threads = [threading.Thread(target=respond, args=(callbacks,)) for callbacks in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert plant.saved() == [{"n": 1}]
    session = plant.store.sessions.load(plant.session)
    assert session is not None
    assert session.applied == {}


def test_a_worker_that_died_after_answering_is_finished_by_another(plant: Plant) -> None:
    plant.store.tasks.claim(plant.task, lease="dead", now=plant.now, length=LEASE)
    response = {"action": "keep", "arguments": encode_value({"n": 1}), "is_error": False, "error": None, "effects": []}
    plant.store.tasks.responding(plant.task, lease="dead", response=response)
    with pytest.raises(Retry):
        plant.worker().handle(plant.job())
    plant.now += LEASE + timedelta(seconds=1)
    plant.worker().handle(plant.job())
    assert (plant.row().status, plant.saved()) == ("done", [{"n": 1}])


def test_a_worker_that_lost_its_lease_cannot_end_the_task(plant: Plant) -> None:
    def slow(request: Request) -> TaskResult:
        plant.now += LEASE + timedelta(seconds=1)
        plant.script = lambda request: TaskResult(ok=True, value=encode_value("second"))
        plant.worker().handle(plant.job())
        return TaskResult(ok=True, value=encode_value("first"))

    plant.script = slow
    plant.worker().handle(plant.job())
    assert plant.row().result["plain"] == "second"


def test_an_error_action_hears_of_the_error_and_the_task_stays_failed(plant: Plant) -> None:
    plant.script = lambda request: failed(action="sorry")
    plant.worker().handle(plant.job())
    row = plant.row()
    assert (row.status, row.result["ok"], row.result["error_type"]) == ("failed", False, "ZeroDivisionError")
    assert row.result["plain"] == "told"
    assert plant.saved() == [{"error_type": "ZeroDivisionError"}]


def test_an_error_without_an_action_is_the_result(plant: Plant) -> None:
    plant.script = lambda request: failed()
    plant.worker().handle(plant.job())
    result = plant.row().result
    assert (plant.row().status, result["error_message"], result["variables"]) == ("failed", "division by zero", ["a"])


def test_a_child_that_dies_is_tried_again_and_in_the_end_failed(plant: Plant) -> None:
    plant.script = lambda request: ChildDied("the child was killed")
    for _ in range(MAX_ATTEMPTS - 1):
        with pytest.raises(Retry):
            plant.worker().handle(plant.job())
        assert plant.row().status == "queued"
    plant.worker().handle(plant.job())
    assert (plant.row().status, plant.row().result["error_type"]) == ("failed", "ChildDied")


def test_a_revoked_task_stays_revoked(plant: Plant) -> None:
    def revoked(request: Request) -> Exception:
        plant.store.tasks.revoke(plant.task, now=plant.now, terminate=True)
        return Cancelled("revoked")

    plant.script = revoked
    plant.worker().handle(plant.job())
    assert plant.row().status == "revoked"


def test_a_task_of_a_deleted_session_leaves_nothing_behind(plant: Plant) -> None:
    task = plant.row()
    plant.store.sessions.delete(plant.session)
    plant.store.tasks.add(task)  # published while the session was being deleted
    plant.worker().handle(plant.job())
    assert plant.store.tasks.get(plant.task) is None, "its arguments may hold answers, and nobody else would remove it"


def test_while_the_interview_service_is_away_the_answer_waits(plant: Plant) -> None:
    plant.script = lambda request: answered(n=1)
    away = plant.worker()
    away._bus = _Away()  # type: ignore[assignment]
    with pytest.raises((Retry, BusUnavailable)):
        away.handle(plant.job())
    assert (plant.row().status, plant.saved()) == ("responding", [])
    plant.now += LEASE + timedelta(seconds=1)
    plant.worker().handle(plant.job(attempt=2))
    assert (plant.row().status, plant.saved()) == ("done", [{"n": 1}])


class _Away:
    """A bus whose broker cannot be reached."""

    def call(self, *names: str, **arguments: Any) -> Any:
        raise BusUnavailable("no broker")


def test_mail_of_a_background_action_leaves_once(plant: Plant, tmp_path: Path) -> None:
    plant.effects = (SendMail(mail_id="m1", to=("user@example.com",), subject="Hello\nthere", body="Good day"),)
    plant.worker().handle(plant.job())
    plant.callbacks.respond(task=plant.task)
    assert plant.row().status == "done"
    wait_until(lambda: len(plant.sent) == 1)
    mailer = Mailer(
        store=plant.store, transport=folder_transport(tmp_path / "mail"), clock=plant.clock, sender="p@x", domain="x"
    )
    mailer.handle(plant.sent[0])
    kept = list((tmp_path / "mail").glob("*.eml"))
    assert len(kept) == 1
    assert b"Subject: Hello there" in kept[0].read_bytes()
    kept[0].unlink()
    mailer.handle(plant.sent[0])
    assert list((tmp_path / "mail").glob("*.eml")) == [], "a mail that was handed over is not handed over again"


def test_a_server_that_refuses_is_tried_again(plant: Plant) -> None:
    def refusing(message: EmailMessage) -> None:
        raise ConnectionRefusedError

    mailer = Mailer(store=plant.store, transport=refusing, clock=plant.clock, sender="p@x", domain="x")
    body: Mapping[str, Any] = {"mail_id": "m2", "to": ["a@b"], "subject": "s", "body": "b"}
    with pytest.raises(Retry):
        mailer.handle(Job(queue="send", id="m2", body=body))


def wait_until(condition: Callable[[], bool]) -> None:
    done = threading.Event()
    for _ in range(500):
        if condition():
            return
        done.wait(0.01)
    raise AssertionError("it never came")
