"""What is done to files that are there: joined, laid over each other, numbered, protected, converted."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
import pikepdf
import pypdfium2
import pytest
from pypdf import PdfReader

from shared.documents import office
from shared.documents.ports import BadSource, TooLarge, Unsupported
from shared.runner.making import Making


@pytest.fixture(scope="module")
def making() -> Iterator[Making]:
    made = Making(most=1)
    yield made
    made.close()


def _text(making: Making, markdown: str, format: str = "pdf") -> bytes:
    return making.make({"work": "text", "format": format, "markdown": markdown, "name": "x", "language": "en"})


def _pages(pdf: bytes) -> list[str]:
    return [" ".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(pdf)]


def test_pdf_files_are_joined_and_protected(making: Making) -> None:
    whole = making.make({"work": "join", "parts": [_text(making, "one"), _text(making, "two")]})
    assert _pages(whole) == ["one", "two"]
    locked = making.make({"work": "protect", "content": whole, "password": "u", "owner password": "o"})
    reader = PdfReader(io.BytesIO(locked))
    assert (reader.decrypt("x"), bool(reader.decrypt("o"))) == (0, True)
    assert len(reader.pages) == 2


@pytest.mark.parametrize(
    ("choices", "marked"),
    [
        ({}, [True, True, True]),
        ({"first": 2}, [False, True, True]),
        ({"last": 1}, [True, False, False]),
        ({"only": "even"}, [False, True, False]),
        ({"multi": True}, [True, False, False]),
    ],
)
def test_a_page_lies_over_those_that_are_meant(making: Making, choices: dict[str, Any], marked: list[bool]) -> None:
    below = _text(making, "a [PAGEBREAK] b [PAGEBREAK] c")
    order = {"work": "overlay", "content": below, "over": _text(making, "[CENTER] DRAFT"), **choices}
    assert ["DRAFT" in page for page in _pages(making.make(order))] == marked


def test_pages_are_numbered(making: Making) -> None:
    order = {"work": "number", "content": _text(making, "a [PAGEBREAK] b"), "prefix": "ACME", "digits": 4, "start": 9}
    made = _pages(making.make({**order, "area": "TOP_RIGHT"}))
    assert ["ACME0009" in made[0], "ACME0010" in made[1]] == [True, True]


def test_word_files_are_joined_and_read(making: Making) -> None:
    whole = making.make({"work": "join words", "parts": [_text(making, "one", "docx"), _text(making, "*two*", "docx")]})
    assert [one.text for one in docx.Document(io.BytesIO(whole)).paragraphs] == ["one", "two"]
    text = making.make({"work": "convert", "content": whole, "source": "docx", "format": "md"}).decode()
    assert text.split() == ["one", "*two*"]


def test_what_cannot_be_converted_says_so(making: Making) -> None:
    with pytest.raises(Unsupported, match="EXE cannot be converted to DOCX"):
        making.make({"work": "convert", "content": b"MZ", "source": "exe", "format": "docx"})
    with pytest.raises(BadSource):
        making.make({"work": "convert", "content": b"no", "source": "docx", "format": "md"})
    if office.program() is None:
        with pytest.raises(Unsupported, match="LibreOffice"):
            making.make({"work": "word", "content": _text(making, "x", "docx"), "format": "pdf"})
    else:
        assert making.make({"work": "word", "content": _text(making, "x", "docx"), "format": "pdf"}).startswith(
            b"%PDF-"
        )


def test_files_that_unpack_to_more_than_they_say_are_refused(making: Making) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (130 * 2**20))
    with pytest.raises(TooLarge, match="unpacked"):
        making.make({"work": "convert", "content": bomb.getvalue(), "source": "docx", "format": "md"})
    book = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        for _ in range(5000):
            pdf.pages.append(page)
        pdf.save(book)
    with pytest.raises(TooLarge, match="5001 pages"):
        making.make({"work": "join", "parts": [book.getvalue()]})


def test_entities_and_relations_of_a_file_fetch_nothing(making: Making) -> None:
    given = zipfile.ZipFile(io.BytesIO(_text(making, "one", "docx")))
    evil = io.BytesIO()
    with zipfile.ZipFile(evil, "w") as archive:
        for name in given.namelist():
            data = given.read(name).decode("utf-8", "surrogateescape")
            if name == "word/document.xml":
                head, _, rest = data.partition("?>")
                data = f'{head}?><!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>{rest.replace("one", "&y;")}'
            archive.writestr(name, data.encode("utf-8", "surrogateescape"))
    for order in (
        {"work": "convert", "source": "docx", "format": "md", "content": evil.getvalue()},
        {"work": "join words", "parts": [evil.getvalue()]},
    ):
        try:
            made = making.make(order)
        except BadSource:
            continue
        assert b"root:" not in made
