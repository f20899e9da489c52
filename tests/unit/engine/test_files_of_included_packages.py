"""Files named in an interview that another package includes are those of its own package (initial.md, "include")."""

from __future__ import annotations

import io
from collections.abc import Callable

import docx
import pytest

from services.cli.replay import MemoryFiles
from shared.engine.request import DocumentWanted
from tests.unit.engine.play import Play
from tests.unit.engine.test_assembled import Printer
from tests.unit.engine.test_word_templates import template
from tests.unit.language.sample import Pack

Open = Callable[..., Play]

MAIN = "include: other:shared.yml\n---\n"


class Both:
    """Two packages: ``pack``, whose interview is run, and ``other``, whose ``shared.yml`` it includes."""

    def __init__(self, pack: Pack, open_session: Open) -> None:
        self.pack = pack
        self.printer = Printer()
        self._open = open_session

    def file(self, package: str, path: str, content: str | bytes) -> None:
        file = self.pack.root / package / "data" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def each(self, path: str, content: Callable[[str], str | bytes] = lambda package: f"of {package}") -> None:
        """The same name in both packages."""
        for package in ("pack", "other"):
            self.file(package, path, content(package))

    def play(self, shared: str, main: str = "") -> Play:
        self.file("other", "questions/shared.yml", shared)
        files = MemoryFiles(self.pack.sources, "pack")
        return self._open(MAIN + main, files=files, documents=self.printer)


@pytest.fixture
def both(pack: Pack, play: Open) -> Both:
    return Both(pack, play)


def subquestion(text: str) -> str:
    return f"mandatory: True\nquestion: Look\nsubquestion: |\n  {text}\n"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[FILE x.png]", "[FILE other:x.png]"),
        ("[FILE x.png, 50%, A [cow]", "[FILE other:x.png, 50%, A [cow]"),
        ("[FILE ${ 'x' }.png]", "[FILE other:x.png]"),
        ("[FILE ${ 3 + 4 }]", "[FILE 7]"),
        ("[FILE pack:x.png]", "[FILE pack:x.png]"),
        ("[FILE https://example.com/x.png]", "[FILE https://example.com/x.png]"),
        ("[FILE cow]", "[FILE cow]"),
        ("${ static_image('x.png') }", "[FILE other:data/static/x.png]"),
    ],
)
def test_pictures_in_texts(both: Both, written: str, shown: str) -> None:
    played = both.play("images:\n  cow: cow.svg\n---\n" + subquestion(written))
    assert (played.screen.subquestion or "").strip() == shown


def test_a_text_of_the_interview_itself_is_as_it_was_written(both: Both) -> None:
    played = both.play("template: t\ncontent: '[FILE x.png]'\n", subquestion("[FILE x.png] ${ t }"))
    assert (played.screen.subquestion or "").strip() == "[FILE x.png] [FILE other:x.png]"


def test_a_text_of_the_interview_within_an_included_one_is_its_own(both: Both) -> None:
    played = both.play(subquestion("[FILE x.png] ${ t }"), "template: t\ncontent: '[FILE x.png]'\n")
    assert (played.screen.subquestion or "").strip() == "[FILE other:x.png] [FILE pack:x.png]"


def test_pictures_in_labels_choices_terms_and_help(both: Both) -> None:
    played = both.play(
        """
mandatory: True
question: Look
fields:
  - "[FILE a.png]": v
    choices: ["[FILE b.png]"]
  - note: "[FILE c.png]"
help: "[FILE d.png]"
terms:
  look: "[FILE e.png]"
"""
    )
    said = str(played.screen)
    assert [name for name in "abcde" if f"[FILE other:{name}.png]" not in said] == []


@pytest.mark.parametrize("medium", ["audio", "video"])
def test_sound_and_film(both: Both, medium: str) -> None:
    played = both.play(f"mandatory: True\nquestion: Listen\n{medium}: ${{ 'x' }}.mp3\n")
    assert played.screen.options[medium] == "other:x.mp3"
    played = both.play(f"mandatory: True\nquestion: Listen\n{medium}:\n  - x.mp3\n  - pack:y.mp3\n")
    assert played.screen.options[medium] == ["other:x.mp3", "pack:y.mp3"]


@pytest.mark.parametrize("medium", ["audio", "video"])
def test_sound_and_film_of_help(both: Both, medium: str) -> None:
    played = both.play(f"mandatory: True\nquestion: Listen\nhelp:\n  content: Hear\n  {medium}: x.mp3\n")
    assert played.screen.help[0][medium] == "other:x.mp3"


def test_a_static_file_object(both: Both) -> None:
    played = both.play("objects:\n  - cow: DAStaticFile.using(filename='cow.png')\n", subquestion("${ cow }"))
    assert "other:data/static/cow.png" in str(played.screen.subquestion)


def test_data_from_sources(both: Both) -> None:
    both.each("sources/fish.yml", lambda package: f"- {package}\n")
    code = "mandatory: True\ncode: |\n  made = objects_from_file('fish.yml')[0]\n"
    shared = "objects from file:\n  - found: fish.yml\n---\n" + code
    played = both.play(shared, "mandatory: True\nquestion: ${ found[0] } ${ made }\n")
    assert played.question == "other other"


def document(options: str) -> str:
    return f"mandatory: True\nquestion: Done\nattachment:\n  name: Letter\n{options}"


def made(played: Play, kind: str = "docx") -> bytes:
    outcome = played.run(document=DocumentWanted(number=0, format=kind))
    assert outcome.failure is None, outcome.failure
    assert outcome.screen is not None
    return bytes(played.files.read(outcome.screen.response["file"]["number"]))


def words(content: bytes) -> list[str]:
    return [paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs if paragraph.text]


def test_a_word_template_and_what_it_includes(both: Both) -> None:
    both.each(
        "templates/letter.docx",
        lambda package: template(f"Letter of {package}", "{{p include_docx_template('end.docx') }}"),
    )
    both.each("templates/end.docx", lambda package: template(f"End of {package}"))
    played = both.play(document("  docx template file: letter.docx\n"))
    assert words(made(played)) == ["Letter of other", "End of other"]
    shown = str(played.screen.attachments)
    assert "Letter of other" in shown
    assert "End of other" in shown


def test_a_picture_in_a_word_template(both: Both, pack: Pack) -> None:
    from PIL import Image  # noqa: PLC0415  slow to import

    picture = io.BytesIO()
    Image.new("RGB", (3, 3)).save(picture, "PNG")
    both.file("other", "static/only-here.png", picture.getvalue())
    both.file("other", "templates/letter.docx", template("{{ cow }}"))
    code = "mandatory: True\ncode: cow = '[FILE only-here.png]'\n---\n"
    played = both.play(code + document("  docx template file: letter.docx\n"))
    assert len(docx.Document(io.BytesIO(made(played))).inline_shapes) == 1


@pytest.mark.parametrize("written", ["form.pdf", "${ 'form' }.pdf", "{code: \"'form.pdf'\"}"])
def test_a_pdf_form(both: Both, written: str) -> None:
    both.each("templates/form.pdf")
    made(both.play(document(f"  pdf template file: {written}\n  fields:\n    a: b\n")), "pdf")
    assert both.printer.orders[-1]["content"] == b"of other"


@pytest.mark.parametrize("written", ["'[FILE cow]'", "${ '[FILE cow, 1in]' }"])
def test_a_picture_by_its_name_in_a_field_of_a_pdf_form(both: Both, written: str) -> None:
    """documents.md, "Filling PDF templates": a picture in a field; markup.md, "Inserting images": names of ``images``."""
    both.each("templates/form.pdf")
    both.each("static/cow.png")
    shown = document(f"  pdf template file: form.pdf\n  fields:\n    a: {written}\n    b: no [FILE cow] alone\n")
    made(both.play("images:\n  cow: cow.png\n---\n" + shown), "pdf")
    order = both.printer.orders[-1]
    assert order["images"] == {"a": b"of other"}


@pytest.mark.parametrize("written", ["body.md", "{code: \"'body.md'\"}"])
def test_content_from_a_file_and_its_pictures(both: Both, written: str) -> None:
    both.each("templates/body.md", lambda package: f"Body of {package} [FILE cow.png]")
    both.each("static/cow.png")
    made(both.play(document(f"  content file: {written}\n")), "pdf")
    order = both.printer.orders[-1]
    assert "Body of other" in order["markdown"]
    assert list(order["files"].values()) == [b"of other"]


@pytest.mark.parametrize("written", ["pack:data/templates/body.md", "{code: \"'pack:data/templates/body.md'\"}"])
def test_pictures_are_of_the_package_of_the_question_that_shows_them(both: Both, written: str) -> None:
    """markup.md: "the package in which the question appears", wherever its text was read."""
    both.file("pack", "templates/body.md", "[FILE cow.png]")
    both.each("static/cow.png")
    made(both.play(document(f"  content file: {written}\n")), "pdf")
    assert list(both.printer.orders[-1]["files"].values()) == [b"of other"]


@pytest.mark.parametrize("written", ["page.yml", "[page.yml]", "${ 'page' }.yml"])
@pytest.mark.parametrize("common", [True, False], ids=["of all documents", "of one"])
def test_settings_of_pages(both: Both, written: str, common: bool) -> None:
    both.each("templates/page.yml", lambda package: f"HeaderLeft: {package}\n")
    said = f"initial yaml: {written}\n"
    shared = (
        f"attachment options:\n  {said}---\n" + document("  content: Hi\n")
        if common
        else document(f"  content: Hi\n  {said}")
    )
    made(both.play(shared), "pdf")
    assert both.printer.orders[-1]["metadata"]["HeaderLeft"] == "other"


def test_options_of_all_documents_are_of_the_file_that_says_them(both: Both) -> None:
    both.each("templates/page.yml", lambda package: f"HeaderLeft: {package}\n")
    made(both.play("attachment options:\n  initial yaml: page.yml\n", document("  content: Hi\n")), "pdf")
    assert both.printer.orders[-1]["metadata"]["HeaderLeft"] == "other"
