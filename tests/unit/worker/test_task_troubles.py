"""Troubles of background work: processes that die, workers that stop, services that are away. What is not the task's own does not fail it."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from services.worker.tasks import MAX_DEATHS, MAX_RUNS, TaskRunner
from shared.bus.messages import BusUnavailable, Job, Retry
from shared.contract.effects import SendMail
from shared.contract.errors import Busy, ChildDied, ChildKilled, StoreUnavailable
from shared.engine.outcome import TaskResult
from shared.engine.request import Request
from shared.runner.ports import Cancelled
from shared.state.codec import encode_value
from tests.helpers.waiting import eventually
from tests.unit.worker.plant import LEASE, Plant, answered


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
    eventually(lambda: [job.id for job in plant.sent] == ["m9"])


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
