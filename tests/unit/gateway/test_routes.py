"""/interview as a page: sessions that begin and are gone on with, answers, steps back, and the list of what a browser began."""

from __future__ import annotations

import re

import pytest

from shared.contract import errors
from shared.contract.outcome import Rejection
from tests.helpers.standin import ASK, StandIn
from tests.unit.gateway.conftest import HELLO, Person


def test_the_start_page_lists_interviews(person: Person) -> None:
    for path in ("/", "/list"):
        assert "Say hello" in person.get(path).text
    assert "not begun an interview" in person.get("/interviews").text
    assert person.cookies == []


def hidden(text: str) -> dict[str, str]:
    """The hidden fields of the first form of a page that is no screen."""
    return dict(re.findall(r'type="hidden" name="(.*?)" value="(.*?)"', text.partition("</form>")[0]))


def test_what_a_browser_began_is_listed_and_deleted_when_it_says_so_twice(person: Person, service: StandIn) -> None:
    for _ in range(2):
        person.get(f"{HELLO}&new_session=1")
    ours, other = sorted(service.sessions)
    page = person.get("/interviews")
    assert page.text.count("Say hello") == 2
    csrf = hidden(page.text)[":csrf"]
    asked = person.post("/interviews", {":csrf": csrf, "session": ours})
    assert "Delete this interview?" in asked.text
    assert sorted(service.sessions) == [ours, other]
    assert person.post("/interviews", {"session": ours, ":do": "delete"}).status_code == 403
    gone = person.post("/interviews", {**hidden(asked.text), ":do": "delete"})
    assert (gone.status_code, gone.headers["Location"]) == (303, "/interviews")
    assert list(service.sessions) == [other]
    person.post("/interviews", {":csrf": csrf, "session": "somebody-elses", ":do": "delete"})
    assert list(service.sessions) == [other]
    asked = person.post("/interviews", {":csrf": csrf})
    assert "Delete all of your interviews?" in asked.text
    person.post("/interviews", {**hidden(asked.text), ":do": "delete"})
    assert list(service.sessions) == []


def test_an_interview_begins_once_and_is_gone_on_with(person: Person, service: StandIn) -> None:
    assert "What is your name?" in person.get(HELLO).text
    first = person.page()
    assert person.page()[":session"] == first[":session"]
    assert len(service.sessions) == 1
    assert service.told("open")["caller"]["browser"]["url_root"] == "http://localhost/"


def test_an_answer_leads_to_the_next_screen(person: Person, service: StandIn) -> None:
    answer = person.post(HELLO, {**person.page(), "name": "Ada"})
    assert (answer.status_code, answer.headers["Location"]) == (303, HELLO)
    assert service.told("answer")["values"] == {"name": "Ada"}
    assert service.told("answer")["raw"] is True
    assert "How old?" in person.get(HELLO).text


def test_the_pages_script_gets_the_next_screen_at_once(person: Person) -> None:
    answer = person.post(HELLO, {**person.page(), "name": "Ada"}, X_Parley="1").get_json()
    assert "How old?" in answer["html"]
    assert answer["page"]["step"] == 1
    assert person.get(HELLO, X_Parley="1").get_json()["page"]["csrf"] == person.page()[":csrf"]


def test_a_refused_answer_comes_back_with_what_was_entered(person: Person, service: StandIn) -> None:
    service.outcome = Rejection(fields={"name": "Too short."})
    answer = person.post(HELLO, {**person.page(), "name": "A"})
    assert answer.status_code == 422
    assert "Too short." in answer.text
    assert 'value="A"' in answer.text


@pytest.mark.parametrize(("do", "method"), [("back", "back"), ("restart", "restart")])
def test_back_and_restart(person: Person, service: StandIn, do: str, method: str) -> None:
    person.post(HELLO, {**person.page(), "name": "Ada"})
    assert person.post(HELLO, {**person.page(), ":do": do}).status_code == 303
    assert "What is your name?" in person.get(HELLO).text
    assert service.told(method)["request_id"]


def test_leaving_goes_to_the_authors_address_and_exit_deletes(person: Person, service: StandIn) -> None:
    service.interviews["demos:hello.yml"] = [{**ASK, "parts": {"exit url": "https://example.com/bye"}}]
    fields = person.page()
    answer = person.post(HELLO, {**fields, ":do": "leave"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "https://example.com/bye")
    assert fields[":session"] in service.sessions
    answer = person.post(HELLO, {**fields, ":do": "exit"}, X_Parley="1")
    assert answer.get_json() == {"go": "https://example.com/bye"}
    assert fields[":session"] not in service.sessions


def test_an_action_button(person: Person, service: StandIn) -> None:
    asked = '{"action": "recalculate", "arguments": {"n": 1}}'
    assert person.post(HELLO, {**person.page(), ":action": asked}).status_code == 303
    assert service.told("action")["name"] == "recalculate"
    assert service.told("action")["arguments"] == {"n": 1}


def test_an_unknown_interview(person: Person) -> None:
    assert person.get("/interview?i=demos:nothing.yml").status_code == 404
    assert person.get("/interview?i=demos:nothing.yml&json=1").get_json()["error"]["kind"] == "NoInterview"
    assert person.get("/interview").status_code == 404


def test_without_a_name_it_is_the_last_interview_or_that_of_the_page_before(person: Person, service: StandIn) -> None:
    person.page()
    assert "What is your name?" in person.get("/interview").text
    other = person.page("/interview?i=demos:other.yml")[":session"]
    assert person.state("/interview?x=1")["interview"] == "demos:other.yml"
    assert (
        person.get("/interview?json=1", Referer=f"http://localhost{HELLO}").get_json()["interview"] == "demos:hello.yml"
    )
    assert person.get("/interview?json=1", Referer="http://[broken").status_code == 200
    assert person.get(f"/interview?session={other}&json=1").get_json()["interview"] == "demos:other.yml"
    assert person.get("/interview?session=never-was").status_code == 410


def test_a_session_that_was_deleted_meanwhile_begins_anew(person: Person, service: StandIn) -> None:
    person.page()
    service.fails["screen"] = errors.NoSession("gone")
    assert "What is your name?" in person.get(HELLO).text
    assert len(service.sessions) == 2


def test_the_same_page_again_is_one_call_and_finds_what_was_used_elsewhere(person: Person, service: StandIn) -> None:
    first = person.page()[":session"]
    del service.calls[:]
    assert person.state(HELLO)["session"] == first
    assert [method for method, _ in service.calls] == ["find"]
    other = person.state(f"{HELLO}&new_session=1")["session"]
    service.sessions[first].used = 1000  # another gateway had it used last
    del service.calls[:]
    assert person.state(HELLO)["session"] == first != other
    assert [method for method, _ in service.calls] == ["find", "screen"]
