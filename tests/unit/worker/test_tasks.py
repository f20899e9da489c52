"""Background work over a store and a bus in memory: results and response actions once, whatever dies in between."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.interview.api import InterviewApi
from services.interview.callbacks import Callbacks
from services.interview.unit_of_work import UnitOfWork
from services.session_host import SessionHost
from services.worker.tasks import MAX_DEATHS, MAX_RUNS, TaskRunner
from shared.bus.inprocess import InProcessBus
from shared.bus.messages import BusUnavailable, Job, Notification, Retry
from shared.contract.effects import SendMail, StartTask
from shared.contract.errors import Busy, ChildDied, ChildKilled, StoreUnavailable
from shared.contract.screen import Screen
from shared.contract.tasks import PRIORITIES, TaskStatus
from shared.engine.outcome import Failure, Outcome, TaskResult
from shared.engine.request import Request
from shared.runner.ports import Cancelled, Limits
from shared.state.codec import decode_value, encode_value
from shared.store.records import Task
from tests.helpers.embedded import until
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


@pytest.fixture
def plant() -> Iterator[Plant]:
    made = Plant()
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
    plant.script = lambda request: ChildDied("the child crashed")
    for _ in range(MAX_DEATHS - 1):
        with pytest.raises(Retry):
            plant.worker().handle(plant.job())
        assert plant.row().status == "queued"
    plant.worker().handle(plant.job())
    assert (plant.row().status, plant.row().result["error_type"]) == ("failed", "ChildDied")


@pytest.mark.parametrize("error", [ChildKilled("by somebody"), Busy("no process"), StoreUnavailable("away")])
def test_trouble_that_is_not_the_tasks_does_not_fail_it(plant: Plant, error: Exception) -> None:
    plant.script = lambda request: error
    for _ in range(3 * MAX_DEATHS):
        with pytest.raises(Retry):
            plant.worker().handle(plant.job())
        assert (plant.row().status, plant.row().deaths) == ("queued", 0)
    plant.script = lambda request: TaskResult(ok=True, value=encode_value(7))
    plant.worker().handle(plant.job())
    assert plant.row().status == "done"


def test_workers_that_die_with_the_task_do_not_fail_it_but_not_for_ever(plant: Plant) -> None:
    """Killed, they hand nothing back: the lease runs out. The kernel may do so for the memory that the task takes."""
    for number in range(MAX_RUNS):
        assert plant.store.tasks.claim(plant.task, lease=f"dead {number}", now=plant.now, length=LEASE) is not None
        plant.now += LEASE + timedelta(seconds=1)
        if number == 6:
            assert plant.row().status == "running"
    plant.worker().handle(plant.job())
    assert (plant.row().status, plant.row().result["error_type"]) == ("failed", "TaskDied")


def test_a_worker_that_stops_hands_its_task_back(plant: Plant) -> None:
    begun = threading.Event()

    def patient(request: Request) -> Exception:
        begun.set()
        assert plant.runner.cancel is not None
        assert plant.runner.cancel.wait(10)
        return Cancelled("the step was cancelled")

    plant.script = patient
    for _ in range(2 * MAX_DEATHS):
        begun.clear()
        worker, ended = plant.worker(), []
        thread = threading.Thread(target=lambda worker=worker, ended=ended: ended.append(_raised(worker, plant.job())))
        thread.start()
        assert begun.wait(10)
        worker.stop(0)
        thread.join(10)
        assert [type(error) for error in ended] == [Retry]
        assert (plant.row().status, plant.row().attempts, plant.row().lease) == ("queued", 0, None)
    plant.script = lambda request: TaskResult(ok=True, value=encode_value(7))
    plant.worker().handle(plant.job())
    assert (plant.row().status, plant.row().attempts) == ("done", 1)


def _raised(worker: TaskRunner, job: Job) -> BaseException | None:
    try:
        worker.handle(job)
    except BaseException as error:
        return error
    return None


class Killed(BaseException):
    """What a greenthread of a service that stops at once is ended with."""


def test_a_worker_that_is_stopped_at_once_hands_its_task_back(plant: Plant) -> None:
    def ended(request: Request) -> TaskResult:
        raise Killed

    plant.script = ended
    with pytest.raises(Killed):
        plant.worker().handle(plant.job())
    assert (plant.row().status, plant.row().attempts) == ("queued", 0)


@pytest.mark.parametrize("error", [ChildKilled("by somebody"), Busy("no process")])
def test_trouble_of_a_response_action_that_is_not_its_own_does_not_fail_the_task(
    plant: Plant, error: Exception
) -> None:
    """As of the action that an accepted mail started."""
    plant.script = lambda request: answered(n=1)
    plant.response_raises = error
    for _ in range(3 * MAX_DEATHS):
        with pytest.raises(Retry):
            plant.worker().handle(plant.job())
        assert plant.row().status == "responding"
    plant.response_raises = None
    plant.worker().handle(plant.job())
    assert (plant.row().status, plant.saved()) == ("done", [{"n": 1}])


def test_a_response_action_that_kills_its_process_ends_the_task_but_not_what_the_action_wanted(plant: Plant) -> None:
    plant.script = lambda request: answered(n=1)
    plant.effects = (SendMail(mail_id="m9", to=("user@example.com",), subject="s", body="b"),)
    plant.response_raises = ChildDied("it crashed")
    for _ in range(MAX_DEATHS - 1):
        with pytest.raises(Retry):
            plant.worker().handle(plant.job())
    plant.worker().handle(plant.job())
    assert (plant.row().status, plant.row().result["error_type"]) == ("failed", "ChildDied")
    wait_until(lambda: [job.id for job in plant.sent] == ["m9"])


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


def test_mail_of_a_background_action_leaves_once(plant: Plant) -> None:
    plant.effects = (SendMail(mail_id="m1", to=("user@example.com",), subject="Hello\nthere", body="Good day"),)
    plant.worker().handle(plant.job())
    plant.callbacks.respond(task=plant.task)
    assert plant.row().status == "done"
    wait_until(lambda: len(plant.sent) == 1)
    (body,) = [job.body for job in plant.sent]
    row = plant.store.outgoing.get(str(body["mail"]))
    assert row is not None
    assert (row.status, row.session, row.body["subject"]) == ("queued", plant.session, "Hello\nthere")


@pytest.mark.parametrize("error_action", [None, "keep"])
def test_mail_of_a_background_action_that_failed_afterwards_leaves_once(plant: Plant, error_action: str | None) -> None:
    plant.effects = (SendMail(mail_id="m1", to=("user@example.com",), subject="begun", body="Good day"),)
    plant.script = lambda request: failed(action=error_action)
    plant.worker().handle(plant.job())
    for _ in range(2):
        plant.callbacks.respond(task=plant.task)
    row = plant.row()
    assert (row.status, row.result["error_type"]) == ("failed", "ZeroDivisionError")
    assert len(plant.saved()) == (1 if error_action else 0)
    wait_until(lambda: len(plant.sent) == 1)


def wait_until(condition: Callable[[], bool]) -> None:
    done = threading.Event()
    for _ in range(500):
        if condition():
            return
        done.wait(0.01)
    raise AssertionError("it never came")


# ------------------------------------------------------------------ what its author says of how it is run


def options(plant: Plant, **given: object) -> str:
    """A task of the session with these options; its id."""
    name = uuid.uuid4().hex
    about = plant.row()
    plant.store.tasks.add(
        Task(
            id=name, session=about.session, interview=about.interview, action="work", arguments=encode_value({}),
            created=plant.now, options=given,
        )
    )  # fmt: skip
    return name


def test_a_task_that_fails_runs_again_as_often_as_its_author_says_and_later_each_time(plant: Plant) -> None:
    name = options(plant, times=2, delay=10.0, backoff=3.0)
    plant.script = lambda request: TaskResult(ok=False, failure=Failure(type="KeyError", message="no"))
    job = Job(queue="task", id=name, body={"task": name})
    dues = []
    for wait in (10, 30):
        plant.worker().handle(job)
        row = plant.store.tasks.get(name)
        assert row is not None
        assert (row.status, (row.created - plant.now).total_seconds()) == ("queued", wait)
        dues.append(row.created)
        job = Job(queue="task", id=name, body={"task": name, "due": row.created.isoformat()})
        with pytest.raises(Retry):
            plant.worker().handle(job)
        plant.now = row.created
    plant.worker().handle(job)
    row = plant.store.tasks.get(name)
    assert row is not None
    assert (row.status, row.attempts, row.result["error_type"]) == ("failed", 3, "KeyError")


def test_one_that_succeeds_at_last_is_done(plant: Plant) -> None:
    name = options(plant, times=5)
    results = iter(
        [
            TaskResult(ok=False, failure=Failure(type="KeyError", message="no")),
            TaskResult(ok=True, value=encode_value(7)),
        ]
    )
    plant.script = lambda request: next(results)
    for _ in range(2):
        plant.worker().handle(Job(queue="task", id=name, body={"task": name}))
    row = plant.store.tasks.get(name)
    assert row is not None
    assert (row.status, decode_value(row.result["value"])) == ("done", 7)


def test_without_a_word_of_its_author_nothing_is_run_again(plant: Plant) -> None:
    plant.script = lambda request: TaskResult(ok=False, failure=Failure(type="KeyError", message="no"))
    plant.worker().handle(plant.job())
    assert (plant.row().status, plant.row().attempts) == ("failed", 1)


@pytest.mark.parametrize(("stated", "seconds"), [(5.0, 5.0), (9999.0, 3600.0)])
def test_a_time_limit_is_never_more_than_the_operators(plant: Plant, stated: float, seconds: float) -> None:
    name = options(plant, time_limit=stated)
    limits: list[Limits] = []
    step = plant.runner.step

    def watched(*given: Any, **ports: Any) -> Any:
        limits.append(ports["limits"])
        return step(*given, **ports)

    plant.runner.step = watched  # type: ignore[method-assign]
    plant.worker().handle(Job(queue="task", id=name, body={"task": name}))
    assert limits[0].seconds == seconds


def test_how_far_it_is_is_kept_and_told_and_the_next_knows_how_long_it_takes(plant: Plant) -> None:
    told: list[Notification] = []
    stop = plant.bus.listen(told.append)
    worker = plant.worker()
    hosts: list[SessionHost] = []
    worker._host = lambda session: hosts.append(SessionHost(plant.store, session, clock=plant.clock)) or hosts[-1]

    def script(request: Request) -> TaskResult:
        hosts[-1].on_progress(0.5, "half")
        hosts[-1].on_progress(0.6, "too soon to be told")
        return TaskResult(ok=True, value=encode_value(7))

    plant.script = script
    names = [options(plant), options(plant)]
    for name in names:
        worker.handle(Job(queue="task", id=name, body={"task": name}))
    rows = [plant.store.tasks.get(name) for name in names]
    assert [dict(row.progress) for row in rows if row is not None] == [
        {"fraction": 0.5, "text": "half"},
        {"fraction": 0.5, "text": "half", "usual": 0.0},
    ]
    until(lambda: _halves(told) == ["half", "half"], "the page was not told")
    stop()


def _halves(told: list[Notification]) -> list[object]:
    return [one.data["text"] for one in told if one.event == "progress" and "text" in one.data]


# ------------------------------------------------------------------ what goes first


@pytest.mark.parametrize(
    "arriving",
    [("low", "normal", "high"), ("high", "normal", "low"), ("normal", "low", "high"), ("low", "high", "normal")],
)
def test_the_urgent_go_first_and_each_is_run_once_in_whatever_order_their_jobs_come(
    plant: Plant, arriving: tuple[str, ...]
) -> None:
    about, ran = plant.row(), []
    plant.store.tasks.finish(about.id, lease=None, status=TaskStatus.DONE, result={}, now=plant.now)
    for name, priority in PRIORITIES.items():
        for number in range(2):
            plant.store.tasks.add(
                Task(
                    id=f"{name}{number}", session=about.session, interview=about.interview, action=name,
                    arguments=encode_value({}), created=plant.now, priority=priority,
                )
            )  # fmt: skip

    def run(request: Request) -> TaskResult:
        assert request.action is not None
        ran.append(request.action.name)
        return TaskResult(ok=True)

    plant.script = run
    worker = plant.worker()
    for name in arriving:
        for number in range(2):
            body = {"task": f"{name}{number}", "priority": PRIORITIES[name]}
            worker.handle(Job(queue="task", id=f"{name}{number}", body=body))
    assert ran == ["high", "high", "normal", "normal", "low", "low"]
