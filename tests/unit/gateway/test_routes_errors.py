"""What goes wrong: the status of each error, as a page and as JSON, and what is never said."""

from __future__ import annotations

import pytest

from shared.contract import errors
from shared.contract.outcome import Failure
from tests.helpers.standin import StandIn
from tests.unit.gateway.conftest import HELLO, JSON, Person


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (errors.NoInterview(), 404, None),
        (errors.BadInterview(), 500, None),
        (errors.StepFailed("x"), 500, None),
        (errors.TimeLimit("x"), 503, None),
        (errors.ChildDied(), 500, None),
        (errors.Busy(), 503, "3"),
        (errors.StoreUnavailable(), 503, "3"),
        (errors.BusUnavailable(), 503, "3"),
        (errors.CallTimeout(), 504, "5"),
        (errors.Unknown("x", "Odd"), 500, None),
    ],
)
def test_errors_have_their_status_as_page_and_as_json(
    person: Person, service: StandIn, error: errors.CallFailed, status: int, retry: str | None
) -> None:
    for path in (HELLO, JSON):
        service.fails["open"] = error
        answer = person.get(path)
        assert (answer.status_code, answer.headers.get("Retry-After")) == (status, retry)
    assert answer.get_json()["error"]["kind"] == ("Failure" if error.kind == "Failed" else error.kind)
    service.fails["open"] = error
    assert person.get(HELLO, X_Parley="1").get_json()["page"]["message"] is True


def test_a_failed_step_offers_the_way_back(person: Person, service: StandIn) -> None:
    fields = person.page()
    service.outcome = Failure(type="ZeroDivisionError", message="division by zero")
    answer = person.post(HELLO, {**fields, "name": "x"})
    assert answer.status_code == 500
    assert "Go one step back" in answer.text
    assert "division" not in answer.text
    service.outcome = Failure(type="ZeroDivisionError", message="division by zero")
    answer = person.json(JSON, {"action": "x"}, X_CSRF_Token=fields[":csrf"])
    assert (answer.status_code, answer.get_json()["error"]["kind"]) == (500, "Failure")
    service.fails["action"] = errors.ChildDied()
    assert "Go one step back" in person.post(HELLO, {**fields, ":action": '{"action": "x"}'}).text


def test_a_mistake_of_ours_is_said_without_its_text(person: Person, service: StandIn) -> None:
    for path in (HELLO, JSON):
        service.fails["open"] = ZeroDivisionError("a secret")
        answer = person.get(path)
        assert answer.status_code == 500
        assert "a secret" not in answer.text


def test_what_is_not_there_and_what_is_not_allowed(person: Person) -> None:
    assert person.get("/nowhere").status_code == 404
    assert person.client.put(HELLO).status_code == 405
    assert person.get("/user/sign-in").status_code == 404
    assert person.client.put("/interview?json=1").get_json()["error"]["kind"] == "MethodNotAllowed"


def test_a_request_that_is_too_large(person: Person) -> None:
    answer = person.post(HELLO, {**person.page(), "name": "x" * 17 * 1024 * 1024})
    assert answer.status_code == 413
    assert "At most 16 MB" in answer.text
