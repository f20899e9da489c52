"""What an author says of how a task is run: again after it failed, for how long, how far it is, and what goes first."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from services.session_host import SessionHost
from shared.bus.messages import Job, Notification, Retry
from shared.contract.tasks import PRIORITIES, TaskStatus
from shared.engine.outcome import Failure, TaskResult
from shared.engine.request import Request
from shared.runner.ports import Limits
from shared.state.codec import decode_value, encode_value
from shared.store.records import Task
from tests.helpers.embedded import until
from tests.unit.worker.plant import Plant


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
    names = [options(plant), options(plant), options(plant)]
    for name in names:
        worker.handle(Job(queue="task", id=name, body={"task": name}))
        took = plant.store.tasks.get(name)
        if took is not None and name == names[1]:
            worker._usual.took(took, 40)
    rows = [plant.store.tasks.get(name) for name in names]
    assert [dict(row.progress) for row in rows if row is not None] == [
        {"fraction": 0.5, "text": "half"},
        {"fraction": 0.5, "text": "half"},  # what takes no second is gone before anybody has read that
        {"fraction": 0.5, "text": "half", "usual": 12.0},
    ]
    until(lambda: _halves(told) == ["half", "half", "half"], "the page was not told")
    stop()


def _halves(told: list[Notification]) -> list[object]:
    return [one.data["text"] for one in told if one.event == "progress" and "text" in one.data]


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


@pytest.mark.parametrize(("waited", "asks"), [(0.01, 0), (None, 1), (0.2, 1), (-0.5, 1)])
def test_whether_something_is_more_urgent_is_asked_where_jobs_wait(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, waited: float | None, asks: int
) -> None:
    name = options(plant)
    asked: list[int] = []
    urgent = plant.store.tasks.urgent

    def counted(*given: Any, **named: Any) -> str | None:
        asked.append(1)
        return urgent(*given, **named)

    monkeypatch.setattr(plant.store.tasks, "urgent", counted)
    plant.script = lambda request: TaskResult(ok=True)
    plant.worker().handle(Job(queue="task", id=name, body={"task": name}, waited=waited))
    assert len(asked) == asks
    row = plant.store.tasks.get(name)
    assert row is not None
    assert row.status == TaskStatus.DONE
