"""DOCX to PDF by LibreOffice, kept warm: words, tables and structure; what hangs or is broken is told, and the next file is made."""

from __future__ import annotations

import io
from collections.abc import Iterator

import docx
import pypdfium2
import pytest
from pypdf import PdfReader

from shared.documents import office
from shared.documents.ports import DocumentError
from shared.runner.making import Making

pytestmark = pytest.mark.skipif(
    office.program() is None, reason="LibreOffice (soffice, python3-uno) is not on this machine"
)


@pytest.fixture(scope="module")
def making() -> Iterator[Making]:
    made = Making(most=1)
    yield made
    made.close()


def _file(text: str) -> bytes:
    document = docx.Document()
    document.add_heading("Agreement", 1)
    document.add_paragraph(text)
    table = document.add_table(2, 2)
    table.cell(1, 1).text = "$80.00"
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


@pytest.mark.parametrize("text", ["Bring it back", "Příliš žluťoučký", "\u05e9\u05dc\u05d5\u05dd"])
def test_words_tables_and_structure_come_over(making: Making, text: str) -> None:
    made = making.make({"work": "word", "format": "pdf", "content": _file(text)})
    words = " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(made))
    assert text in words
    assert "$80.00" in words
    root = PdfReader(io.BytesIO(made)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]


def test_no_tags_are_made_if_none_are_wanted(making: Making) -> None:
    made = making.make({"work": "word", "format": "pdf", "content": _file("Plain"), "tagged": False})
    assert "/StructTreeRoot" not in PdfReader(io.BytesIO(made)).trailer["/Root"]


def test_references_are_updated(making: Making) -> None:
    content = _file("References")
    made = making.make({"work": "word", "format": "docx", "content": content, "update references": True})
    assert any(one.text == "References" for one in docx.Document(io.BytesIO(made)).paragraphs)


def test_a_broken_file_is_told_and_the_next_one_made(making: Making) -> None:
    with pytest.raises(DocumentError):
        making.make({"work": "word", "format": "pdf", "content": b"no archive", "update references": True})
    assert making.make({"work": "word", "format": "pdf", "content": _file("After it")}).startswith(b"%PDF-")


def test_what_takes_too_long_is_ended_and_the_next_one_made(making: Making) -> None:
    making.make({"work": "word", "format": "pdf", "content": _file("Before it")})
    with pytest.raises(DocumentError, match="too long"):
        making.make({"work": "word", "format": "pdf", "content": _file("word " * 200_000)}, seconds=0.5)
    assert making.make({"work": "word", "format": "pdf", "content": _file("After that")}).startswith(b"%PDF-")
