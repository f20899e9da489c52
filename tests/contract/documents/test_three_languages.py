"""A letter of thirty pages, an agreement of a DOCX template and a form of a court, in three languages, one of them right to left.

What is read back: the text layer by another library than made it; the structure for screen readers by ``outloud``, which checks PDF/UA-1.
The agreement and the form are those of the demo `document-templates`, filled in by the engine.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import docx
import pypdfium2
import pytest
from PIL import Image, ImageDraw

from services.cli.replay import MemoryFiles
from shared.documents import office
from shared.engine.request import DocumentWanted
from shared.language.library import Library
from shared.language.sources import Sources
from shared.runner.making import Making
from tests.contract.documents import translated
from tests.unit.engine.play import Play

ROOT = Path(__file__).parents[3]
PAGES = 30


class Words(NamedTuple):
    """What is said in one language."""

    title: str
    line: str
    lender: str
    borrower: str
    thing: str
    conditions: str


WORDS = {
    "en": Words(
        "Annual report", "The meeting was opened at nine.", "Ann Lender", "Bob Borrower", "A ladder", "Bring it back"
    ),
    "el": Words(
        "Ετήσια έκθεση",
        "Ξεκίνησε στις εννέα το πρωί.",
        "Άννα Παππά",
        "Γιώργος Νικολάου",
        "Σκάλα ξύλινη",
        "Φέρε την πίσω",
    ),
    "ar": Words(
        "التقرير السنوي", "افتتح الاجتماع في الساعة التاسعة.", "آمنة حداد", "سامي خوري", "سلم خشبي", "يعاد غدا"
    ),
}


@pytest.fixture(scope="module")
def making() -> Iterator[Making]:
    made = Making(most=1)
    yield made
    made.close()


@pytest.fixture(params=WORDS)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _read(pdf: bytes) -> list[str]:
    """The text layer, page by page."""
    return [" ".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(pdf)]


def _problems(pdf: bytes, folder: Path) -> list[str]:
    """What ``outloud`` calls an error; the warnings are of what only a person can judge."""
    from outloud import check  # noqa: PLC0415  for developers only: whoever has it not yet can collect the other tests

    path = folder / "checked.pdf"
    path.write_bytes(pdf)
    result = check(str(path))
    assert result.error is None, result.error
    assert result.stats["tagged"]
    return [f"{one.rule} {one.message}" for one in result.findings if one.severity == "error"]


def test_a_letter_of_thirty_pages(making: Making, language: str, tmp_path: Path) -> None:
    said = WORDS[language]
    pages = [
        f"## {said.title} {number}\n\n{said.line * 8}\n\n| {said.lender} | {said.borrower} |\n|---|---|\n| {number} | % |\n\n"
        f"1. {said.line}\n2. {said.thing}[^{number}]\n\n[^{number}]: {said.conditions}\n\n"
        for number in range(1, PAGES + 1)
    ]
    order = {
        "work": "text",
        "format": "pdf",
        "markdown": f"# {said.title}\n\n" + "[PAGEBREAK]\n\n".join(pages),
        "name": said.title,
        "language": language,
        "metadata": {"SingleSpacing": True, "FooterCenter": "[PAGENUM]"},
    }
    made = making.make(order)
    read = _read(made)
    assert len(read) == PAGES
    for number, page in enumerate(read, start=1):
        for word in (said.title, said.line, said.lender, said.borrower, said.thing, said.conditions, str(number)):
            assert word in page, (number, word, page)
    assert _problems(made, tmp_path) == []


def _signature() -> bytes:
    drawn = Image.new("RGB", (300, 80), "white")
    ImageDraw.Draw(drawn).line([(10, 60), (90, 15), (150, 65), (290, 30)], fill="black", width=4)
    made = io.BytesIO()
    drawn.save(made, "PNG")
    return made.getvalue()


class _Files(MemoryFiles):
    """With templates in the language."""

    language = "en"

    def find(self, reference: str, folder: str = "static") -> tuple[str, bytes]:
        name = reference.replace(":", "/").rpartition("/")[2]
        if self.language != "en" and name in ("name-change.pdf", "loan.docx"):
            make = translated.form if name.endswith("pdf") else translated.agreement
            return name, make(self.language)
        return super().find(reference, folder)


@pytest.fixture
def signed(making: Making, language: str, tmp_path: Path) -> Play:
    """The demo, answered in the language."""
    said = WORDS[language]
    questions = tmp_path / "trial" / "data" / "questions"
    questions.mkdir(parents=True)
    questions.joinpath("spoken.yml").write_text(
        f"include: demos:document-templates.yml\n---\ninitial: True\ncode: set_language({language!r})\n"
    )
    sources = Sources([ROOT, tmp_path])
    files = _Files(sources, "demos")
    files.language = language
    played = Play(Library(sources).load("trial:spoken.yml"), files=files, documents=making)
    played.fill(said.lender, said.borrower, "2026-06-30", said.conditions)
    played.fill(said.thing, "80")
    played.press("No")
    number = files.write(filename="signature.png", mimetype="image/png", content=_signature())
    played.answer({"signature": number})
    return played


def _download(played: Play, number: int, format: str) -> bytes:
    outcome = played.run(document=DocumentWanted(number=number, format=format))
    assert outcome.failure is None, outcome.failure
    assert outcome.screen is not None
    content: Any = played.files.read(outcome.screen.response["file"]["number"])
    return bytes(content)


def test_an_agreement_of_a_template_with_loop_table_and_signature(signed: Play, language: str, tmp_path: Path) -> None:
    said = WORDS[language]
    made = docx.Document(io.BytesIO(_download(signed, 0, "docx")))
    assert said.thing in [row.cells[0].text for row in made.tables[0].rows]
    assert len(made.inline_shapes) == 1
    text = "\n".join(one.text for one in made.paragraphs)
    for word in (said.lender, said.borrower, said.conditions, *translated.AGREEMENT.get(language, {}).values()):
        assert word.strip() in text
    if office.program() is None:
        return  # no PDF is offered then
    pdf = _download(signed, 0, "pdf")
    read = " ".join(_read(pdf))
    for word in " ".join((said.lender, said.borrower, said.thing, said.conditions)).split():
        assert word in read, (word, read)
    assert _problems(pdf, tmp_path) == []


def test_a_form_of_a_court_of_four_pages(signed: Play, language: str, tmp_path: Path) -> None:
    said = WORDS[language]
    pdf = _download(signed, 1, "pdf")
    read = _read(pdf)
    assert len(read) == 4
    for page, (title, labels) in zip(read, translated.FORM.get(language, []), strict=False):
        for label in (title, *labels.values()):
            assert label in page, (label, page)
    assert said.borrower in read[0]
    assert said.conditions in read[1]
    document = pypdfium2.PdfDocument(pdf)
    assert document.get_formtype() == 0  # filled in for good
    assert document[3].get_textpage().get_text_range().count("2026") == 1
    # What is written into its fields for good is in the template's structure. A file says that it is PDF/UA if its template does.
    rules = {problem.partition(" ")[0] for problem in _problems(pdf, tmp_path)}
    assert rules == ({"DOC-012"} if language == "en" else set())
