"""Documents made of Markdown in the process for it, read back by other libraries than those that made them."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import docx
import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader
from pypdfium2.raw import FPDF_PAGEOBJ_PATH

from shared.documents import scripts
from shared.documents.ports import BadSource, ConvertFailed, DocumentError
from shared.runner.making import Making


@pytest.fixture(scope="module")
def making() -> Iterator[Making]:
    made = Making(most=1)
    yield made
    made.close()


def _order(markdown: str, format: str = "pdf", **more: Any) -> Mapping[str, Any]:
    return {"work": "text", "format": format, "markdown": markdown, "name": "Letter", "language": "en", **more}


def _words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


def _parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}


def _png(size: tuple[int, int] = (40, 20)) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "teal").save(made, "PNG")
    return made.getvalue()


LETTER = (
    "# Dear Ada\n\nYou *owe* us **$5** and $6.\n\n| a | b |\n|---|---|\n| Größe | 2 |\n\nA note.[^1]\n\n[^1]: Below.\n"
)


@pytest.mark.parametrize("format", ["pdf", "docx", "rtf", "html", "md"])
def test_the_words_are_in_every_format(making: Making, format: str) -> None:
    made = making.make(_order(LETTER, format))
    if format == "pdf":
        text = _words(made)
    else:
        text = " ".join(_parts(made).values()) if format == "docx" else made.decode()
    for word in ("Dear Ada", "owe", "$5", "$6", "Below"):
        assert word in text, format


def test_a_pdf_says_to_screen_readers_what_it_is(making: Making) -> None:
    reader = PdfReader(io.BytesIO(making.make(_order(LETTER))))
    root = reader.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("en", True)
    assert "pdfuaid" in root["/Metadata"].get_object().get_data().decode()
    kinds: set[str] = set()
    waiting = [root["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += [one.get_object() for one in node]
        elif isinstance(node, dict):
            kinds.add(str(node.get("/S")))
            waiting.append(node["/K"].get_object() if "/K" in node and hasattr(node["/K"], "get_object") else None)
    assert {"/Document", "/H1", "/P", "/Table", "/TR", "/TD", "/Note"} <= kinds


HEBREW, ARABIC = "\u05e9\u05dc\u05d5\u05dd", "\u0639\u0644\u064a\u0643\u0645"


def test_scripts_of_the_world_can_be_read_back(making: Making) -> None:
    words = _words(making.make(_order(f"Ελληνικά Русский\n\n{HEBREW}\n\n{ARABIC}", language="ar")))
    for word in ("Ελληνικά", "Русский", HEBREW, ARABIC):
        assert word in words
    docx = making.make(_order(ARABIC, "docx", language="ar"))
    assert "<w:bidi" in _parts(docx)["word/document.xml"]


def test_what_an_answer_says_is_text_in_every_format(making: Making) -> None:
    evil = (
        '`x`{=typst} #eval("1+1") \\textbf{x} <script>alert(1)</script> <b>x</b>\n\n'
        "```{=openxml}\n<w:evil/>\n```\n\n![p](/etc/passwd)\n\n---\ntitle: no\n---\n"
    )
    assert '#eval("1+1")' in _words(making.make(_order(evil))).replace("“", '"').replace("”", '"')
    assert "<script" not in making.make(_order(evil, "html")).decode()
    document = _parts(making.make(_order(evil, "docx")))["word/document.xml"]
    assert "<w:evil" not in document
    assert "root:" not in document
    assert "alert(1)" in document


def test_tags_lay_out_paragraphs(making: Making) -> None:
    text = (
        "[CENTER] In the middle\n\n[INDENTBY 1in] Inwards\n\n[SINGLESPACING]\n\n"
        "[BEGIN_TWOCOL] Left [BREAK] Right [END_TWOCOL]\n\n[PAGEBREAK]\n\nSecond `[BR]`"
    )
    pdf = pypdfium2.PdfDocument(making.make(_order(text)))
    assert len(pdf) == 2
    assert "[BR]" in pdf[1].get_textpage().get_text_range()
    parts = _parts(making.make(_order(text, "docx")))
    assert '<w:jc w:val="center"/>' in parts["word/styles.xml"]
    assert 'w:type="page"' in parts["word/document.xml"]
    rtf = making.make(_order(text, "rtf")).decode()
    assert "\\qc" in rtf
    assert "\\li1440" in rtf
    assert "\\page" in rtf


@pytest.mark.parametrize(
    "markdown",
    [
        "No tag but in a note.[^1]\n\n[^1]: Before[BR]after.\n",
        "In a note^[Before[BR]after.].\n",
        "[FLUSHLEFT] Before [NEWLINE] after.\n",
        "Before[BR]after.\n:   A term with what it means.\n",
        "| a |\n|---|\n| Before[BR]after. |\n",
        "> 1. Before[BR]after.\n",
    ],
)
def test_a_tag_means_the_same_wherever_it_is_written(making: Making, markdown: str) -> None:
    made = making.make(_order(markdown, "html")).decode()
    assert re.search(r"Before\s*<br\s*/>\s*after\.", made), made
    assert "parley-tag" not in made


def test_a_border_is_around_what_is_indented(making: Making) -> None:
    page = pypdfium2.PdfDocument(making.make(_order("[BORDER] [INDENTBY 2in 1in] Inwards")))[0]
    lines = [one.get_bounds() for one in page.get_objects() if one.type == FPDF_PAGEOBJ_PATH]
    assert min(left for left, _, _, _ in lines) == pytest.approx(3 * 72, abs=2)
    assert max(right for _, _, right, _ in lines) == pytest.approx(612 - 2 * 72, abs=2)


def test_a_picture_of_the_document_is_shown_with_its_width(making: Making) -> None:
    markdown, files = "![A box](parley-file-0){width=50%}", {"parley-file-0": _png()}
    page = PdfReader(io.BytesIO(making.make(_order(markdown, files=files)))).pages[0]
    assert len(page.images) == 1
    word = making.make(_order(markdown, "docx", files=files))
    with zipfile.ZipFile(io.BytesIO(word)) as archive:
        assert any(name.startswith("word/media/") for name in archive.namelist())


def test_a_picture_in_rtf_is_no_wider_than_the_text(making: Making) -> None:
    files = {"parley-file-0": _png((900, 300)), "parley-file-1": _png((90, 30)), "parley-file-2": _png((900, 300))}
    markdown = "![A](parley-file-0) ![B](parley-file-1) ![C](parley-file-2){width=2in}"
    made = making.make(_order(markdown, "rtf", files=files, metadata={"geometry": "left=2in"})).decode()
    assert re.findall(r"\\picwgoal(\d+)", made) == [str(11 * 720), "1800", "2880"]


def test_line_ends_that_are_tags_have_no_blanks_beside_them(making: Making) -> None:
    document = docx.Document(
        io.BytesIO(making.make(_order("[FLUSHLEFT] Ann [NEWLINE] *Main* [BR] **Rome [BR] GA**", "docx")))
    )
    assert document.paragraphs[0].text == "Ann\nMain\nRome\nGA"


def test_pages_have_headers_numbers_and_margins(making: Making) -> None:
    metadata = {"HeaderLeft": "Case *7*", "FooterCenter": "Page [PAGENUM]", "papersize": "a4paper", "fontsize": "10pt"}
    document = pypdfium2.PdfDocument(making.make(_order("One\n\n[PAGEBREAK]\n\nTwo", metadata=metadata)))
    assert [round(side) for side in document[1].get_size()] == [595, 842]
    second = document[1].get_textpage().get_text_range()
    assert "Case 7" in second
    assert "Page 2" in second


def test_word_processors_are_told_of_paper_and_margins(making: Making) -> None:
    metadata = {"papersize": "a4paper", "fontsize": "10pt", "geometry": "left=2cm,right=2cm", "FooterSkip": "0.5in"}
    rtf = making.make(_order("One", "rtf", metadata={**metadata, "FooterLeft": "Below"})).decode()
    for said in ("\\paperw11906\\paperh16838\\margl1134\\margr1134", "\\footery720", "\\fs20", "\\tqr\\tx9638"):
        assert said in rtf
    document = docx.Document(io.BytesIO(making.make(_order("One", "docx", metadata=metadata))))
    (section,) = document.sections
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert round(section.left_margin.cm, 1) == 2.0


def _height_of(making: Making, word: str, **metadata: str) -> float:
    """How far above the lower edge of the page `word` stands in a PDF, points."""
    page = pypdfium2.PdfDocument(making.make(_order("One", metadata=metadata)))[0].get_textpage()
    found = page.search(word).get_next()
    assert found is not None
    return float(page.get_charbox(found[0])[1])


def test_the_footer_is_as_far_below_the_text_as_is_said(making: Making) -> None:
    near, far = (_height_of(making, "Below", FooterLeft="Below", FooterSkip=skip) for skip in ("0.3in", "0.6in"))
    assert near - far == pytest.approx(0.3 * 72, abs=0.5)
    assert near == pytest.approx(72 - 0.3 * 72, abs=4)


def test_pdf_a_says_that_it_is(making: Making) -> None:
    made = making.make({**_order("Kept for ever"), "pdf/a": True, "date": "2026-03-01"})
    root = PdfReader(io.BytesIO(made)).trailer["/Root"]
    assert "pdfaid" in root["/Metadata"].get_object().get_data().decode()


def test_the_same_order_makes_the_same_bytes_and_once_only(making: Making) -> None:
    first, other = making.make(_order(LETTER)), Making(most=1)
    try:
        assert making.make(_order(LETTER)) is first
        assert other.make(_order(LETTER)) == first
    finally:
        other.close()


def test_the_first_page_is_shown_as_a_picture(making: Making) -> None:
    made = making.make({"work": "picture", "content": making.make(_order(LETTER)), "width": 200})
    with Image.open(io.BytesIO(made)) as picture:
        assert picture.width == 200
    with pytest.raises(BadSource, match="cannot be read"):
        making.make({"work": "picture", "content": b"%PDF-1.7 no"})


def test_a_document_that_takes_too_long_is_stopped_and_the_next_is_made(making: Making) -> None:
    begun = time.monotonic()
    with pytest.raises(ConvertFailed, match="too long"):
        making.make(_order("> " * 5000 + "*a **a " * 20000), seconds=0.3)
    assert time.monotonic() - begun < 20
    assert making.make(_order("fine", "html")).startswith(b"<!DOCTYPE html>")


def test_an_order_that_is_none_is_refused(making: Making) -> None:
    with pytest.raises(DocumentError):
        making.make({"work": "text", "format": "pdf"})
    with pytest.raises(BadSource):
        making.make({"work": "nothing"})


def test_a_document_made_without_a_font_for_its_script_is_told(
    making: Making, caplog: pytest.LogCaptureFixture
) -> None:
    making.make(_order("Dear Ann"))
    assert caplog.records == []
    making.make(_order("안녕 Ann"))
    told = [(one.getMessage(), one.__dict__.get("kind")) for one in caplog.records]
    assert told == ([] if not scripts.without_font(["안녕"]) else [("document_without_fonts", "Korean")])
