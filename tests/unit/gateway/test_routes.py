"""Every address: what it answers, and what it refuses. The interview service is a stand-in (tests/helpers/standin.py)."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest

from services.gateway.app import Gateway
from shared.contract import errors
from shared.contract.outcome import Failure, Rejection
from shared.contract.reply import Notice
from tests.helpers.standin import ASK, StandIn
from tests.unit.gateway.conftest import HELLO, Person

JSON = f"{HELLO}&json=1"

# ---------------------------------------------------------------------- /interview as a page


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


def test_a_link_with_an_action(person: Person, service: StandIn) -> None:
    text = "eyJhY3Rpb24iOiAieCJ9"  # {"action": "x"}
    assert person.get(f"{HELLO}&action={text}").headers["Location"] == HELLO
    assert service.told("action")["name"] == "x"
    assert len(service.sessions) == 1
    person.get(f"{HELLO}&action={text}", Sec_Fetch_Site="same-origin")
    assert len(service.sessions) == 1
    assert (
        person.get(f"{HELLO}&action={text}", X_Parley="1", Sec_Fetch_Site="same-origin").get_json()["page"]["step"] == 3
    )


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
def test_a_link_from_elsewhere_is_followed_only_if_the_user_says_so(
    person: Person, service: StandIn, site: str
) -> None:
    person.page()
    asked = {"Sec_Fetch_Site": site} if site else {}
    answer = person.get(f"{HELLO}&action=eyJhY3Rpb24iOiAieCJ9", **asked)
    assert "Follow this link?" in answer.text
    assert "action" not in {method for method, _ in service.calls}
    fields = re.findall(r'<input type="hidden" name="(:[^"]+)" value="([^"]*)"', answer.text)
    assert person.post(HELLO, {name: unescape(value) for name, value in fields}).status_code == 303
    assert service.told("action")["name"] == "x"


@pytest.mark.parametrize("parameter", ["new_session", "reset"])
def test_beginning_anew(person: Person, service: StandIn, parameter: str) -> None:
    first = person.page()[":session"]
    assert person.get(f"{HELLO}&{parameter}=1").headers["Location"] == HELLO
    second = person.page()[":session"]
    assert second != first
    assert (first in service.sessions) == (parameter == "new_session")
    if parameter == "new_session":
        assert person.get(f"{HELLO}&session={first}").headers["Location"] == HELLO
        assert person.page()[":session"] == first


def test_reset_without_a_session_begins(person: Person, service: StandIn) -> None:
    assert person.get(f"{HELLO}&reset=1").status_code == 303
    assert len(service.sessions) == 1


@pytest.mark.parametrize(
    ("command", "address", "there"),
    [
        ("restart", HELLO, True),
        ("new_session", HELLO, True),
        ("leave", "/", True),
        ("leave&next=/list", "/list", True),
        ("exit", "/", False),
        ("unheard", HELLO, True),
    ],
)
def test_commands_by_link(person: Person, service: StandIn, command: str, address: str, there: bool) -> None:
    session = person.page()[":session"]
    answer = person.get(f"{HELLO}&command={command}")
    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    assert (session in service.sessions) == there


def test_a_command_without_a_session_begins_one(person: Person, service: StandIn) -> None:
    assert person.get(f"{HELLO}&command=restart").status_code == 303
    assert len(service.sessions) == 1


def test_a_link_that_leads_elsewhere_asks(person: Person) -> None:
    person.page()
    answer = person.get(f"{HELLO}&command=leave&next=https://elsewhere.example/x")
    assert answer.status_code == 200
    assert "You are leaving this site" in answer.text
    assert 'href="https://elsewhere.example/x"' in answer.text


def test_logout_ends_the_streams_and_forgets_the_browser(person: Person, app: Gateway) -> None:
    session = person.page()[":session"]
    stream = app.streams.open(session, client="somebody else", last_id=None)
    assert person.get(f"{HELLO}&command=logout").status_code == 303
    assert person.cookies == []
    assert person.get(f"{HELLO}&session={session}").status_code == 410
    stream.close()


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


def test_url_args_reach_the_interview_and_leave_the_address(person: Person, service: StandIn) -> None:
    assert person.get(f"{HELLO}&colour=red&from_list=1").headers["Location"] == HELLO
    assert service.told("open")["caller"]["browser"]["url_args"] == {"colour": "red"}


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


def test_a_browser_that_guesses_ahead_starts_nothing(person: Person, service: StandIn) -> None:
    assert person.get(HELLO, Sec_Purpose="prefetch").status_code == 503
    assert service.sessions == {}


@pytest.mark.parametrize("parameter", ["action=e30", "command=exit", "reset=1", "new_session=1"])
def test_another_site_can_hide_no_change_in_a_picture(person: Person, service: StandIn, parameter: str) -> None:
    answer = person.get(f"{HELLO}&{parameter}", Sec_Fetch_Site="cross-site", Sec_Fetch_Dest="image")
    assert answer.status_code == 403
    assert service.sessions == {}


@pytest.mark.parametrize("parameter", ["command=exit", "command=restart", "reset=1"])
def test_a_link_elsewhere_throws_nothing_away(person: Person, service: StandIn, parameter: str) -> None:
    session = person.page()[":session"]
    person.get(f"{HELLO}&{parameter}", Sec_Fetch_Site="cross-site", Sec_Fetch_Dest="document")
    assert session in service.sessions
    assert not {"delete", "restart"} & {method for method, _ in service.calls}


# ---------------------------------------------------------------------- screens that are no pages


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
        ({"binary": {"base64": "AAE="}, "content_type": "image/x"}, b"\x00\x01", "image/x"),
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


# ---------------------------------------------------------------------- what goes wrong


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
