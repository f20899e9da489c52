"""A link on another site, or in a mail, has something done in an interview that somebody has begun."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, unquote

import pytest

from tests.e2e.browser.conftest import Site
from tests.helpers.visitor import Visitor

HOME = "/interview?i=attacks:links.yml"
ELSEWHERE = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "document"}
NEIGHBOUR = {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Dest": "document"}
MAILED = {"Sec_Fetch_Site": "none", "Sec_Fetch_Dest": "document"}
HERE = {"Sec_Fetch_Site": "same-origin", "Sec_Fetch_Dest": "document"}
OLD = {"Referer": "https://elsewhere.example/"}


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return Visitor(site.address).go(HOME).answer(HOME, {"name": "Ann"})


def written(**action: object) -> str:
    return HOME + "&action=" + quote(base64.urlsafe_b64encode(json.dumps(action).encode()).decode())


@pytest.mark.parametrize("headers", [ELSEWHERE, MAILED, {}], ids=["another site", "a mail", "an old browser"])
def test_a_link_that_somebody_wrote_does_nothing_by_itself(visitor: Visitor, headers: dict[str, str]) -> None:
    for link in (
        written(action="gift", arguments={"to": "thief"}),
        written(action="gift", arguments={"to": "thief"}, proof="0" * 32),
        written(action="gift", arguments={"to": "thief"}, proof=["é"]),
    ):
        visitor.go(link, **headers)
        assert "Follow this link?" in visitor.text
    assert "thief" not in visitor.go(HOME).text


def test_the_user_may_follow_it_all_the_same(visitor: Visitor) -> None:
    visitor.go(written(action="gift", arguments={"to": "somebody"}), **ELSEWHERE)
    visitor.post(HOME, visitor.fields("<form"), **HERE)
    assert "Given to somebody." in visitor.go(HOME).text


@pytest.mark.parametrize("headers", [ELSEWHERE, MAILED, {}], ids=["a web mailer", "a mail program", "an old browser"])
def test_a_link_that_the_session_made_works_from_everywhere(visitor: Visitor, headers: dict[str, str]) -> None:
    assert "Given to colleague." in visitor.go(visitor.link("Mailed"), **headers).text


def test_a_proof_is_for_one_action_and_one_session(site: Site, visitor: Visitor) -> None:
    parts = visitor.link("Mailed").partition("action=")[2].partition("&")[0]
    made = json.loads(base64.urlsafe_b64decode(parts + "=" * (-len(parts) % 4)))
    visitor.go(written(action="gift", arguments={"to": "thief"}, proof=made["proof"]), **ELSEWHERE)
    assert "Follow this link?" in visitor.text
    other = Visitor(site.address).go(HOME).answer(HOME, {"name": "Ben"})
    other.go(written(**made), **ELSEWHERE)
    assert "Follow this link?" in other.text


def test_a_link_of_the_page_works_on_the_page(visitor: Visitor) -> None:
    assert "Given to friend." in visitor.go(visitor.link("Here"), **HERE).text


@pytest.mark.parametrize("name", ["undefine", "invalidate"])
def test_no_link_takes_away_what_the_interview_did_not_offer(visitor: Visitor, name: str) -> None:
    for action in (
        {"action": f"_da_{name}", "arguments": {"variables": ["name"]}},
        {"action": "_da_force_ask", "arguments": {"variables": [{name: "price"}]}},
        {"action": "_da_force_ask", "arguments": {"variables": [{name: ["given", "name"]}]}},
    ):
        visitor.go(written(**action), **HERE)
        page = visitor.go(HOME).text
        assert "Hello, Ann" in page
        assert "Price 100." in page


def test_a_link_takes_away_what_the_interview_offered(visitor: Visitor) -> None:
    visitor.go(visitor.link("Here"), **HERE)
    assert "Your name?" in visitor.go(visitor.link("Again"), **HERE).text
    assert "Given to ." in visitor.answer(HOME, {"name": "Ann"}).text


@pytest.mark.parametrize(
    "parameters", ["&command=exit", "&command=leave", "&command=restart", "&command=logout", "&reset=1"]
)
@pytest.mark.parametrize(
    "headers", [ELSEWHERE, MAILED, NEIGHBOUR, OLD], ids=["another site", "a mail", "a neighbour", "an old browser"]
)
def test_no_link_throws_away_what_was_answered(visitor: Visitor, parameters: str, headers: dict[str, str]) -> None:
    mine = visitor.fields("<form").get(":session") or id_of(visitor)
    visitor.go(HOME + parameters, **headers)
    assert "Hello, Ann" in visitor.go(f"{HOME}&session={mine}", **HERE).text


def id_of(visitor: Visitor) -> str:
    return str(json.loads(visitor.ask("GET", f"{HOME}&json=1").text)["session"])


def test_who_agrees_to_go_on_has_not_agreed_to_an_action(visitor: Visitor) -> None:
    action = written(action="gift", arguments={"to": "thief"}).partition("action=")[2]
    form = {"session": id_of(visitor), "i": "attacks:links.yml", "action": unquote(action), ":do": "exit", "word": "x"}
    visitor.post("/resume", form, **ELSEWHERE)
    assert "thief" not in visitor.text
    visitor.post("/resume", visitor.fields("<form"), **HERE)
    assert visitor.status == 302
    assert visitor.headers["Location"] == "/interview?i=attacks:links.yml&word=x"
    page = visitor.go(HOME).text
    assert "Hello, Ann" in page
    assert "thief" not in page
