"""Tables, their files, templates with values of their own, and what attachments evaluate."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from services.cli.replay import MemoryFiles
from shared.authoring.objects import DAFile
from shared.engine.outcome import Failure
from tests.unit.engine.play import Play
from tests.unit.language.sample import Pack

Open = Callable[..., Play]

FRUIT = """
    objects:
      - fruit: DAList.using(object_type=Thing, there_are_any=True, complete_attribute='seeds')
    ---
    mandatory: True
    code: |
      fruit.clear()
      for name, seeds in (('Pear', 5), ('Apple', 7), ('Fig', 900)):
        fruit.appendObject(name=name, seeds=seeds)
      fruit.gathered = True
    ---
    table: fruit_table
    rows: fruit
    columns:
      - Kind: row_item.name
      - Seeds: row_item.seeds
"""


def _shown(play: Open, more: str, text: str = "${ fruit_table }") -> str:
    session = play(
        FRUIT.rstrip() + more + f"\n    ---\n    mandatory: True\n    question: Q\n    subquestion: {text!r}\n"
    )
    return str(session.screen.subquestion)


def _rows(markdown: str) -> list[list[str]]:
    return [line.strip("|").split("|") for line in markdown.strip().splitlines()]


@pytest.mark.parametrize(
    ("more", "kinds"),
    [
        ("", ["Pear", "Apple", "Fig"]),
        ("\n    filter: row_item.seeds < 100", ["Pear", "Apple"]),
        ("\n    sort key: |\n      lambda y: y.name", ["Apple", "Fig", "Pear"]),
        ("\n    sort key: |\n      lambda y: y.seeds\n    sort reverse: True", ["Fig", "Apple", "Pear"]),
        ("\n    sort reverse: True", ["Fig", "Apple", "Pear"]),
    ],
)
def test_rows_are_filtered_and_sorted(play: Open, more: str, kinds: list[str]) -> None:
    rows = _rows(_shown(play, more))
    assert rows[0] == ["Kind", "Seeds"]
    assert [row[0] for row in rows[2:]] == kinds


def test_a_table_may_end_with_a_footer_and_have_buttons(play: Open) -> None:
    rows = _rows(
        _shown(
            play, "\n    edit:\n      - seeds\n    footer:\n      - \"'Total'\"\n      - sum(y.seeds for y in fruit)"
        )
    )
    assert rows[0] == ["Kind", "Seeds", "Actions"]
    assert "_da_list_edit" not in rows[2][2]  # the address is packed
    assert "btn" in rows[2][2]
    assert rows[-1] == ["Total", "912"]


@pytest.mark.parametrize(("said", "shown"), [("nothing here", "nothing here"), ("False", ""), ("True", "|Kind|Seeds|")])
def test_an_empty_table_shows_what_the_author_says(play: Open, said: str, shown: str) -> None:
    found = _shown(play, f"\n    filter: row_item.seeds > 9999\n    show if empty: {said}").strip()
    assert found.startswith(shown) if shown else found == ""


def test_incomplete_rows_say_so(play: Open) -> None:
    session = play("""
        objects:
          - fruit: DAList.using(object_type=Thing)
        ---
        mandatory: True
        code: |
          fruit.clear()
          fruit.appendObject(name='Pear')
        ---
        table: fruit_table
        rows: fruit
        columns:
          - Kind: row_item.name
          - Seeds: row_item.seeds
        show incomplete: True
        not available label: not yet
        ---
        mandatory: True
        question: ${ fruit_table }
        """)
    assert _rows(session.question)[-1] == ["Pear", "not yet"]


def test_rows_that_are_no_group_are_a_mistake(failure_of: Callable[[str], Failure]) -> None:
    failure = failure_of("""
        table: numbers
        rows: 5
        columns:
          - One: row_item
        ---
        mandatory: True
        question: ${ numbers }
        """)
    assert "must be a list, a dictionary or a set" in failure.message


def _exported(play: Open, call: str) -> tuple[DAFile, bytes]:
    session = play(
        FRUIT.rstrip()
        + f"\n    ---\n    mandatory: True\n    question: ${{ made.filename }}\n    ---\n    code: |\n      made = {call}\n"
    )
    made = session.variables["made"]
    assert isinstance(session.files, MemoryFiles)
    return made, session.files.read(made.number)


def test_a_table_becomes_a_file_of_values(play: Open) -> None:
    made, content = _exported(play, "fruit_table.export('kinds.csv')")
    assert (made.filename, made.mimetype) == ("kinds.csv", "text/csv")
    assert list(csv.reader(io.StringIO(content.decode()))) == [
        ["Kind", "Seeds"], ["Pear", "5"], ["Apple", "7"], ["Fig", "900"],
    ]  # fmt: skip


def test_a_table_becomes_json(play: Open) -> None:
    made, content = _exported(play, "fruit_table.export('kinds', file_format='json')")
    assert made.filename == "kinds.json"
    assert json.loads(content)[2] == {"Kind": "Fig", "Seeds": 900}


def test_a_table_becomes_a_workbook(play: Open) -> None:
    made, content = _exported(play, "fruit_table.export(title='A/B: ' + 'x' * 40)")
    assert made.filename == "file.xlsx"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            ElementTree.fromstring(archive.read(name))
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        title = ElementTree.fromstring(archive.read("xl/workbook.xml")).find(".//{*}sheet")
    assert all(text in sheet for text in ("Kind", "Pear", "900"))
    assert title is not None
    assert len(title.attrib["name"]) <= 31
    assert not set(title.attrib["name"]) & set("[]:*?/\\")


def test_other_forms_are_refused(failure_of: Callable[[str], Failure]) -> None:
    failure = failure_of(FRUIT.rstrip() + "\n    ---\n    mandatory: True\n    code: fruit_table.export('a.pdf')\n")
    assert "cannot be exported as 'pdf'" in failure.message


def test_a_template_is_shown_with_values_for_once(play: Open) -> None:
    session = play("""
        template: letter
        subject: About ${ what }
        content: |
          Dear ${ who }, *hello*.
        ---
        code: |
          what, who = 'pears', 'Ann'
        ---
        mandatory: True
        question: ${ letter.subject }
        subquestion: |
          ${ letter.show(who='Bob') }
          ${ letter.show_as_markdown() }
          ${ letter.content_as_html() }
          ${ letter.subject_as_html(trim=True) }
        """)
    shown = str(session.screen.subquestion)
    assert session.question == "About pears"
    assert "Dear Bob, *hello*." in shown
    assert "#### About pears\n\nDear Ann" in shown
    assert "<p>Dear Ann, <em>hello</em>.</p>" in shown
    assert session.variables["who"] == "Ann"


def test_attachments_ask_for_the_values_of_their_fields(play: Open) -> None:
    session = play("""
        mandatory: True
        question: Here
        attachment:
          name: Form of ${ who }
          variable name: form
          content: Dear ${ who }
          code: |
            {'sum': first + second}
          field variables:
            - third
        ---
        question: Who?
        fields:
          - Who: who
        ---
        question: First
        fields:
          - First: first
            datatype: integer
        ---
        question: Second
        fields:
          - Second: second
            datatype: integer
        ---
        question: Third
        fields:
          - Third: third
        """)
    asked = []
    for value in ("Ann", 1, 2, "x"):
        asked.append(session.question)
        session.fill(value)
    assert set(asked) == {"Who?", "First", "Second", "Third"}
    (document,) = session.screen.attachments
    assert (document["name"], document["filename"], document["content"]) == ("Form of Ann", "Form_of_Ann", "Dear Ann")


def test_undefined_values_may_be_skipped(play: Open) -> None:
    session = play("""
        mandatory: True
        question: Here
        attachment:
          name: Form
          skip undefined: True
          content: nothing
          fields:
            - a: ${ absent }
            - b: there
          field variables:
            - absent_too
        """)
    assert session.question == "Here"
    assert session.screen.attachments[0]["content"] == "nothing"


def test_documents_of_code_are_shown_as_they_are(play: Open) -> None:
    session = play("""
        attachment:
          name: Letter
          filename: letter
          variable name: letter
          valid formats: [docx]
          content: Dear Ann
        ---
        mandatory: True
        question: Here
        attachment code: |
          [letter]
        """)
    (document,) = session.screen.attachments
    assert (document["name"], document["filename"]) == ("Letter", "letter")


def test_content_may_come_from_files_that_code_names(play: Open, pack: Pack) -> None:
    pack.write("Dear ${ who },\n", "data/templates/greeting.md")
    pack.write("good bye.\n", "data/templates/end.md")
    session = play("""
        code: who = 'Ann'
        ---
        template: letter
        content file:
          code: |
            ['greeting.md', 'end.md']
        ---
        mandatory: True
        question: Here
        subquestion: ${ letter }
        """)
    assert str(session.screen.subquestion).split() == ["Dear", "Ann,", "good", "bye."]
