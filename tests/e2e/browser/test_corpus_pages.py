"""Recorded interviews are answered in a browser: pages show, and what they send leads to, what the replay says.

Which interviews is computed from the records (recorded/choice.py): together they have every kind of field, of choices and of screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from services.cli.replay import MemoryFiles, Session, open_session
from services.gateway.client.files import FileInfo
from shared.engine.outcome import Outcome
from tests import corpus
from tests.e2e.browser.conftest import ROOT, Site, watch
from tests.e2e.browser.recorded import choice, hand, wanted
from tests.e2e.browser.recorded import page as pages

pytestmark = [pytest.mark.browser, pytest.mark.corpus]

PACKAGE = "docassemble.base:data/questions/examples"
SCRIPTS = corpus.tools()
RECORDS = corpus.records(SCRIPTS) if SCRIPTS is not None else []
CHOSEN = choice.choose(RECORDS)


@pytest.fixture(scope="module")
def interviews() -> Path:
    assert SCRIPTS is not None
    corpus.fetch(SCRIPTS, corpus.folder())
    return corpus.folder()


@pytest.fixture(scope="module")
def served(interviews: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("corpus"), PARLEY_PACKAGES=f"{ROOT}:{interviews}")
    yield site
    site.stop()


@pytest.fixture(scope="module")
def one_context(chromium: Browser, served: Site) -> Iterator[BrowserContext]:
    """One browser profile for all; what interviews link to elsewhere is an empty page."""
    made = chromium.new_context(viewport={"width": 1100, "height": 900}, reduced_motion="reduce")
    made.set_default_timeout(30_000)

    def elsewhere(route: Route) -> None:
        if route.request.url.startswith((served.address, "blob:", "data:")):
            route.continue_()
        else:
            route.fulfill(status=200, content_type="text/html", body="<title>elsewhere</title>")

    made.route(lambda url: not url.startswith(served.address), elsewhere)
    yield made
    made.close()


@pytest.fixture
def opened(one_context: BrowserContext) -> Iterator[Page]:
    made = one_context.new_page()
    wrong = watch(made)
    yield made
    made.close()
    assert wrong == []


def test_the_chosen_interviews_have_every_kind_of_field_choices_and_screen() -> None:
    assert len(CHOSEN) >= 40
    possible = {trait for record in RECORDS if choice.can_be_answered(record) for trait in choice.traits(record)}
    assert possible == {trait for record in CHOSEN for trait in choice.traits(record)}
    fields = {trait for record in RECORDS for trait in choice.traits(record) if trait[0] == "field"}
    assert fields <= possible


@pytest.mark.parametrize("record", CHOSEN, ids=[record["file"] for record in CHOSEN])
def test_pages_agree_with_the_replay(record: choice.Record, served: Site, interviews: Path, opened: Page) -> None:
    session = open_session(interviews / corpus.EXAMPLES / record["file"])
    name = f"{PACKAGE}/{record['file']}"
    outcome, first = session.show(), None
    if screen(outcome)["kind"] == "command":
        answered = opened.request.get(served.url(name, "&new_session=1"), max_redirects=0)
        assert answered.headers["location"] == screen(outcome)["question"]
        return
    opened.goto(served.url(name, "&new_session=1"))
    for answer in [*record["answers"], None]:
        shown = screen(outcome)
        if shown["kind"] == "command":
            agrees_with_command(opened, shown, first)
            return
        agrees(opened, shown, session, name)
        first = first or outcome
        asked = {field["variable"] for field in shown["fields"]} | {shown.get("continue_variable")}
        if answer is None or shown["kind"] in ("end", "response") or not asked.issuperset(answer["set"]):
            return  # the end, or a screen that was not recorded: an answer before could not be given as it was
        given = hand.fill_in(opened, shown, answer)
        what_is_hidden_was_not_answered(opened, shown, given)
        assert outcome.screen is not None
        outcome = session.answer(outcome.screen, given, of_page=True)
        hand.go_on(opened, shown, given, refused=outcome.rejection is not None)
        if outcome.rejection is not None:
            assert pages.look(opened)["errors"]
            return


def screen(outcome: Outcome) -> dict[str, Any]:
    assert outcome.screen is not None, outcome.failure
    return outcome.screen.to_json()


def agrees(page: Page, shown: dict[str, Any], session: Session, name: str) -> None:
    sight = wanted.of(shown, name, known(session.files), page.url.split("/")[2])
    assert pages.compared(pages.look(page), sight) == sight


def known(files: MemoryFiles) -> wanted.FileLookup:
    def lookup(number: int) -> FileInfo | None:
        if number not in files.held:
            return None
        info = files.info(number)
        return FileInfo(filename=str(info["filename"]), mimetype=str(info["mimetype"]), size=0)

    return lookup


def what_is_hidden_was_not_answered(page: Page, shown: dict[str, Any], answer: dict[str, Any]) -> None:
    """Fields without an answer are hidden, disabled or without choices; the others can be seen and used."""
    if shown["kind"] != "fields":
        return
    seen = [one for one in pages.look(page)["fields"] if one["name"] and one["control"] != "hidden"]
    usable = {one["name"] for one in seen if one["shown"] and not one.get("disabled") and one.get("choices") != []}
    others = {one["name"] for one in seen if one.get("choices") == []} | {shown.get("continue_variable")}
    others |= {one["variable"] for one in shown["fields"] if wanted.control(one) == "hidden"}
    assert usable == set(answer["set"]) - others


def agrees_with_command(page: Page, shown: dict[str, Any], first: Outcome | None) -> None:
    """A command that ends the interview leads away; restart shows the first screen again."""
    if shown["command"] == "exit":
        assert page.url.rstrip("/") == str(shown["question"]).rstrip("/")
    else:
        assert first is not None
        seen = pages.look(page)
        again = wanted.of(screen(first), "", lambda number: None, page.url.split("/")[2])
        assert (seen["heading"], seen["text"]) == (again["heading"], again["text"])
