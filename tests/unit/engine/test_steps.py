"""What happens around the questions of a step: sections, variables reset and local, modules, defaults that are remembered."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from shared.authoring.objects import DADict, DAList, Thing
from shared.engine.keeping.plain import answerable
from shared.engine.outcome import Failure
from tests.unit.engine.play import Play
from tests.unit.language.sample import Pack

Open = Callable[..., Play]

SECTIONS = """
    sections:
      - intro: Introduction
      - about: About you
        subsections:
          - contact: Contact
          - home: Home
      - Ending:
          - bye: Goodbye
    ---
    mandatory: True
    question: Done
    section: bye
    subquestion: ${ first } ${ second }
    ---
    question: First
    section: intro
    fields:
      - First: first
    ---
    question: Second
    section: contact
    fields:
      - Second: second
"""


def _sections(session: Play) -> list[tuple[str, bool, bool]]:
    """(key, current, done) of all sections, those below after their own."""
    found = []
    for item in session.screen.navigation:
        found += [(part["key"], part["current"], part["done"]) for part in (item, *item["sub"])]
    return found


def test_sections_follow_the_questions(play: Open) -> None:
    session = play(SECTIONS)
    assert [entry["label"] for entry in session.screen.navigation] == ["Introduction", "About you", "Ending"]
    assert _sections(session)[0] == ("intro", True, False)
    session.fill("a")
    assert _sections(session)[:3] == [("intro", False, True), ("about", True, False), ("contact", True, False)]
    session.fill("b")
    assert ("bye", True, False) in _sections(session)
    assert ("contact", False, True) in _sections(session)


def test_sections_may_be_set_by_code(play: Open) -> None:
    session = play("""
        initial: True
        code: |
          nav.set_sections(['One', {'two': 'Two'}])
          nav.set_section('two')
        ---
        mandatory: True
        question: Here
        """)
    assert [(entry["key"], entry["label"], entry["current"]) for entry in session.screen.navigation] == [
        ("One", "One", False),
        ("two", "Two", True),
    ]


def test_reset_computes_anew_in_each_step(play: Open) -> None:
    session = play("""
        reset:
          - total
        ---
        code: |
          total = sum(x for x in amounts)
        ---
        mandatory: True
        code: |
          amounts = []
        ---
        mandatory: True
        question: Sum ${ total }
        continue button field: seen
        """)
    assert session.question == "Sum 0"
    session.variables["amounts"].append(3)
    session.show()
    assert session.question == "Sum 3"


def test_reconsidered_attributes_are_computed_anew_for_every_object(play: Open) -> None:
    session = play("""
        objects:
          - cat: Thing.using(name='Cat')
          - dog: Thing.using(name='Dog')
        ---
        generic object: Thing
        reconsider: True
        code: |
          x.loud = x.name.text.upper() + mark
        ---
        mandatory: True
        code: |
          mark = '!'
        ---
        mandatory: True
        question: ${ cat.loud } ${ dog.loud }
        continue button field: seen
        """)
    assert session.question == "CAT! DOG!"
    session.variables["mark"] = "?"
    session.show()
    assert session.question == "CAT? DOG?"


def test_what_code_writes_to_the_copy_of_a_file_is_kept(play: Open) -> None:
    session = play("""
        objects:
          - notes: DAFile
        ---
        mandatory: True
        code: |
          notes.initialize(filename='notes.txt', content='one')
          where = notes.path()
          with open(where, 'a') as file:
            file.write(' two')
        ---
        mandatory: True
        question: ${ notes.slurp() }
        continue button field: seen
        """)
    session.show()
    assert session.question == "one two"
    assert session.files.read(session.variables["notes"].number) == b"one two"
    assert not Path(session.variables["where"]).exists()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("1 / 0\n", r"ZeroDivisionError: .* \(broken\.py, line 1\)"),
        ("def (\n", "SyntaxError"),
    ],
)
def test_a_module_that_fails_is_named(failure_of: Callable[[str], Failure], pack: Pack, source: str, said: str) -> None:
    pack.write(source, "broken.py")
    failure = failure_of("modules:\n  - .broken\n---\nmandatory: True\nquestion: Hello\n")
    assert failure.type == "SourceError"
    assert "cannot import '.broken'" in failure.message
    assert re.search(said, failure.message)


def test_a_module_that_is_not_there_is_named(failure_of: Callable[[str], Failure]) -> None:
    failure = failure_of("imports:\n  - nowhere_at_all\n---\nmandatory: True\nquestion: Hello\n")
    assert "cannot import 'nowhere_at_all'" in failure.message
    assert failure.line == 1


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (None, None),
        (datetime(2026, 3, 1, tzinfo=UTC), "2026-03-01"),
        (datetime(2026, 3, 1, 9, 30, tzinfo=UTC), "2026-03-01T09:30"),
        (date(2026, 3, 1), "2026-03-01"),
        (time(9, 30), "09:30"),
        (time(9, 30, 5), "09:30:05"),
        (Decimal("1.50"), 1.5),
        ({1: True, "b": date(2026, 3, 1)}, {"1": True, "b": "2026-03-01"}),
        ((1, {2}), [1, [2]]),
        (DAList("a", elements=["x"], gathered=True), ["x"]),
        (DADict("a", elements={"x": True}, gathered=True), {"x": True}),
        (Thing("cat"), "cat"),
        (1 + 2j, "(1+2j)"),
    ],
)
def test_values_have_the_form_of_their_answers(value: object, answer: object) -> None:
    assert answerable(value) == answer
