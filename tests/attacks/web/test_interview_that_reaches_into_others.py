"""Somebody who knows the id of another's session and writes an interview that reads it, changes it, or says that it may."""

from __future__ import annotations

import re

import pytest

from tests.attacks.web.test_session_by_its_id import HOME, NAME, begun, id_of
from tests.e2e.browser.conftest import Site
from tests.helpers.visitor import Visitor

REACHING = "/interview?i=attacks:reaching.yml"


def told(visitor: Visitor, session: str, interview: str = "attacks:mine.yml") -> list[str]:
    visitor.go(f"{REACHING}&new_session=1", Sec_Fetch_Site="same-origin")
    visitor.answer(REACHING, {"which": session, "whose": interview})
    assert "This came of it" in visitor.text
    return [re.sub(r"<[^>]*>", "", one).strip() for one in re.findall(r"<li>(.*?)</li>", visitor.text, re.S)]


@pytest.mark.parametrize("interview", ["attacks:mine.yml", "attacks:forged.yml", "attacks:reaching.yml"])
def test_nothing_of_it_is_read_or_changed(site: Site, interview: str) -> None:
    owner = begun(site, shared="no")
    session, attacker = id_of(owner), Visitor(site.address).go(HOME)
    found = told(attacker, session, interview)
    assert len(found) == 5
    assert len(set(found)) == 1, found
    assert found == told(attacker, "n" * 32, interview), "nor which sessions there are"
    assert f"Hello, {NAME}" in owner.go(HOME).text


def test_ones_own_and_one_that_is_open_to_all_are(site: Site) -> None:
    owner = begun(site, shared="no")
    assert told(owner, id_of(owner))[0] == f"read {NAME}"
    shared = begun(site, shared="yes")
    assert told(Visitor(site.address), id_of(shared))[0] == f"read {NAME}"
    assert "changed by somebody else" in shared.go(HOME).text


def test_the_session_itself_is_none_of_the_others(site: Site) -> None:
    attacker = Visitor(site.address).go(f"{REACHING}&new_session=1", Sec_Fetch_Site="same-origin")
    own = attacker.fields()[":session"]
    attacker.answer(REACHING, {"which": own, "whose": "attacks:reaching.yml"})
    assert attacker.text.count("ValueError: that is this session") == 5
