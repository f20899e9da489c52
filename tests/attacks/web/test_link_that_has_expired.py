"""Who finds an invitation that has expired or was used, guesses one, or has a program look at it before the person whom it is for."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.e2e.browser.conftest import Site
from tests.helpers.visitor import Visitor

HOME = "/interview?i=attacks:expiring.yml"


@pytest.fixture
def owner(site: Site) -> Visitor:
    return Visitor(site.address).go(HOME)


def session_of(owner: Visitor) -> str:
    return str(json.loads(Visitor.ask(owner, "GET", f"{HOME}&json=1").text)["session"])


def test_it_leads_to_the_session_as_its_own_address_does(site: Site, owner: Visitor) -> None:
    link = owner.link("for a day")
    assert session_of(owner) not in link
    for _ in range(2):
        guest = Visitor(site.address).ask("GET", link)
        assert guest.status == 302
        assert parse_qs(urlsplit(guest.headers["Location"]).query)["session"] == [session_of(owner)]
        assert "Come in" in guest.go(link).text
    acting = Visitor(site.address).go(owner.go(HOME).link("to act"))
    assert "Welcome, you" in acting.text


def test_one_for_a_single_visit_is_not_used_up_by_programs_and_not_used_twice(site: Site, owner: Visitor) -> None:
    link = owner.link("once")
    for looking in ({"User_Agent": "Slackbot-LinkExpanding 1.0"}, {"Sec_Purpose": "prefetch"}):
        seen = Visitor(site.address).ask("GET", link, **looking)
        assert (seen.status, seen.text) == (200, "")
    assert Visitor(site.address).ask("HEAD", link).status == 200
    assert Visitor(site.address).ask("GET", link).status == 302
    again = Visitor(site.address).ask("GET", link)
    assert again.status == 410
    assert "This link has expired" in again.text
    assert session_of(owner) not in again.text


def test_an_expired_and_a_guessed_one_are_told_apart_by_nobody(site: Site, owner: Visitor) -> None:
    expired = Visitor(site.address).ask("GET", owner.link("a moment"))
    guessed = [Visitor(site.address).ask("GET", f"/goto?c={code}") for code in ("0" * 32, "", "%00", "x" * 5000)]
    assert [one.status for one in (expired, *guessed)] == [410] * 5


def test_it_leads_to_no_script(site: Site, owner: Visitor) -> None:
    assert Visitor(site.address).ask("GET", owner.link("to a script")).status == 410
