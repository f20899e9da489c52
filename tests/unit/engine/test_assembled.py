"""Documents whose files are made when they are wanted: what is ordered, when, and what a download gets."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import pikepdf
import pytest

from shared.contract.effects import SendMail, StartTask
from shared.documents.ports import BadSource, StillMaking
from shared.engine.request import Action, DocumentWanted
from shared.runner.engine import registry
from shared.state import classes
from shared.state.codec import decode_value
from tests.unit.engine.play import Play
from tests.unit.language.sample import Pack

Open = Callable[..., Play]


class Printer:
    """Makes documents that say what was ordered."""

    def __init__(self) -> None:
        self.orders: list[Mapping[str, Any]] = []

    def make(self, order: Mapping[str, Any]) -> bytes:
        self.orders.append(order)
        if "bad" in str(order.get("markdown")):
            raise BadSource("it is bad")
        return f"{order['work']} {order.get('format')}: {order.get('markdown')}".encode()


LETTER = """
    mandatory: True
    question: Done
    attachment:
      name: A letter
      filename: letter
      variable name: letter
      metadata:
        HeaderLeft: ${ who }
      content: |
        Dear ${ who }
    allow downloading: True
    zip filename: all
    ---
    question: Who?
    fields:
      - Who: who
"""


@pytest.fixture
def printer() -> Printer:
    return Printer()


@pytest.fixture
def letter(play: Open, printer: Printer) -> Play:
    made = play(LETTER, documents=printer)
    made.answer({"who": "Ada"})
    return made


def _download(played: Play, number: int, format: str) -> tuple[str, bytes]:
    outcome = played.run(document=DocumentWanted(number=number, format=format))
    assert outcome.save == "ignore"
    assert outcome.screen is not None
    file = outcome.screen.response["file"]
    return file["filename"], played.files.read(file["number"])


def test_nothing_is_made_before_somebody_wants_it(letter: Play, printer: Printer) -> None:
    assert printer.orders == []
    collection = letter.variables["letter"]
    assert [name for name in ("pdf", "docx", "rtf", "md") if hasattr(collection, name)] == ["pdf", "docx", "rtf", "md"]


def test_a_download_gets_the_format_it_asks_for(letter: Play, printer: Printer) -> None:
    assert _download(letter, 0, "pdf") == ("letter.pdf", b"text pdf: Dear Ada\n")
    assert printer.orders[0]["metadata"] == {"HeaderLeft": "Ada"}
    name, archive = _download(letter, 0, "zip")
    assert name == "all.zip"
    assert sorted(zipfile.ZipFile(io.BytesIO(archive)).namelist()) == ["letter.docx", "letter.pdf", "letter.rtf"]


@pytest.mark.parametrize("wanted", [DocumentWanted(number=0, format="exe"), DocumentWanted(number=3, format="pdf")])
def test_what_is_not_offered_is_not_made(letter: Play, printer: Printer, wanted: DocumentWanted) -> None:
    screen = letter.run(document=wanted).screen
    assert screen is not None
    assert screen.kind != "response"
    assert printer.orders == []


def test_author_code_finds_the_file_made(play: Open, printer: Printer) -> None:
    played = play(
        "mandatory: True\nquestion: ${ doc.pdf.slurp(auto_decode=False) } ${ doc.pdf.mimetype } ${ doc.md.slurp() }\n---\n"
        "attachment:\n  variable name: doc\n  content: Hi\n",
        documents=printer,
    )
    assert "text pdf: Hi" in played.question
    assert "application/pdf" in played.question
    number = played.variables["doc"].pdf.number
    played.show()
    assert played.variables["doc"].pdf.number == number
    assert len(printer.orders) == 1


def test_a_document_that_cannot_be_made_is_told_by_its_name(play: Open, printer: Printer) -> None:
    played = play("mandatory: True\nquestion: Done\nattachment:\n  name: Notice\n  content: bad\n", documents=printer)
    failure = played.run(document=DocumentWanted(number=0, format="pdf")).failure
    assert failure is not None
    assert "'Notice' could not be made: it is bad" in failure.message


FUNCTIONS = [
    ("overlay_pdf(one, one, only='even')", "overlay", {"only": "even", "first": None}),
    ("docx_concatenate(two, two)", "join words", {}),
    ("pdf_concatenate(one, password=['o', 'u'])", "protect", {"password": "u", "owner password": "o"}),
    ("two.convert_to('rtf')", "convert", {"source": "docx", "format": "rtf"}),
    ("one.bates_number(prefix='A', area='TOP_LEFT')", "number", {"prefix": "A", "digits": 6, "area": "TOP_LEFT"}),
    ("one.page_path(1, 'screen')", "picture", {"page": 1, "dots": 72}),
]


@pytest.mark.parametrize(("call", "work", "order"), FUNCTIONS, ids=[work for _, work, _ in FUNCTIONS])
def test_functions_order_what_they_are_documented_to_do(
    play: Open, printer: Printer, call: str, work: str, order: dict[str, Any]
) -> None:
    blank = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(blank)
    play(
        f"""
        mandatory: True
        code: |
          for name, ending in (('one', 'pdf'), ('two', 'docx')):
            define(name, DAFile(name))
            value(name).initialize(filename='file.' + ending)
            value(name).write({blank.getvalue()!r}, binary=True)
          {call}
        ---
        mandatory: True
        question: Done
        """,
        documents=printer,
    )
    assert printer.orders[-1]["work"] == work
    assert order.items() <= printer.orders[-1].items()


def _mail(played: Play, **arguments: Any) -> list[Any]:
    outcome = played.run(action=Action(name="_da_email_documents", arguments=arguments))
    assert outcome.failure is None, outcome.failure
    assert outcome.screen is not None
    assert outcome.screen.question == "Done"
    return [effect for effect in outcome.effects if isinstance(effect, SendMail)]


def test_documents_are_mailed_to_the_address_that_the_user_gives(letter: Play) -> None:
    (mail,) = _mail(letter, address="ada@example.com")
    assert (mail.to, mail.subject, mail.body) == (
        ("ada@example.com",),
        "A letter",
        "Your document, A letter, is attached.",
    )
    assert [letter.files.info(number)["filename"] for number in mail.attachments] == ["letter.pdf"]
    (mail,) = _mail(letter, address="ada@example.com", editable=True)
    assert len(mail.attachments) == 3


@pytest.mark.parametrize("address", ["", "ada", "a@b\nBcc: x@y", "a@b, c@d", "<a@b>"])
def test_what_is_no_address_gets_no_mail(letter: Play, address: str) -> None:
    assert _mail(letter, address=address) == []


def test_an_author_may_word_the_mail_or_forbid_it(play: Open, printer: Printer) -> None:
    source = "mandatory: True\nquestion: Done\nattachment:\n  content: Hi\n"
    worded = play(source + "email subject: ${ 1 + 1 } papers\nemail body: Here they are.\n", documents=printer)
    (mail,) = _mail(worded, address="ada@example.com")
    assert (mail.subject, mail.body) == ("2 papers", "Here they are.")
    assert _mail(play(source + "allow emailing: False\n", documents=printer), address="ada@example.com") == []


class Slow(Printer):
    """Makes nothing where somebody looks at the screen; `patient`: as if the making had come to its end."""

    patient = False

    def make(self, order: Mapping[str, Any]) -> bytes:
        if not self.patient:
            raise StillMaking("it is being made")
        return super().make(order)


@pytest.fixture
def _classes(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks keep files among their arguments: the classes are known, as they are in a child."""
    monkeypatch.setattr(classes, "_standard", registry(pack.sources))


@pytest.mark.usefixtures("_classes")
def test_documents_that_take_long_are_made_by_a_task_and_mailed_by_it_once(play: Open) -> None:
    slow = Slow()
    played = play(LETTER, documents=slow)
    played.answer({"who": "Ada"})
    outcome = played.run(
        action=Action(name="_da_email_documents", arguments={"address": "ada@example.com", "editable": True})
    )
    assert outcome.failure is None, outcome.failure
    assert [effect for effect in outcome.effects if isinstance(effect, SendMail)] == []
    (task,) = [effect for effect in outcome.effects if isinstance(effect, StartTask)]
    assert (task.action, task.ui) == ("_da_email_documents", "flash")

    slow.patient = True
    played.variables["who"] = "Bob"  # an answer that is changed meanwhile
    work = Action(name=task.action, arguments=decode_value(task.arguments))
    done = played.run(action=work, mode="background")
    assert done.task is not None
    assert (done.task.ok, done.task.kind) == (True, "flash")
    (mail,) = [effect for effect in done.effects if isinstance(effect, SendMail)]
    assert (mail.to, mail.subject, mail.body) == (
        ("ada@example.com",),
        "A letter",
        "Your document, A letter, is attached.",
    )
    assert [played.files.info(number)["filename"] for number in mail.attachments] == [
        "letter.pdf",
        "letter.rtf",
        "letter.docx",
    ]
    assert played.files.read(mail.attachments[0]) == b"text pdf: Dear Ada\n"


def test_a_browser_cannot_give_that_task_s_arguments(letter: Play) -> None:
    forged = {"to": "x@example.com", "subject": "", "body": "", "html": None, "attachments": []}
    assert _mail(letter, **forged) == []


def test_a_screen_says_how_large_the_files_are_that_are_there(play: Open, printer: Printer) -> None:
    played = play(
        "mandatory: True\ncode: doc.docx.slurp(auto_decode=False)\n---\n"
        "mandatory: True\nquestion: Done\nattachment code: doc\n---\n"
        "attachment:\n  variable name: doc\n  content: Hi\n",
        documents=printer,
    )
    assert played.screen.attachments[0]["sizes"] == {"docx": len(b"text docx: Hi")}


TWICE = """
    mandatory: True
    question: One
    continue button field: seen
    attachment code: doc
    ---
    mandatory: True
    question: Two
    attachment code: doc
    ---
    attachment:
      variable name: doc
      content: Dear ${ who }
    ---
    code: |
      who = 'Ada'
"""


def _downloads(play: Open, printer: Printer, more: str = "") -> list[bytes]:
    """The document of a screen, again of it, and of the next one after an answer was changed."""
    played = play(TWICE + more, documents=printer)
    made = [_download(played, 0, "pdf")[1]]
    played.show()
    made.append(_download(played, 0, "pdf")[1])
    played.variables["who"] = "Bob"
    played.answer({"seen": True})
    assert played.question == "Two"
    return [*made, _download(played, 0, "pdf")[1]]


def test_a_document_is_assembled_once_and_stays_until_its_variable_is_deleted(play: Open, printer: Printer) -> None:
    assert _downloads(play, printer) == [b"text pdf: Dear Ada"] * 3
    assert len(printer.orders) == 1


def test_without_caching_a_changed_answer_assembles_it_anew_and_an_unchanged_one_does_not(
    play: Open, printer: Printer
) -> None:
    made = _downloads(play, printer, "    ---\n    features:\n      cache documents: False\n")
    assert made == [b"text pdf: Dear Ada", b"text pdf: Dear Ada", b"text pdf: Dear Bob"]
    assert len(printer.orders) == 2


def test_a_document_of_the_screen_follows_its_answers(letter: Play, printer: Printer) -> None:
    first = letter.variables["letter"]
    letter.show()
    assert letter.variables["letter"] is first
    assert _download(letter, 0, "pdf")[1] == b"text pdf: Dear Ada\n"
    letter.variables["who"] = "Bob"
    letter.show()
    assert letter.variables["letter"] is not first
    assert _download(letter, 0, "pdf")[1] == b"text pdf: Dear Bob\n"


def test_a_form_is_ordered_as_its_options_say(play: Open, pack: Pack, printer: Printer) -> None:
    blank = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(blank)
    folder = pack.root / "pack" / "data" / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath("form.pdf").write_bytes(blank.getvalue())
    played = play(
        """
        code: |
          share, name, kind = 1.5, 'Ada', 'by code'
        ---
        mandatory: True
        question: Done
        attachment:
          pdf template file: form.pdf
          rendering font: DejaVuSans.ttf
          checkbox export value: "On"
          decimal places: 2
          field variables: [name]
          field code:
            - share: share
          code: |
            {'kind': kind, 'to': '[FLUSHLEFT] ABC [NEWLINE] 1 Main'}
        """,
        documents=printer,
    )
    _download(played, 0, "pdf")
    (order,) = printer.orders
    assert order["fields"] == {"name": "Ada", "share": "1.50", "kind": "by code", "to": "ABC\n1 Main"}
    assert (order["font"], order["export"], order["editable"]) == ("DejaVuSans.ttf", "On", True)


def test_what_the_author_says_of_the_mail_goes_before_its_template(play: Open, printer: Printer) -> None:
    source = (
        "mandatory: True\nquestion: Done\nattachment:\n  content: Hi\n"
        "email template: words\nalways include editable files: True\nemail address default: ${ 'a@' + 'example.com' }\n"
    )
    template = "---\ntemplate: words\nsubject: From the template\ncontent: Its *text*.\n"
    played = play(source + template, documents=printer)
    assert played.screen.options["email address default"] == "a@example.com"
    (mail,) = _mail(played, address="ada@example.com")
    assert (mail.subject, len(mail.attachments)) == ("From the template", 3)
    assert "<em>text</em>" in mail.html
    (mail,) = _mail(play(source + "email subject: Mine\n" + template, documents=printer), address="ada@example.com")
    assert mail.subject == "Mine"
