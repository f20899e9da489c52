"""Files that an author lets everybody read, and strangers who try the numbers beside theirs."""

from __future__ import annotations

import json
import re
import time

import pytest

from tests.e2e.browser.conftest import Site
from tests.helpers.visitor import Visitor

HOME = "/interview?i=attacks:given.yml"
NAMES = ("own.txt", "shared.txt", "lasting.txt", "letter.pdf")


@pytest.fixture
def owner(site: Site) -> Visitor:
    made = Visitor(site.address).go(HOME)
    end = time.monotonic() + 60
    while "Given" not in made.text and time.monotonic() < end:  # the letter is being made
        time.sleep(0.2)
        made.go(HOME)
    assert "Given" in made.text
    return made


def addresses(owner: Visitor) -> list[str]:
    found = [re.search(rf'href="([^"]*/uploadedfile/\d+/{re.escape(name)})', owner.text) for name in NAMES]
    assert all(found), owner.text
    return [one[1] for one in found if one]


def read(site: Site, address: str) -> str | int:
    """What a stranger reads at the address, or the status."""
    page = Visitor(site.address).ask("GET", address)
    return page.text if page.status == 200 else page.status


def test_a_stranger_reads_what_is_for_everybody_and_nothing_else(site: Site, owner: Visitor) -> None:
    own, shared, lasting, letter = addresses(owner)
    assert [read(site, one) for one in (own, shared, lasting)] == [
        404,
        "shared, of Planted Miller",
        "lasting, of Planted Miller",
    ]
    assert str(read(site, letter)).startswith("%PDF")
    assert owner.ask("GET", own).text == "own, of Planted Miller"
    part = Visitor(site.address).ask("GET", shared, Range="bytes=11-12")
    assert (part.status, part.text) == (206, "Pl")
    # And the numbers around them, of which each lies beside something of the owner's:
    number = int(re.findall(r"\d+", shared)[0])
    for near in range(max(1, number - 12), number + 12):
        if f"/uploadedfile/{near}/" not in shared + lasting + letter:
            assert "own" not in str(read(site, f"/uploadedfile/{near}/x.txt"))


def test_another_session_reads_of_what_was_kept_only_what_is_for_everybody(site: Site, owner: Visitor) -> None:
    other = Visitor(site.address).go(HOME)
    own, *rest = json.loads(other.go(other.link("Read")).text)
    assert "is not a file of this session" in own
    assert rest == ["shared, of Planted Miller", "lasting, of Planted Miller"]


def test_with_the_session_goes_what_is_not_for_ever(site: Site, owner: Visitor) -> None:
    own, shared, lasting, letter = addresses(owner)
    owner.go(owner.link("End"))
    assert [read(site, one) for one in (own, shared, letter)] == [404, 404, 404]
    assert read(site, lasting) == "lasting, of Planted Miller"
