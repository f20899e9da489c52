"""/interview by a link: actions, commands and parameters in the address, and what a link of another site may not do."""

from __future__ import annotations

import re
from html import unescape

import pytest

from services.gateway.app import Gateway
from tests.helpers.standin import StandIn
from tests.unit.gateway.conftest import HELLO, Person


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


def test_url_args_reach_the_interview_and_leave_the_address(person: Person, service: StandIn) -> None:
    assert person.get(f"{HELLO}&colour=red&from_list=1").headers["Location"] == HELLO
    assert service.told("open")["caller"]["browser"]["url_args"] == {"colour": "red"}


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
