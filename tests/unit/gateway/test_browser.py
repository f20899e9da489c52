"""Which sessions a browser holds: by its secret, in whatever order its tabs were opened, and not by ids."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from jinja2.environment import TemplateModule
from werkzeug.test import TestResponse

from services.gateway.app import Gateway, create_app
from services.gateway.client import secret
from services.gateway.http import browser as cookies
from services.interview import access
from tests.helpers.standin import StandIn
from tests.unit.gateway.conftest import HELLO, JSON, Person, form, options

OTHER = "/interview?i=demos:other.yml"


def given(response: TestResponse) -> dict[str, Any]:
    """The cookies of a response by name."""
    found: dict[str, Any] = {}
    for header in response.headers.getlist("Set-Cookie"):
        found.update(SimpleCookie(header).items())
    return found


# ---------------------------------------------------------------------- the cookie


def test_one_cookie_that_says_nothing_of_sessions(person: Person) -> None:
    (name,) = (made := given(person.get(HELLO)))
    assert name.startswith("parley-key-")
    cookie = made[name]
    assert (cookie["path"], cookie["samesite"], bool(cookie["httponly"])) == ("/", "Lax", True)
    assert (cookie["max-age"], cookie["domain"]) == (str(90 * 86400), "")
    assert given(person.get(OTHER)) == {}
    assert given(person.post(HELLO, {**person.page(), "name": "x"})) == {}


def test_over_https_it_is_bound_to_this_host(service: StandIn, packages: Path) -> None:
    app = create_app(service, options(packages, url_root="https://forms.example.com/"))
    (name,) = (made := given(app.test_client().get(HELLO)))
    assert name.startswith("__Host-parley-key-")
    assert made[name]["secure"]
    assert made[name]["path"] == "/"
    app.close()


def test_over_https_a_name_that_anybody_could_set_counts_nothing(service: StandIn, packages: Path) -> None:
    plain, secure = (
        create_app(service, options(packages)),
        create_app(service, options(packages, url_root="https://x/")),
    )
    (name, cookie), *_ = given(plain.test_client().get(HELLO)).items()
    client = secure.test_client()
    client.set_cookie(name, cookie.value)
    assert given(client.get(HELLO))
    assert len(service.sessions) == 2
    for app in (plain, secure):
        app.close()


def test_it_is_sent_again_once_a_day(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    before = given(person.get(HELLO))
    tomorrow = time.time() + 86400
    monkeypatch.setattr(cookies.time, "time", lambda: tomorrow)
    after = given(person.get(HELLO))
    assert before.keys() == after.keys()
    assert given(person.get(HELLO)) == {}


def test_pages_that_need_no_browser_set_no_cookie(person: Person) -> None:
    for path in ("/", "/healthz", "/metrics", "/packagestatic/demos/a.css", "/nowhere", "/uploadedfile/1"):
        assert given(person.get(path)) == {}


@pytest.mark.parametrize(
    "damage",
    [
        lambda value: "",
        lambda value: value[:-4] + "AAAA",
        lambda value: value.partition(".")[2],
        lambda value: value + "é",
        lambda value: "\0" * 50,
    ],
)
def test_a_damaged_cookie_is_no_cookie(person: Person, damage: Callable[[str], str]) -> None:
    fields = person.page()
    (name, cookie), *_ = given(Person(person.client.application.test_client()).get(HELLO)).items()
    forged = Person(person.client.application.test_client())
    forged.client.set_cookie(name, damage(cookie.value))
    assert forged.post(HELLO, fields).status_code == 403
    assert forged.get(f"{HELLO}&session={fields[':session']}").status_code == 410


# ---------------------------------------------------------------------- two tabs


def two_tabs(app: Gateway, first: str, second: str) -> tuple[Person, dict[str, str], dict[str, str]]:
    """A new browser opens two tabs at once: neither request has a cookie, both answers set one."""
    tabs = [Person(app.test_client()), Person(app.test_client())]
    opened = [tab.get(path) for tab, path in zip(tabs, (first, second), strict=True)]
    together = Person(app.test_client())
    for answer in opened:
        for name, cookie in given(answer).items():
            together.client.set_cookie(name, cookie.value)
    return together, form(opened[0]), form(opened[1])


@pytest.mark.parametrize(("first", "second"), [(HELLO, OTHER), (HELLO, HELLO)])
def test_two_tabs_opened_at_once_both_work(app: Gateway, service: StandIn, first: str, second: str) -> None:
    together, one, two = two_tabs(app, first, second)
    assert one[":session"] != two[":session"]
    for path, fields in ((first, one), (second, two), (first, one)):
        assert together.post(path, {**fields, ":token": token(service, fields), "name": "x"}).status_code == 303
        assert together.listens(fields[":session"]) == 200
        assert together.get(f"/variables?session={fields[':session']}").get_json()["success"] is True
        answer = together.json("/checkin", {"session": fields[":session"]}, X_CSRF_Token=fields[":csrf"])
        assert answer.status_code == 200


def token(service: StandIn, fields: dict[str, str]) -> str:
    return f"token-{fields[':session'][:8]}-{service.sessions[fields[':session']].step}"


def decoded(person: Person, name: str) -> str:
    cookie = person.client.get_cookie(name)
    assert cookie is not None
    return cookie.decoded_value


def test_both_sessions_move_to_the_secret_that_stays(app: Gateway, service: StandIn) -> None:
    together, one, two = two_tabs(app, HELLO, OTHER)
    for fields in (one, two):
        assert together.get(f"/variables?session={fields[':session']}").status_code == 200
    lasting = sorted(together.client._cookies or (), key=lambda key: key[2])[0][2]
    alone = Person(app.test_client())
    alone.client.set_cookie(lasting, decoded(together, lasting))
    assert alone.page(HELLO)[":session"] == one[":session"]
    assert alone.page(OTHER)[":session"] == two[":session"]


def test_many_tabs_of_one_browser_answer_in_any_order(person: Person, service: StandIn) -> None:
    tabs = []
    for _ in range(4):
        person.get(f"{HELLO}&new_session=1")
        tabs.append(person.page())
    assert len({tab[":session"] for tab in tabs}) == 4
    for tab in reversed(tabs):
        assert person.post(HELLO, {**tab, "name": "x"}).status_code == 303
        assert person.page()[":session"] == tab[":session"]


# ---------------------------------------------------------------------- other browsers

GETS = ["/interview?i=demos:hello.yml&session=", "/variables?session=", "/document/0?session=", "/events?session="]


@pytest.mark.parametrize("path", GETS)
@pytest.mark.parametrize("known", [True, False], ids=["a browser", "no cookie"])
def test_an_id_alone_opens_nothing(person: Person, stranger: Person, path: str, known: bool) -> None:
    session = person.page()[":session"]
    if known:
        stranger.page(OTHER)
    wrong, missing = stranger.get(path + session), stranger.get(path + "never-was")
    assert wrong.status_code == missing.status_code == 410
    assert re.sub(r'nonce="[^"]*"', "", wrong.text) == re.sub(r'nonce="[^"]*"', "", missing.text)


def test_nobody_can_change_a_session_of_somebody_else(person: Person, stranger: Person, service: StandIn) -> None:
    mine, theirs = person.page(), stranger.page()
    taken = {**theirs, ":session": mine[":session"], ":token": mine[":token"], "name": "x"}
    csrf = theirs[":csrf"]
    for extra in (
        {},
        {":do": "back"},
        {":do": "restart"},
        {":do": "exit"},
        {":do": "leave"},
        {":action": '{"action":"x"}'},
    ):
        assert stranger.post(HELLO, {**taken, **extra}).status_code == 410
    for body in ({"back": True}, {"restart": True}, {"action": "x"}, {"set": {}}):
        assert stranger.json(JSON, {"session": mine[":session"], **body}, X_CSRF_Token=csrf).status_code == 410
    assert stranger.json("/checkin", {"session": mine[":session"]}, X_CSRF_Token=csrf).status_code == 410
    assert stranger.get(f"{HELLO}&command=exit&session={mine[':session']}").status_code == 303
    assert service.sessions[mine[":session"]].step == 0


def test_everybody_enters_a_session_of_many_by_its_id(person: Person, stranger: Person, service: StandIn) -> None:
    session = person.page()[":session"]
    kept = service.sessions[session]
    kept.record = replace(kept.record, multi_user=True)
    assert stranger.get(f"{HELLO}&session={session}").headers["Location"] == HELLO
    assert stranger.page()[":session"] == session
    kept.record = replace(kept.record, multi_user=False)
    assert stranger.get(f"{HELLO}&session={session}").status_code == 410
    assert person.page()[":session"] == session


def test_a_link_elsewhere_into_somebodys_session_asks_first(person: Person, stranger: Person, service: StandIn) -> None:
    session = person.page()[":session"]
    kept = service.sessions[session]
    kept.record = replace(kept.record, multi_user=True)
    asked = stranger.get(f"{HELLO}&session={session}", Sec_Fetch_Site="cross-site")
    assert "Open this interview?" in asked.text
    assert person.get(f"{HELLO}&session={session}", Sec_Fetch_Site="cross-site").status_code == 303
    stranger.post("/resume", {"i": "demos:hello.yml", "session": session}, Sec_Fetch_Site="same-origin")
    assert stranger.page()[":session"] == session
    assert stranger.get(f"{HELLO}&session={session}", Sec_Fetch_Site="cross-site").status_code == 303


# ---------------------------------------------------------------------- forged requests


@pytest.mark.parametrize("wrong", ["", "wrong", "é", "\0", "\u200b", "x" * 100_000, None])
def test_a_post_needs_the_token_of_its_browser(person: Person, service: StandIn, wrong: str | None) -> None:
    fields = {**person.page(), "name": "x"}
    fields.pop(":csrf")
    headers = {} if wrong is None else {"X_CSRF_Token": wrong.encode().decode("latin-1").replace("\0", "")}
    if wrong is not None:
        fields[":csrf"] = wrong
    assert person.post(HELLO, fields).status_code == 403
    assert person.json(JSON, {"set": {}}, **headers).status_code == 403
    assert person.json("/checkin", {"session": fields[":session"]}, **headers).status_code == 403
    assert service.sessions[fields[":session"]].step == 0


def test_the_token_of_another_browser_or_site_is_none(person: Person, stranger: Person) -> None:
    mine, theirs = person.page(), stranger.page()
    assert person.post(HELLO, {**mine, ":csrf": theirs[":csrf"]}).status_code == 403
    assert person.post(HELLO, mine, Sec_Fetch_Site="cross-site").status_code == 403
    assert "This form has expired" in person.post(HELLO, {}).text


# ---------------------------------------------------------------------- /resume


@pytest.mark.parametrize(
    "headers",
    [{"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}, {"Origin": "https://evil.example"}, {}],
)
def test_resume_from_elsewhere_asks_and_touches_no_cookie(
    person: Person, service: StandIn, headers: dict[str, str]
) -> None:
    session = person.page()[":session"]
    before, calls = person.cookies, len(service.calls)
    bare = Person(person.client.application.test_client())  # SameSite: the form comes without cookies
    for one in (person, bare):
        asked = one.post("/resume", {"i": "demos:hello.yml", "session": session, "x": "1"}, **headers)
        assert asked.status_code == 200
        assert "Open this interview?" in asked.text
        assert f'name="session" value="{session}"' in asked.text
        assert 'name="x" value="1"' in asked.text
        assert given(asked) == {}
    assert person.cookies == before
    assert len(service.calls) == calls


@pytest.mark.parametrize("headers", [{"Sec_Fetch_Site": "same-origin"}, {"Origin": "http://localhost"}, {"csrf": "1"}])
def test_resume_from_our_own_page_goes_on(person: Person, headers: dict[str, str]) -> None:
    first = person.page()
    person.get(f"{HELLO}&new_session=1")
    fields = {"session": first[":session"], "colour": "red"}
    if headers.pop("csrf", None):
        fields[":csrf"] = first[":csrf"]
    answer = person.post("/resume", fields, **headers)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{HELLO}&colour=red")
    assert person.page()[":session"] == first[":session"]
    assert person.post("/resume", {"session": "never-was"}, Sec_Fetch_Site="same-origin").status_code == 410
    assert person.post("/resume", {}, Sec_Fetch_Site="same-origin").status_code == 400


# ---------------------------------------------------------------------- cookies of before


def old_cookie(sessions: Any, token: Any = "old token") -> str:
    app = Flask(__name__)
    app.secret_key = "a secret of this test"
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    return str(signer.dumps({"c": "an old browser", "k": token, "s": sessions, "d": 1}))


def begun_before(person: Person, service: StandIn, path: str = HELLO) -> str:
    """A session as an earlier version left it: without a slot, known to nobody."""
    session = person.page(path)[":session"]
    kept = service.sessions[session]
    kept.record = replace(kept.record, slots={}, browsers=())
    return session


def test_an_old_cookie_goes_on_and_its_sessions_get_the_new_key(app: Gateway, service: StandIn, person: Person) -> None:
    hello, other = begun_before(person, service), begun_before(person, service, OTHER)
    old = Person(app.test_client())
    old.client.set_cookie("parley", old_cookie([["demos:hello.yml", hello], ["demos:other.yml", other]]))
    fields = {**old.page(), ":csrf": "old token"}
    assert fields[":session"] == hello
    assert old.post(HELLO, {**fields, "name": "x"}).status_code == 303
    assert old.page(OTHER)[":session"] == other
    old.client.delete_cookie("parley")
    assert old.page()[":session"] == hello
    assert old.page(OTHER)[":session"] == other
    assert access.admit(service.sessions[hello].record, None) is None


def test_an_old_cookie_opens_only_what_it_lists_and_ends_with_the_session(
    app: Gateway, service: StandIn, person: Person
) -> None:
    hello, other = begun_before(person, service), begun_before(person, service, OTHER)
    old = Person(app.test_client())
    old.client.set_cookie("parley", old_cookie([["demos:hello.yml", hello]]))
    assert old.get(f"{OTHER}&session={other}").status_code == 410
    assert old.get(f"{HELLO}&command=exit").status_code == 303
    assert hello not in service.sessions
    assert old.page()[":session"] != hello


def test_what_an_old_cookie_left_stays_left(app: Gateway, service: StandIn, person: Person) -> None:
    session = begun_before(person, service)
    old = Person(app.test_client())
    old.client.set_cookie("parley", old_cookie([["demos:hello.yml", session]]))
    service.sessions[session].screens = [{"kind": "command", "command": "exit"}]
    assert old.get(HELLO).status_code == 303
    assert old.page()[":session"] != session


@pytest.mark.parametrize("sessions", [None, "x", [1], [["a"]], [["a", 2]], [[["a"], "b"]]])
def test_odd_contents_of_an_old_cookie(app: Gateway, sessions: Any) -> None:
    old = Person(app.test_client())
    old.client.set_cookie("parley", old_cookie(sessions, token=5))
    assert old.get(HELLO).status_code == 200


def test_a_forged_old_cookie_is_none(app: Gateway, service: StandIn, person: Person) -> None:
    session = begun_before(person, service)
    old = Person(app.test_client())
    old.client.set_cookie("parley", old_cookie([["demos:hello.yml", session]])[:-3] + "AAA")
    assert old.get(f"{HELLO}&session={session}").status_code == 410


def test_a_logout_ends_the_old_cookie_too(app: Gateway, service: StandIn, person: Person) -> None:
    session = begun_before(person, service)
    old = Person(app.test_client())
    old.client.set_cookie("parley", old_cookie([["demos:hello.yml", session]]))
    old.get(f"{HELLO}&command=logout")
    assert old.cookies == []
    assert old.get(f"{HELLO}&session={session}").status_code == 410


def test_where_there_is_no_old_cookie_its_key_is_not_looked_for(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SecureCookieSessionInterface, "get_signing_serializer", None)
    monkeypatch.setattr(SecureCookieSessionInterface, "get_cookie_name", None)
    assert person.get(HELLO).status_code == 200


def test_the_macros_of_controls_are_made_once_and_print_what_is_of_each_page(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.page()
    made: list[object] = []
    make = TemplateModule.__init__
    monkeypatch.setattr(TemplateModule, "__init__", lambda self, *args: made.append(1) or make(self, *args))
    one, two = person.page(), person.page(OTHER)
    assert one[":session"] != two[":session"]
    assert made == []


def test_a_browser_that_comes_again_is_not_worked_out_again(
    person: Person, service: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    derived: list[str] = []
    real: Any = secret.HKDF

    def noted(**given: Any) -> Any:
        derived.append(given["info"].decode())
        return real(**given)

    monkeypatch.setattr(secret, "HKDF", noted)
    person.get(HELLO)
    assert derived, "a new browser"
    person.get(HELLO)
    derived.clear()
    for _ in range(3):
        person.get(HELLO)
    assert derived == []
