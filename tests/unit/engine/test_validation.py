"""What an answer is refused for, and in whose words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.engine.play import Play, one_field

Open = Callable[..., Play]


@pytest.mark.parametrize(
    ("field", "sent", "message"),
    [
        ("datatype: integer", "3.5", "whole number"),
        ("datatype: integer", "many", "number"),
        ("datatype: number", "nan", "number"),
        ("datatype: number", True, "number"),
        ("datatype: email", "nobody", "e-mail"),
        ("datatype: date", {"date": "2026-02-31"}, "date"),
        ("datatype: integer\nmin: 4", 3, "at least 4"),
        ("datatype: integer\nmax: 2", 3, "at most 2"),
        ("datatype: number\nstep: 0.5", 0.7, "multiple of 0.5"),
        ("datatype: date\nmin: 2026-02-01", {"date": "2026-01-15"}, "February 1, 2026"),
        ("minlength: 4", "abc", "at least 4"),
        ("maxlength: 2", "abc", "more than 2"),
        ("choices:\n  - Red: r", "green", "not one of the choices"),
        ("datatype: checkboxes\nchoices:\n  - Red: r", {"green": True}, "not one of the choices"),
        ("required: True", "", "required"),
        ("choices:\n  - Red: r", None, "select one"),
        ("datatype: yesnoradio", None, "select one"),
        ("datatype: file", "something", "could not be read"),
        ("datatype: file", {"files": ["x"]}, "could not be read"),
        ("datatype: number\nstep: 0.1", 10**400, "too large"),
        ("choices:\n  - Red: 1", 10**400, "not one of the choices"),
        ("choices:\n  - Red: 1", [[1]], "not one of the choices"),
    ],
)
def test_bad_values_are_refused_beside_their_field(play: Open, field: str, sent: Any, message: str) -> None:
    session = play(one_field(field))
    outcome = session.send({"v": sent})
    assert outcome.rejection is not None
    assert message in outcome.rejection.fields["v"]
    assert outcome.save == "ignore"
    assert outcome.screen is not None
    assert outcome.screen.question == "Ask"
    assert "v" not in session.variables


def test_all_mistakes_are_told_at_once_and_nothing_is_stored(play: Open) -> None:
    session = play("""
        mandatory: True
        question: Ask
        fields:
          - One: one
          - Two: two
            datatype: integer
          - Three: three
            datatype: email
        """)
    outcome = session.send({"one": "fine", "two": "x", "three": "y"})
    assert outcome.rejection is not None
    assert set(outcome.rejection.fields) == {"two", "three"}
    assert "one" not in session.variables


def test_a_variable_that_the_screen_does_not_have_is_refused(play: Open) -> None:
    session = play(one_field("datatype: integer"))
    outcome = session.send({"v": 1, "multi_user": True})
    assert outcome.rejection is not None
    assert "multi_user" in (outcome.rejection.message or "")
    assert "multi_user" not in session.variables
    assert "v" not in session.variables


def test_validate_may_refuse_or_return_false(play: Open) -> None:
    session = play("""
        mandatory: True
        question: Ask
        fields:
          - One: one
            datatype: integer
            validate: |
              lambda y: y % 2 == 0 or validation_error('Even, please')
        ---
        mandatory: True
        question: Done
        """)
    outcome = session.send({"one": 3})
    assert outcome.rejection is not None
    assert outcome.rejection.fields == {"one": "Even, please"}
    session.answer({"one": 4})
    assert session.question == "Done"


def test_validation_code_sees_the_values_and_takes_them_back(play: Open) -> None:
    session = play("""
        mandatory: True
        question: Ask
        fields:
          - One: one
            datatype: integer
          - Two: two
            datatype: integer
        validation code: |
          if one + two != 10:
            validation_error('Must be 10', field='two')
        ---
        mandatory: True
        question: Done
        """)
    outcome = session.send({"one": 3, "two": 3})
    assert outcome.rejection is not None
    assert outcome.rejection.fields == {"two": "Must be 10"}
    assert "one" not in session.variables
    session.answer({"one": 3, "two": 7})
    assert session.question == "Done"


def test_validation_messages_replace_ours(play: Open) -> None:
    session = play(one_field("datatype: integer\nmin: 5\nvalidation messages:\n  min: At least five!"))
    outcome = session.send({"v": 1})
    assert outcome.rejection is not None
    assert outcome.rejection.fields == {"v": "At least five!"}


@pytest.mark.parametrize(
    ("filename", "mimetype", "taken"),
    [
        ("a.gif", "image/gif", True),
        ("a.PDF", "application/x-what", True),
        ("a", "application/octet-stream", True),
        ("a.txt", "text/plain", False),
    ],
)
def test_files_of_another_kind_than_accepted_are_refused(play: Open, filename: str, mimetype: str, taken: bool) -> None:
    session = play(
        one_field("datatype: files\naccept: |\n  '\"image/*, .pdf\"'\nvalidation messages:\n  accept: Pictures only")
    )
    number = session.files.write(filename=filename, mimetype=mimetype, content=b"x")
    outcome = session.send({"v": {"files": [number]}})
    assert (outcome.rejection is None) is taken
    if outcome.rejection is not None:
        assert outcome.rejection.fields == {"v": "Pictures only"}


def test_a_number_that_is_no_file_of_the_session_is_refused(play: Open) -> None:
    session = play(one_field("datatype: file"))
    outcome = session.send({"v": {"files": [99]}})
    assert outcome.rejection is not None
    assert "v" in outcome.rejection.fields


def test_none_of_the_above_may_be_forbidden(play: Open) -> None:
    session = play(one_field("datatype: checkboxes\nnone of the above: False\nchoices:\n  - Apple: apple"))
    outcome = session.send({"v": {"apple": False}})
    assert outcome.rejection is not None
    assert "at least one" in outcome.rejection.fields["v"]


def test_messages_of_the_interview_are_on_every_field_but_go_behind_its_own(play: Open) -> None:
    session = play("""
        default validation messages:
          required: Missing
          multiple choice required: Pick one
          checkbox maxlength: No more than %s, please
          max: At most %s, not more
          date max: Not after %s
        ---
        mandatory: True
        question: Ask
        fields:
          - One: one
            datatype: integer
            max: 5
          - Two: two
            choices: [a, b]
          - Three: three
            choices: [a, b]
            validation messages:
              required: And the third?
          - Four: four
            datatype: checkboxes
            choices: [a, b]
            maxlength: 1
          - Five: five
            datatype: date
            max: 2020-01-01
        """)
    assert session.screen.fields[0].messages["required"] == "Missing"
    assert "multiple choice required" not in session.screen.fields[2].messages
    outcome = session.send(
        {"one": 6, "two": "", "three": "", "four": {"a": True, "b": True}, "five": {"date": "2026-01-01"}}
    )
    assert outcome.rejection is not None
    assert outcome.rejection.fields == {
        "one": "At most 5, not more",
        "two": "Pick one",
        "three": "And the third?",
        "four": "No more than 1, please",
        "five": "Not after January 1, 2020",
    }


LIMITED = """
mandatory: True
question: Ask
fields:
  - At: at
    datatype: time
    min: "09:00"
    max: "17:00"
  - From: start
    datatype: datetime
    min: 2026-05-01 10:00
  - Day: day
    datatype: date
    min: 2026-01-01
    max: 2026-12-31
  - Other: other
    datatype: date
    min: 2026-01-01
    max: 2026-12-31
    validation messages:
      date minmax: From %s to %s
  - Third: third
    datatype: date
    min: 2026-01-01
    max: 2026-12-31
    validation messages:
      max: Not after %s
  - Two: two
    datatype: checkboxes
    choices: [a, b, c]
    minlength: 2
    maxlength: 2
    none of the above: False
  - Both: both
    datatype: multiselect
    choices: [a, b, c]
    minlength: 2
    maxlength: 2
    validation messages:
      multiselect minmaxlength: Exactly %s of them
---
mandatory: True
question: Done
"""


def test_limits_of_times_and_messages_for_two_limits_at_once(play: Open) -> None:
    session = play(LIMITED)
    answers = {"at": "17:01", "start": "2026-05-01T09:59", "day": "2025-12-31", "other": "2027-01-01"}
    answers |= {"third": "2027-01-01", "two": {"a": True}, "both": ["a", "b", "c"]}
    outcome = session.send(answers)
    assert outcome.rejection is not None
    assert outcome.rejection.fields == {
        "at": "You need to enter a time that is not after 17:00.",
        "start": "You need to enter a date on or after May 1, 2026.",
        "day": "You need to enter a date between January 1, 2026 and December 31, 2026.",
        "other": "From January 1, 2026 to December 31, 2026",
        "third": "Not after December 31, 2026",
        "two": "Please select exactly 2.",
        "both": "Exactly 2 of them",
    }
    answers = {"at": "08:59", "start": "2026-05-01T10:00", "day": "2026-12-31", "other": "2026-01-01"}
    answers |= {"third": "2026-06-01", "two": {"a": True, "c": True}, "both": ["a", "b"]}
    outcome = session.send(answers)
    assert outcome.rejection is not None
    assert outcome.rejection.fields == {"at": "You need to enter a time that is not before 09:00."}
    assert session.send(answers | {"at": "17:00"}).rejection is None
