"""Settings that documents share, files that shape them, and texts and files that get no shape: the demo, its documents really made."""

from __future__ import annotations

import io
from collections.abc import Iterator
from ctypes import byref, c_uint
from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest
from docx.oxml.ns import qn
from docx.shared import RGBColor
from pypdf import PdfReader
from pypdfium2.raw import FPDFText_GetFillColor

from services.cli.replay import MemoryFiles
from shared.engine.request import DocumentWanted
from shared.language.library import Library
from shared.language.sources import Sources
from shared.runner.making import Making
from tests.unit.engine.play import Play

ROOT = Path(__file__).parents[3]
HANDBOOK, NOTE, WHERE, REMINDER, SEAL = range(5)
A4 = (595, 842)


@pytest.fixture(scope="module")
def making() -> Iterator[Making]:
    made = Making(most=1)
    yield made
    made.close()


@pytest.fixture(scope="module")
def demo(making: Making) -> Play:
    sources = Sources([ROOT])
    interview = Library(sources).load("demos:document-settings.yml")
    played = Play(interview, files=MemoryFiles(sources, "demos"), documents=making)
    assert played.question == "Who lets you your home?"
    played.fill("Bob Hay", "2026-06-30")
    assert played.question == "Your papers are ready."
    return played


def _made(played: Play, number: int, format: str) -> bytes:
    outcome = played.run(document=DocumentWanted(number=number, format=format))
    assert outcome.failure is None, outcome.failure
    assert outcome.screen is not None
    content: Any = played.files.read(outcome.screen.response["file"]["number"])
    return bytes(content)


def _pages(content: bytes) -> list[str]:
    return [" ".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(content)]


def _left_of(content: bytes, word: str) -> float:
    """Points from the left edge of the page to `word`."""
    text = pypdfium2.PdfDocument(content)[0].get_textpage()
    found = text.search(word).get_next()
    assert found is not None, word
    left: float = text.get_charbox(found[0])[0]
    return left


def test_what_all_documents_say_and_what_one_adds(demo: Play) -> None:
    content = _made(demo, HANDBOOK, "pdf")
    document = pypdfium2.PdfDocument(content)
    assert tuple(round(length) for length in document[0].get_size()) == A4
    (page,) = _pages(content)
    for said in ("Harbour Tenants", "Page 1", "The end of a lease", "Ann Dorn", "What to do until June 30, 2026."):
        assert said in page, said
    assert page.count("1.1 In writing") == 2, "in the table of contents, and where it stands"
    assert page.index("Contents") < page.index("1 Before") < page.rindex("2 After")
    about = PdfReader(io.BytesIO(content)).metadata
    assert about is not None
    assert (about.title, about.author) == ("Handbook", "Ann Dorn")
    sizes = {round(one.get_font_size()) for one in document[0].get_objects() if hasattr(one, "get_font_size")}
    assert 11 in sizes


def test_a_document_with_settings_of_its_own(demo: Play) -> None:
    content = _made(demo, NOTE, "pdf")
    (page,) = _pages(content)
    assert "For our files" in page
    assert "1 A note" not in page
    assert _left_of(content, "He answered") == pytest.approx(2 * 72, abs=1), "a margin and the indent of an inch"


def test_a_word_file_looks_like_the_one_that_is_named(demo: Play) -> None:
    made = docx.Document(io.BytesIO(_made(demo, HANDBOOK, "docx")))
    heading = next(one for one in made.paragraphs if one.text.endswith("Before"))
    assert heading.style is not None
    assert (heading.style.font.name, heading.style.font.color.rgb) == ("Georgia", RGBColor(0x7A, 0x1F, 0x2B))
    assert "Harbour Tenants' Union" in "".join(one.text for one in made.sections[0].header.paragraphs)


def test_an_rtf_file_is_put_into_the_template_that_is_named(demo: Play) -> None:
    made = _made(demo, HANDBOOK, "rtf").decode()
    assert "Harbour Tenants' Union" in made
    assert "Georgia" in made
    assert "Keep a copy." in made


def test_links_have_the_style_that_the_author_names(demo: Play) -> None:
    made = docx.Document(io.BytesIO(_made(demo, WHERE, "docx")))
    styles = {one.style_id: one.name for one in made.styles}
    (link,) = made.element.body.iter(qn("w:hyperlink"))
    assert "".join(one.text or "" for one in link.iter(qn("w:t"))) == "the union"
    assert {styles[one.get(qn("w:val"))] for one in link.iter(qn("w:rStyle"))} == {"House Link"}


def test_a_text_without_a_shape_is_a_file_of_its_own_kind(demo: Play) -> None:
    assert demo.screen.attachments[REMINDER]["formats"] == ["raw"]
    assert _made(demo, REMINDER, "raw") == b"Tell Bob Hay before June 30, 2026.\n"
    kept = demo.variables["reminder"].raw
    assert kept.filename == "reminder.txt"


def test_files_are_chosen_by_code(demo: Play) -> None:
    assert demo.screen.attachments[SEAL]["formats"] == ["svg"]
    assert _made(demo, SEAL, "svg") == (ROOT / "demos/data/static/moon.svg").read_bytes()


def test_looking_again_keeps_no_more_files(demo: Play) -> None:
    before = len(demo.files.held)
    for _ in range(3):
        demo.show()
    assert len(demo.files.held) == before


def _order(**metadata: Any) -> dict[str, Any]:
    text = "See [the law](https://example.com/law) and [below](#notes).\n\n# Notes\n"
    return {"work": "text", "format": "pdf", "markdown": text, "name": "Letter", "language": "en", "metadata": metadata}


def _colour_of(content: bytes, word: str) -> tuple[int, int, int]:
    """Red, green and blue of the letters of `word`."""
    page = pypdfium2.PdfDocument(content)[0]
    text = page.get_textpage()
    found = text.search(word).get_next()
    assert found is not None
    parts = [c_uint() for _ in range(4)]
    assert FPDFText_GetFillColor(text.raw, found[0], *map(byref, parts))
    return parts[0].value, parts[1].value, parts[2].value


@pytest.mark.parametrize(
    ("named", "colour"),
    [("#7a1f2b", (0x7A, 0x1F, 0x2B)), ("magenta", (255, 0, 255)), ("no colour", (0, 0, 160)), (None, (0, 0, 160))],
)
def test_links_have_the_colours_that_are_named(making: Making, named: str | None, colour: tuple[int, int, int]) -> None:
    content = making.make(_order(urlcolor=named, linkcolor="red"))
    assert _colour_of(content, "the law") == colour
    assert _colour_of(content, "below") == (255, 0, 0)
    assert _colour_of(content, "See") == (0, 0, 0)


def test_letters_and_the_date_that_are_named(making: Making) -> None:
    content = making.make(_order(title="A letter", date="1 March", fontfamily="DejaVu Sans Mono"))
    (page,) = _pages(content)
    assert "A letter" in page
    assert "1 March" in page
    fonts = PdfReader(io.BytesIO(content)).pages[0]["/Resources"]["/Font"]
    assert {str(one.get_object()["/BaseFont"]).partition("+")[2] for one in fonts.values()} == {
        "DejaVuSansMono",
        "DejaVuSansMono-Bold",
    }
