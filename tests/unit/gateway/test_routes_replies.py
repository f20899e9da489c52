"""What an interview replies with beside screens: commands, responses, notices and messages, each on a page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.contract.reply import Notice
from tests.helpers.standin import ASK, StandIn
from tests.unit.gateway.conftest import HELLO, Person


@pytest.mark.parametrize(
    ("command", "text"), [("signin", "no accounts here"), ("wait", "Please wait…"), ("refresh", "looks again")]
)
def test_commands_of_an_interview_that_say_something(person: Person, service: StandIn, command: str, text: str) -> None:
    service.interviews["demos:hello.yml"] = [{"kind": "command", "command": command}]
    assert text in person.get(HELLO).text


@pytest.mark.parametrize("command", ["exit", "exit_logout", "logout", "leave"])
def test_commands_of_an_interview_that_lead_away(person: Person, service: StandIn, command: str) -> None:
    bye = {"kind": "command", "command": command, "question": "https://example.com/"}
    service.interviews["demos:hello.yml"] = [ASK, bye]
    answer = person.post(HELLO, {**person.page(), "name": "x"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "https://example.com/")
    begins_anew = command != "leave"
    service.interviews["demos:hello.yml"] = [{**ASK, "question": "Again?"}]
    assert ("Again?" in person.get(HELLO).text) == begins_anew


@pytest.mark.parametrize(
    ("parts", "body", "kind"),
    [
        ({"text": "Hi", "content_type": "text/csv"}, b"Hi", "text/csv"),
        ({"binary": "AAE=", "content_type": "image/x"}, b"\x00\x01", "image/x"),
        ({"json": {"a": 1}, "content_type": "application/json"}, b'{"a": 1}', "application/json"),
        ({"all_variables": {"a": 1}, "content_type": "application/json"}, b'{\n  "a": 1\n}', "application/json"),
        ({}, b"Said", "text/plain; charset=utf-8"),
    ],
)
def test_what_response_sends(person: Person, service: StandIn, parts: Any, body: bytes, kind: str) -> None:
    service.interviews["demos:hello.yml"] = [{"kind": "response", "question": "Said", "response": parts}]
    answer = person.get(HELLO)
    assert (answer.data, answer.headers["Content-Type"], answer.headers["X-Parley-Response"]) == (body, kind, "1")


def test_responses_without_a_body_with_a_status_or_with_an_address(person: Person, service: StandIn) -> None:
    service.interviews["demos:hello.yml"] = [{"kind": "response", "response": {"null": True}}]
    assert person.get(HELLO).status_code == 204
    service.interviews["demos:other.yml"] = [{"kind": "response", "response": {"text": "x", "status": 418}}]
    assert person.get("/interview?i=demos:other.yml").status_code == 418
    service.interviews["demos:third.yml"] = [{"kind": "response", "response": {"url": "https://example.com/"}}]
    assert person.get("/interview?i=demos:third.yml").headers["Location"] == "https://example.com/"


REPLACED = Notice(kind="replaced", variables=("name",), message="This answer replaced a newer one.")


def test_an_answer_that_replaced_a_newer_one_says_so_on_the_page_as_it_has_no_other_chance(
    person: Person, service: StandIn
) -> None:
    page = person.page()
    service.notices = (REPLACED,)
    answer = person.post(HELLO, {**page, "name": "Ada"})
    assert answer.status_code == 200, "a redirect would lose it"
    assert 'role="status">This answer has replaced a newer one' in answer.text
    assert "has replaced" not in person.get(HELLO).text


def test_it_is_said_in_the_language_of_the_page(person: Person, service: StandIn) -> None:
    service.interviews["demos:hello.yml"] = [{**ASK, "language": "de"}]
    page = person.page()
    service.notices = (REPLACED,)
    assert "Diese Antwort hat eine neuere ersetzt" in person.post(HELLO, {**page, "name": "Ada"}).text


SAID = tuple(Notice(kind="log", message=f"<b>{one}</b>", priority=one) for one in ("success", "odd one", "console"))


def test_what_an_interview_says_is_said_on_the_page_it_leads_to_and_once(person: Person, service: StandIn) -> None:
    page = person.page()
    service.notices = SAID
    answer = person.post(HELLO, {**page, "name": "Ada"})
    assert answer.status_code == 200, "a redirect would lose it"
    assert (
        '<noscript><div class="alert alert-success" role="status">&lt;b&gt;success&lt;/b&gt;</div></noscript>'
        in answer.text
    )
    assert 'alert-info" role="status">&lt;b&gt;odd one' in answer.text
    data = json.loads(answer.text.partition('id="parley-page">')[2].partition("</script>")[0])
    assert [one["priority"] for one in data["messages"]] == ["success", "odd one", "console"]
    assert "&lt;b&gt;console" not in answer.text
    assert "success" not in person.get(HELLO).text
