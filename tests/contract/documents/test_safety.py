"""What a file may do to whoever makes documents of it: nothing. Bombs of pages, macros, entities and pictures are refused in words."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import docx
import pikepdf
import pytest
from PIL import Image

from shared.documents import archives
from shared.documents.ports import BadSource, DocumentError, TooLarge
from shared.engine.documents import docxtemplates
from shared.engine.errors import BadAuthorValue
from shared.runner.making import Making


@pytest.fixture(scope="module")
def making() -> Iterator[Making]:
    made = Making(most=1)
    yield made
    made.close()


def _word(**parts: bytes) -> bytes:
    made = io.BytesIO()
    docx.Document().save(made)
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(f"word/{name}", content)
    return made.getvalue()


def test_a_pdf_of_more_pages_than_anybody_reads_is_refused(making: Making) -> None:
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        for _ in range(5100):
            pdf.pages.append(page)
        pdf.save(made)
    with pytest.raises(TooLarge, match="5101 pages; the limit is 5000"):
        making.make({"work": "form", "content": made.getvalue(), "fields": {}})


def test_a_page_of_a_kilometre_is_a_picture_of_bounded_size(making: Making) -> None:
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(14_000, 14_000))
        pdf.save(made)
    picture = making.make({"work": "picture", "content": made.getvalue(), "dots": 600})
    assert max(Image.open(io.BytesIO(picture)).size) <= 4000


def test_macros_are_refused(making: Making) -> None:
    with pytest.raises(BadSource, match="macros"):
        making.make({"work": "join words", "parts": [_word(**{"vbaProject.bin": b"x"})]})


def test_an_archive_of_countless_parts_is_refused() -> None:
    with pytest.raises(TooLarge):
        archives.check(_word(**{f"part{number}.xml": b"" for number in range(3001)}))


def test_entities_of_a_template_are_not_read() -> None:
    evil = b'<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]><w>&a;</w>'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("word/document.xml", evil)
    with pytest.raises(BadAuthorValue, match="it declares entities"):
        docxtemplates.source_of(made.getvalue(), "evil.docx")


def test_a_text_that_never_ends_is_stopped(making: Making) -> None:
    text = "* " * 20_000 + "deep"
    with pytest.raises(DocumentError):
        making.make({"work": "text", "format": "pdf", "markdown": text, "name": "x"}, seconds=2)
    small = {"work": "text", "format": "pdf", "markdown": "fine", "name": "x"}
    assert making.make(small).startswith(b"%PDF-")
