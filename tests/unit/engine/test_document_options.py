"""Options of an attachment: drafts with gaps, files that are there already, raw texts, what is redacted, in which language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from shared.authoring.objects import DAFile
from shared.engine.request import DocumentWanted
from tests.unit.engine.play import Play
from tests.unit.language.sample import Pack

Open = Callable[..., Play]


class Printer:
    """Makes documents that say what was ordered."""

    def __init__(self) -> None:
        self.orders: list[Mapping[str, Any]] = []

    def make(self, order: Mapping[str, Any]) -> bytes:
        self.orders.append(order)
        return f"{order['work']} {order.get('format')}: {order.get('markdown')}".encode()


@pytest.fixture
def printer() -> Printer:
    return Printer()


def _document(option: str, content: str = "Dear ${ who }, ${ user.name.first }") -> str:
    return f"""
    objects:
      - user: Individual
    ---
    mandatory: True
    code: user
    ---
    mandatory: True
    question: Done
    attachment:
      name: A letter
      {option}
      content: |
        {content}
    ---
    question: Who?
    fields:
      - Who: who
    """


@pytest.mark.parametrize(
    ("option", "text"), [("draft: True", "Dear [____], [____]"), ("skip undefined: True", "Dear , ")]
)
def test_what_is_not_answered_is_a_gap_and_stays_unanswered(
    play: Open, printer: Printer, option: str, text: str
) -> None:
    session = play(_document(option), documents=printer)
    assert session.screen.attachments[0]["content"].rstrip("\n") == text
    assert "who" not in session.state.variables
    assert "first" not in session.state.variables["user"].name.__dict__


def test_without_it_the_question_is_asked(play: Open, printer: Printer) -> None:
    assert play(_document("draft: False"), documents=printer).screen.question == "Who?"


@pytest.mark.parametrize(("option", "shown"), [("redact: False", True), ("redact: True", False)])
def test_what_is_redacted_is_black_unless_the_document_says_otherwise(
    play: Open, printer: Printer, option: str, shown: bool
) -> None:
    session = play(_document(option, "Number ${ redact('123-45') }"), documents=printer)
    assert ("123-45" in session.screen.attachments[0]["content"]) is shown


def test_a_document_speaks_its_own_language(play: Open, printer: Printer) -> None:
    session = play(_document("language: es", "${ get_language() }"), documents=printer)
    assert session.screen.attachments[0]["content"].strip() == "es"
    assert session.screen.language == "en"


def test_tags_are_left_out_where_none_are_wanted(play: Open, printer: Printer) -> None:
    session = play(_document("tagged pdf: False", "Hello"), documents=printer)
    session.show(document=DocumentWanted(number=0, format="pdf"))
    assert printer.orders[-1]["tagged"] is False


MANUAL = """
    mandatory: True
    code: |
      seal = DAFile('seal')
      seal.initialize(filename='seal.jpg', content=b'picture')
    ---
    mandatory: True
    question: Done
    attachment:
      name: Seal
      variable name: sealed
      private: False
      allow users: [ann@example.com, 7]
      manual:
        jpg: seal
"""


def test_files_that_are_there_are_offered_as_they_are(play: Open, printer: Printer) -> None:
    session = play(MANUAL, documents=printer)
    assert session.screen.attachments[0]["formats"] == ["jpg"]
    file = session.state.variables["sealed"].jpg
    assert isinstance(file, DAFile)
    assert (file.filename, file.private, file._user_emails, file._user_ids) == (
        "seal.jpg",
        False,
        ["ann@example.com"],
        [7],
    )
    assert printer.orders == []


def test_later_options_of_all_documents_go_before_earlier_ones(play: Open, printer: Printer) -> None:
    text = """
    attachment options:
      metadata:
        fontsize: 10pt
      tagged pdf: True
      redact: True
    ---
    attachment options:
      tagged pdf: False
    ---
    """
    session = play(text + _document("metadata: {papersize: a4paper}", "Hello"), documents=printer)
    session.show(document=DocumentWanted(number=0, format="pdf"))
    assert printer.orders[-1]["tagged"] is False
    assert printer.orders[-1]["metadata"] == {"fontsize": "10pt", "papersize": "a4paper"}


@pytest.mark.parametrize(("chosen", "formats"), [("['pdf', 'rtf']", ["pdf", "rtf"]), ("'docx'", ["docx"])])
def test_formats_may_be_chosen_by_code(play: Open, printer: Printer, chosen: str, formats: list[str]) -> None:
    session = play(_document("valid formats:\n        code: |\n          " + chosen, "Hello"), documents=printer)
    assert session.screen.attachments[0]["formats"] == formats


def test_files_of_a_document_are_those_of_the_package_that_it_stands_in(
    play: Open, pack: Pack, printer: Printer
) -> None:
    more = pack.root / "more" / "data"
    for folder in ("questions", "templates"):
        (more / folder).mkdir(parents=True)
    (more / "questions" / "letters.yml").write_text(
        "attachment:\n  name: Letter\n  variable name: letter\n  additional yaml: [page.yml]\n"
        "  docx reference file:\n    code: |\n      'page' + '.docx'\n"
        "  content file:\n    code: |\n      'letter.md'\n"
    )
    (more / "templates" / "letter.md").write_text("Dear ${ 'Ann' }")
    (more / "templates" / "page.yml").write_text("papersize: a4paper")
    (more / "templates" / "page.docx").write_bytes(b"theirs")
    pack.write("papersize: letterpaper", "data/templates/page.yml")
    pack.write("mine", "data/templates/page.docx")
    session = play(
        "include: more:letters.yml\n---\nmandatory: True\nquestion: ${ letter.docx.slurp(auto_decode=False) }\n",
        documents=printer,
    )
    assert "Dear Ann" in session.question
    order = printer.orders[-1]
    assert (order["metadata"], order["templates"]) == ({"papersize": "a4paper"}, {"docx": b"theirs"})
