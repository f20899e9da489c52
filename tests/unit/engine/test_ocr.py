"""`ocr_file` and `ocr_file_in_background`: which pages of which files are ordered, and how it ends."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import pikepdf
import pytest
from PIL import Image

from shared.authoring.functions import ocr
from shared.contract.effects import StartTask
from shared.documents.ports import Unsupported
from shared.engine.request import Action
from shared.runner.engine import registry
from shared.state import classes
from shared.state.codec import decode_value, to_plain
from tests.unit.engine.play import Play
from tests.unit.language.sample import Pack

Open = Callable[..., Play]


def _pdf(pages: int) -> bytes:
    made = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page()
        document.save(made)
    return made.getvalue()


def _tiff(pages: int) -> bytes:
    made = io.BytesIO()
    one = Image.new("L", (2, 2))
    one.save(made, "TIFF", save_all=True, append_images=[one] * (pages - 1))
    return made.getvalue()


class Reader:
    """Reads of every page its number."""

    def __init__(self, *, absent: bool = False) -> None:
        self.orders: list[Mapping[str, Any]] = []
        self._absent = absent

    def make(self, order: Mapping[str, Any]) -> bytes:
        self.orders.append(order)
        if order["work"] == "scan":
            return str(order["page"]).encode()
        if order["work"] == "join":
            return b"".join(order["parts"])
        if self._absent:
            raise Unsupported("install the package tesseract-ocr")
        return b"page " + order["content"] + b"\n\f"


def _play(play: Open, call: str, reader: Reader, **options: Any) -> Play:
    """An interview with the files `three` (PDF), `fax` (TIFF of two pages), `both` and `note` (text), that does `call`."""
    return play(
        f"""
        objects:
          - both: DAFileList
        ---
        mandatory: True
        code: |
          three = DAFile('three')
          three.initialize(filename='three.pdf', content={_pdf(3)!r})
          fax = DAFile('fax')
          fax.initialize(filename='fax.tiff', content={_tiff(2)!r})
          note = DAFile('note')
          note.initialize(filename='note.txt', content='x')
          both.append(three)
          both.append(fax)
          both.gathered = True
          result = {call}
        ---
        mandatory: True
        question: Done
        """,
        documents=reader,
        **options,
    )


@pytest.fixture(autouse=True)
def _classes(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks keep files among their arguments: the classes are known, as they are in a child."""
    monkeypatch.setattr(classes, "_standard", registry(pack.sources))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("ocr_file(three)", "page 1\fpage 2\fpage 3"),
        ("ocr_file(both)", "page 1\fpage 2\fpage 3\fpage 1\fpage 2"),
        ("ocr_file(three, f=2)", "page 2\fpage 3"),
        ("ocr_file(three, f=2, l=2)", "page 2"),
        ("ocr_file(three, l=9)", "page 1\fpage 2\fpage 3"),
    ],
)
def test_form_feeds_are_between_the_pages_that_are_meant(play: Open, call: str, text: str) -> None:
    assert _play(play, call, Reader()).variables["result"] == text


@pytest.mark.parametrize(
    ("language", "config", "called"),
    [
        (None, {}, "eng"),
        ("de", {}, "deu"),
        ("fr+en", {}, "fra+eng"),
        ("zh", {}, "chi_tra"),
        ("zh", {"ocr languages": {"zh": "chi-sim"}}, "chi_sim"),
        ("uzb-cyrl", {}, "uzb_cyrl"),
    ],
)
def test_languages_are_called_as_tesseract_does(play: Open, language: str, config: dict[str, Any], called: str) -> None:
    reader = Reader()
    _play(play, f"ocr_file(fax, language={language!r}, psm=3, x=1, W=5)", reader, config={"ocr dpi": 200, **config})
    assert reader.orders[0]["dots"] == 200
    assert reader.orders[0]["crop"] == [1, 0, 5, 0]
    assert (reader.orders[1]["languages"], reader.orders[1]["mode"]) == (called, 3)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("ocr_file(note)", "note.txt is neither"),
        ("ocr_file('three')", "reads files"),
        ("ocr_file(three, f=4)", "three.pdf has 3 page"),
        ("ocr_file(three, f=0)", "f of ocr_file"),
        ("ocr_file(three, psm=99)", "psm of ocr_file"),
        ("ocr_file(three, language='qq')", "not 'qq'"),
        ("ocr_file(three, use_google=True)", "a Google account"),
        ("ocr_file_in_background(three, z=1)", "no argument 'z'"),
    ],
)
def test_what_cannot_be_read_is_said(play: Open, call: str, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        _play(play, call, Reader())


def test_without_tesseract_the_step_fails_with_its_words(play: Open) -> None:
    with pytest.raises(AssertionError, match="install the package tesseract-ocr"):
        _play(play, "ocr_file(three)", Reader(absent=True))


def _task(play: Open, call: str, reader: Reader) -> tuple[StartTask, Any]:
    """The task that `call` starts, and the object that it gives."""
    played = _play(play, call, reader)
    assert played.outcome is not None
    (effect,) = (one for one in played.outcome.effects if isinstance(one, StartTask))
    outcome = played.run(mode="background", action=Action(name=effect.action, arguments=decode_value(effect.arguments)))
    assert outcome.task is not None
    return effect, outcome.task.value


def test_in_the_background_the_value_is_an_object_and_the_page_is_told_the_message(play: Open) -> None:
    effect, value = _task(play, "ocr_file_in_background(both, 'flash', f=2)", Reader())
    assert effect.ui == "flash"
    result = decode_value(value)
    assert (result.ok, result.error_message) == (True, None)
    assert str(result) == result.content == "page 2\fpage 3\fpage 2"
    assert to_plain(value) == "OCR succeeded"


def test_a_message_of_the_authors_is_an_alert_of_the_pages(play: Open) -> None:
    _, value = _task(play, "ocr_file_in_background(fax, 'javascript', message='All \"done\"')", Reader())
    assert to_plain(value) == 'alert("All \\"done\\"");'


def test_in_the_background_an_error_is_a_value(play: Open) -> None:
    _, value = _task(play, "ocr_file_in_background(fax, 'javascript')", Reader(absent=True))
    result = decode_value(value)
    assert (result.ok, result.content, str(result)) == (False, "", "install the package tesseract-ocr")
    assert to_plain(value) == 'alert("install the package tesseract-ocr");'


def test_a_browser_cannot_ask_for_it(play: Open) -> None:
    reader = Reader()
    assert "no action" in _play(play, "1", reader).refused(ocr.ACTION, files=[], options={}, message="x")
    assert reader.orders == []


def test_a_searchable_pdf_is_ordered_page_by_page_and_takes_the_place_of_the_file(play: Open) -> None:
    reader = Reader()
    played = _play(play, "three.make_ocr_pdf(filename='found', preserve_color=True, language='de')", reader)
    assert [order["work"] for order in reader.orders] == ["scan", "read"] * 3 + ["join"]
    assert all(order["colour"] for order in reader.orders if order["work"] == "scan")
    assert {(one["languages"], one["searchable"]) for one in reader.orders if one["work"] == "read"} == {("deu", True)}
    made = played.variables["three"]
    assert (made.filename, played.files.read(made.number)) == ("found.pdf", b"page 1\n\fpage 2\n\fpage 3\n\f")


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("three.make_ocr_pdf_in_background(language='de')", "three.pdf"),
        ("both.make_ocr_pdf_in_background(fax, filename='read')", "read.pdf"),
    ],
)
def test_a_task_makes_a_searchable_pdf_which_then_takes_the_place_of_the_file(play: Open, call: str, name: str) -> None:
    reader = Reader()
    played = _play(play, call, reader)
    assert played.outcome is not None
    (effect,) = (one for one in played.outcome.effects if isinstance(one, StartTask))
    task = played.run(
        mode="background", action=Action(name=effect.action, arguments=decode_value(effect.arguments))
    ).task
    assert task is not None
    assert task.failure is None
    made = decode_value(task.next_arguments)
    answered = played.run(mode="callback", action=Action(name=task.next_action, arguments=made))
    assert answered.failure is None, answered.failure
    file = played.variables["three"]
    assert (file.filename, file.mimetype, file.number) == (name, "application/pdf", made["number"])
    assert played.files.read(file.number) == b"".join(
        b"page %d\n\f" % page for page in range(1, 4 if name == "three.pdf" else 3)
    )


def test_a_task_that_cannot_read_leaves_the_file_as_it_was(play: Open) -> None:
    played = _play(play, "three.make_ocr_pdf_in_background()", Reader(absent=True))
    assert played.outcome is not None
    (effect,) = (one for one in played.outcome.effects if isinstance(one, StartTask))
    task = played.run(
        mode="background", action=Action(name=effect.action, arguments=decode_value(effect.arguments))
    ).task
    assert task is not None
    assert task.failure is not None
    assert "install the package tesseract-ocr" in task.failure.message
    assert task.next_action is None


@pytest.mark.parametrize("name", [ocr.PDF_ACTION, ocr.PDF_MADE])
def test_a_browser_cannot_put_a_file_in_the_place_of_another(play: Open, name: str) -> None:
    played = _play(play, "1", Reader())
    assert "no action" in played.refused(name, of="three", number=2, filename="x.pdf")
    assert played.variables["three"].number == 1
