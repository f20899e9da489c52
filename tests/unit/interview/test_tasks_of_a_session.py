"""What a session and its background tasks do to each other when either is late, gone, or asked twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.worker.tasks import MAX_RUNS
from shared.bus.messages import Job, Retry
from shared.contract.errors import Busy, NoInterview
from shared.engine.outcome import Failure, Outcome, TaskResult
from shared.engine.request import Request
from shared.state.codec import encode_value
from shared.store import checks
from shared.store.records import OutboxEntry
from tests.unit.interview.house import MAIL, WHO, House, task_told, wait_until


def entry(kind: str, **body: Any) -> OutboxEntry:
    return OutboxEntry(id=f"{kind}.{len(body)}", kind=kind, body=body)


def test_a_task_that_was_revoked_before_its_start_was_published_never_starts(house: House) -> None:
    outbox, session = house.steps[0].outbox, house.stored()
    start = entry("StartTask", task_id="t5", action="work", arguments=encode_value({}))
    assert outbox.publish(session, (entry("RevokeTask", task_id="t5", terminate=True),))
    assert outbox.publish(session, (start,))
    house.worker().handle(Job(queue="task", id="t5", body={"task": "t5"}))
    assert (house.row("t5").status, house.row("t5").attempts) == ("revoked", 0)


def test_a_session_cannot_revoke_the_task_of_another(house: House) -> None:
    house.task()
    other = replace(house.stored(), id="other")
    assert house.steps[0].outbox.publish(other, (entry("RevokeTask", task_id="t1", terminate=True),))
    assert house.row().status == "queued"


def test_a_result_for_the_page_is_told_once_when_two_pages_ask(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.worker().handle(house.task(ui="flash"))
    as_seen_by_both = house.store.tasks.of_session(house.session)
    assert len(house.desks[0].check_in(session=house.session, caller=WHO)["commands"]) == 1
    monkeypatch.setattr(house.store.tasks, "of_session", lambda session_id: as_seen_by_both)
    assert house.desks[1].check_in(session=house.session, caller=WHO)["commands"] == []


def test_a_check_in_that_the_bus_delivers_twice_starts_its_task_once(house: House) -> None:
    for api in house.desks:
        api.check_in(session=house.session, caller=WHO, action="look", values={}, request_id="c1")
    assert house.log() == ["check-in"]
    assert len(house.store.tasks.of_session(house.session)) == 1


@pytest.mark.parametrize("value", [float("nan"), [1, float("inf")], 2**70])
def test_a_result_that_is_no_json_does_not_silence_the_page(house: House, value: Any) -> None:
    house.on_task = lambda request: task_told(value)
    house.worker().handle(house.task(ui="flash"))
    house.bus.serve("pages", {"check_in": house.desks[0].check_in}, workers=1)
    told = house.bus.call("pages", "check_in", session=house.session, caller=WHO)
    assert [command["extra"] for command in told["commands"]] == ["flash"]


def test_mail_of_an_action_leaves_though_its_response_action_fails(house: House) -> None:
    answers = TaskResult(ok=True, next_action="keep", next_arguments=encode_value({}))
    house.on_task = lambda request: Outcome(save="ignore", task=answers, effects=(MAIL,))
    broken = Failure(type="ZeroDivisionError", message="division by zero")
    house.on_response = lambda request: Outcome(save="ignore", failure=broken)
    house.worker().handle(house.task())
    assert (house.row().status, house.row().result["error_type"]) == ("failed", "ZeroDivisionError")
    wait_until(lambda: [job.id for job in house.jobs["send"]] == ["m1"])
    assert (house.log(), house.stored().applied) == ([], {})


def test_a_response_action_of_an_interview_that_is_gone_ends_the_task(house: House) -> None:
    def gone(request: Request) -> Outcome:
        raise NoInterview("demos:house.yml")

    answers = TaskResult(ok=True, next_action="keep", next_arguments=encode_value({}))
    house.on_task = lambda request: Outcome(save="ignore", task=answers)
    house.on_response = gone
    house.worker().handle(house.task())
    assert (house.row().status, house.row().result["error_type"]) == ("failed", "NoInterview")


def test_a_result_that_is_too_large_is_an_error_and_not_five_runs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = house.task()
    monkeypatch.setattr(checks, "BODY_BYTES", 10_000)
    house.on_task = lambda request: task_told("x" * 20_000)
    house.worker().handle(job)
    assert (house.row().status, house.row().attempts) == ("failed", 1)
    assert house.row().result["error_type"] == "TooLarge"


def test_a_task_for_which_no_process_is_free_waits(house: House) -> None:
    job = house.task()

    def busy(request: Request) -> Outcome:
        raise Busy("all processes are busy")

    house.on_task = busy
    for _ in range(MAX_RUNS + 2):
        with pytest.raises(Retry):
            house.worker().handle(job)
    assert house.row().status == "queued"
    house.on_task = lambda request: task_told(7)
    house.worker().handle(job)
    assert (house.row().status, house.row().attempts) == ("done", 1)


def test_a_claimed_task_may_be_acknowledged_before_it_ends(house: House) -> None:
    claimed: list[str] = []
    house.on_task = lambda request: task_told(claimed[:])
    house.worker().handle(replace(house.task(), claimed=lambda: claimed.append("yes")))
    assert house.row().result["plain"] == ["yes"]
