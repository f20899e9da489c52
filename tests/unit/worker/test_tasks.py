"""Background work over a store and a bus in memory: results, response actions, error actions and mails, each once."""

from __future__ import annotations

import threading

import pytest

from services.interview.callbacks import Callbacks
from shared.contract.effects import SendMail
from shared.engine.request import Request
from shared.runner.ports import Cancelled
from shared.state.codec import decode_value, encode_value
from tests.helpers.waiting import eventually
from tests.unit.worker.plant import LEASE, Plant, answered, failed


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


def test_mail_of_a_background_action_leaves_once(plant: Plant) -> None:
    plant.effects = (SendMail(mail_id="m1", to=("user@example.com",), subject="Hello\nthere", body="Good day"),)
    plant.worker().handle(plant.job())
    plant.callbacks.respond(task=plant.task)
    assert plant.row().status == "done"
    eventually(lambda: len(plant.sent) == 1)
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
    eventually(lambda: len(plant.sent) == 1)
