"""What a page shows of its documents, and what an author leaves out of it: the demo, played by the engine and shown by the gateway."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from services.cli.replay import MemoryFiles
from shared.language.library import Library
from shared.language.sources import Sources
from tests.helpers.standin import StandIn
from tests.unit.engine.play import Play
from tests.unit.engine.test_document_options import Printer
from tests.unit.gateway.conftest import HELLO, Person

ROOT = Path(__file__).parents[3]
#: Each part of the page by what is chosen in the demo, and how it is known.
PARTS: Mapping[str, str] = {
    "list": '<div class="document">',
    "notice": "The following document has been created for you",
    "text": "<span>Read<",
    "types": "PDF: to read and to print; Word: to edit",
    "all": "<span>Download all as a ZIP file",
}
IN_THE_LIST = {"notice", "text", "types"}


@pytest.fixture
def demo() -> Play:
    sources = Sources([ROOT])
    interview = Library(sources).load("demos:document-display.yml")
    return Play(interview, files=MemoryFiles(sources, "demos"), documents=Printer())


def _page(person: Person, service: StandIn, played: Play) -> str:
    service.interviews["demos:hello.yml"] = [msgspec.to_builtins(played.screen)]
    return person.get(HELLO).text


@pytest.mark.parametrize("left_out", [None, *PARTS])
def test_each_part_can_be_left_out(demo: Play, person: Person, service: StandIn, left_out: str | None) -> None:
    assert demo.question == "What shall the screen show?"
    demo.fill("Ann", [part for part in PARTS if part != left_out])
    page = _page(person, service, demo)
    gone = {left_out} | (IN_THE_LIST if left_out == "list" else set())
    assert {part: shown in page for part, shown in PARTS.items()} == {part: part not in gone for part in PARTS}
    listed = left_out != "list"
    assert ("For what <strong>Ann</strong> paid" in page) is listed
    assert (len(re.findall(r"data-kind=.(?:pdf|docx|rtf)", page)) == 3) is listed


def test_an_author_lists_them_himself_and_they_still_come_as_one_file(
    demo: Play, person: Person, service: StandIn
) -> None:
    demo.fill("Ann", ["list"])
    demo.press("A list of my own")
    assert demo.question == "Your receipt is here."
    page = _page(person, service, demo)
    assert {part for part, shown in PARTS.items() if shown in page} == {"all"}
    assert re.search(r"<a href=\"[^\"]+attachment=1\"[^>]*>Get it as a PDF file", page)
    assert "documents-mail" in page
