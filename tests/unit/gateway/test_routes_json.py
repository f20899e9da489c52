"""/interview as JSON: screens, answers, notices, and bodies that are none."""

from __future__ import annotations

import pytest

from shared.contract.outcome import Rejection
from shared.contract.reply import Notice
from tests.helpers.standin import ASK, StandIn
from tests.unit.gateway.conftest import HELLO, JSON, Person


@pytest.mark.parametrize("command", ["restart", "new_session", "continue"])
def test_commands_that_lead_to_another_screen_are_followed(person: Person, service: StandIn, command: str) -> None:
    service.interviews["demos:hello.yml"] = [ASK, {"kind": "command", "command": command}]
    answer = person.json(JSON, {"set": {}, **tokens(person)}, X_CSRF_Token=person.state()["csrf"])
    followed = {"restart": "restart", "new_session": "open", "continue": "screen"}[command]
    assert answer.status_code == 200
    assert [method for method, _ in service.calls][-1] == followed


def tokens(person: Person) -> dict[str, str]:
    shown = person.state()
    return {"session": shown["session"], "token": shown["screen"]["token"]}


def test_a_screen_as_json(person: Person) -> None:
    shown = person.state()
    assert shown["screen"]["question"] == "What is your name?"
    assert shown.keys() == {"session", "interview", "version", "step", "screen", "csrf"}


def test_answers_actions_back_and_restart_as_json(person: Person, service: StandIn) -> None:
    shown = person.state()
    csrf, session = shown["csrf"], shown["session"]
    answer = person.json(JSON, {**tokens(person), "set": {"name": "Ada"}, "request_id": "r1"}, X_CSRF_Token=csrf)
    assert answer.get_json()["step"] == 1
    assert service.told("answer")["request_id"] == "r1"
    assert person.json(JSON, {"session": session, "back": True}, X_CSRF_Token=csrf).get_json()["step"] == 0
    assert person.json(JSON, {"action": "x", "arguments": {"a": 1}}, X_CSRF_Token=csrf).get_json()["step"] == 1
    assert person.json(JSON, {"restart": True}, X_CSRF_Token=csrf).get_json()["step"] == 0


def test_a_refused_answer_as_json(person: Person, service: StandIn) -> None:
    body, csrf = {**tokens(person), "set": {"name": ""}}, person.state()["csrf"]
    service.outcome = Rejection(fields={"name": "Needed."})
    answer = person.json(JSON, body, X_CSRF_Token=csrf)
    assert answer.status_code == 422
    assert answer.get_json()["rejected"]["fields"] == {"name": "Needed."}


REPLACED = Notice(kind="replaced", variables=("name",), message="This answer replaced a newer one.")


def test_json_carries_what_is_said_of_an_answer(person: Person, service: StandIn) -> None:
    body, csrf = {**tokens(person), "set": {"name": "Ada"}}, person.state()["csrf"]
    service.notices = (REPLACED,)
    told = person.json(JSON, body, X_CSRF_Token=csrf).get_json()
    assert told["notices"] == [
        {"kind": "replaced", "variables": ["name"], "message": "This answer replaced a newer one."}
    ]
    assert "notices" not in person.state()


def test_that_a_screen_comes_again_is_for_programs(person: Person, service: StandIn) -> None:
    page = person.page()
    service.notices = (Notice(kind="repeated", variables=("name",)),)
    assert person.post(HELLO, {**page, "name": "Ada"}).status_code == 303


def test_files_in_json(person: Person, service: StandIn) -> None:
    body = {"file": {"name": "a.txt", "type": "text/plain", "content": "aGk="}}
    csrf = person.state()["csrf"]
    assert person.json(JSON, {**tokens(person), "set": {"letter": body, "more": {"files": [7]}}}, X_CSRF_Token=csrf)
    assert service.told("answer")["values"] == {"letter": {"files": [1]}, "more": {"files": [7]}}
    session = service.sessions[person.state()["session"]]
    assert session.files == {1: ("a.txt", "text/plain", b"hi")}


def test_the_pages_script_gets_what_response_sent(person: Person, service: StandIn) -> None:
    service.interviews["demos:hello.yml"] = [ASK, {"kind": "response", "response": {"json": [1]}}]
    csrf = person.state()["csrf"]
    answer = person.json(JSON, {"action": "x"}, X_CSRF_Token=csrf, X_Parley_Call="1")
    assert answer.get_json(force=True) == [1]


def test_an_exit_as_json_is_left(person: Person, service: StandIn) -> None:
    service.interviews["demos:hello.yml"] = [ASK, {"kind": "command", "command": "exit"}]
    csrf = person.state()["csrf"]
    assert person.json(JSON, {"action": "x"}, X_CSRF_Token=csrf).status_code == 200
    assert [method for method, _ in service.calls][-1] == "leave"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"set": []}',
        b'{"session": 3}',
        b'{"action": ""}',
        b'{"action": {}}',
        b'{"action": "x", "arguments": []}',
        b'{"token": 1, "set": {}}',
        b'{"request_id": [], "set": {}}',
        b'{"set": {"a": {"file": 1.5}}}',
        b'{"set": {"a": {"file": {"content": "%%"}}}}',
        b'{"set": {"a": {"files": [true]}}}',
        b'{"set": {"number": NaN}}',
        b'{"set": {"kind": "\\ud800"}}',
        b'{"set": {"a": ' + b"[" * 5000 + b"]" * 5000 + b"}}",
    ],
)
def test_bad_bodies_are_refused(person: Person, body: bytes) -> None:
    csrf = person.state()["csrf"]
    answer = person.json(JSON, body, X_CSRF_Token=csrf)
    assert answer.status_code == 400
    assert answer.get_json()["error"]["kind"] in {"BadRequest", "BadValue"}
