"""Answers: reading, checking, storing (docs fields.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest

from shared.engine.request import Answer, Shown
from tests.unit.engine.play import Play, one_field

Open = Callable[..., Play]


@pytest.mark.parametrize(
    ("field", "sent", "stored"),
    [
        ("datatype: integer", 3, 3),
        ("datatype: integer", "1,234", 1234),
        ("datatype: number", "3.5", 3.5),
        ("datatype: currency", "$1,000.50", 1000.5),
        ("datatype: yesno", True, True),
        ("datatype: yesno", "False", False),
        ("datatype: yesnoradio", "True", True),
        ("datatype: yesnomaybe", None, None),
        ("datatype: yesnomaybe", "None", None),
        ("datatype: email", "a@example.com", "a@example.com"),
        ("datatype: time", {"time": "10:30"}, time(10, 30)),
        ("datatype: raw", "<b>x</b>", "<b>x</b>"),
        ("input type: area", "a\r\nb", "a\nb"),
        ("choices:\n  - Red: r\n  - Blue: b", "b", "b"),
        ("datatype: integer\nchoices:\n  - Red: 1\n  - Blue: 2", "2", 2),
        ("datatype: integer\nchoices:\n  - Red: 1\n  - Blue: 2", 2.0, 2),
        ("choices:\n  - 'Yes': True\n  - 'No': False", "False", False),
        ("required: False", "", ""),
        ("datatype: integer\nrequired: False", "", 0),
        ("datatype: number\nrequired: False", None, 0.0),
        ("required: False\nchoices:\n  - Red: r", "", None),
        ("datatype: range\nmin: 1\nmax: 5", 2.5, 2.5),
    ],
)
def test_values_are_read_by_datatype(play: Open, field: str, sent: Any, stored: Any) -> None:
    session = play(one_field(field))
    session.answer({"v": sent})
    assert session.question == "Done"
    assert session.variables["v"] == stored
    assert type(session.variables["v"]) is type(stored)


def test_checkboxes_make_a_gathered_dictionary(play: Open) -> None:
    session = play(one_field("datatype: checkboxes\nchoices:\n  - Apple: apple\n  - Pear: pear"))
    session.answer({"v": {"apple": True, "pear": False}})
    chosen = session.variables["v"]
    assert chosen.elements == {"apple": True, "pear": False}
    assert chosen.gathered
    assert chosen.instanceName == "v"


def test_checkboxes_of_a_form_are_lists_of_keys(play: Open) -> None:
    session = play(one_field("datatype: checkboxes\nchoices:\n  - Apple: apple\n  - Pear: pear"))
    session.answer({"v": ["pear"]}, raw=True)
    assert session.variables["v"].elements == {"apple": False, "pear": True}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a <b>bold</b> word", "a bold word"),
        ("<scr<script>ipt>alert(1)</script>", "alert(1)"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<img src=x onerror=alert(1)", "< img src=x onerror=alert(1)"),
    ],
)
def test_html_is_taken_out_of_texts(play: Open, sent: str, kept: str) -> None:
    session = play(one_field("hint: x"))
    session.answer({"v": sent})
    assert session.variables["v"] == kept


def test_a_field_hidden_in_the_browser_needs_no_value(play: Open) -> None:
    session = play("""
        mandatory: True
        question: Ask
        fields:
          - Pet?: pet
            datatype: yesnoradio
          - Name: name
            show if: pet
        ---
        mandatory: True
        question: Done
        """)
    session.answer({"pet": False})
    assert session.question == "Done"
    assert "name" not in session.variables


def test_a_field_excluded_on_the_server_is_not_there(play: Open) -> None:
    session = play("""
        mandatory: True
        code: |
          pet = False
        ---
        mandatory: True
        question: Ask
        fields:
          - Age: age
            datatype: integer
          - Name: name
            show if:
              code: pet
        """)
    assert session.fields == ["age"]
    outcome = session.send({"age": 3, "name": "Rex"})
    assert outcome.rejection is not None


def test_a_signature_and_a_file_are_files_of_the_session(play: Open) -> None:
    session = play("""
        mandatory: True
        question: Sign
        signature: mark
        ---
        mandatory: True
        question: File
        fields:
          - File: paper
            datatype: file
        ---
        mandatory: True
        question: ${ paper[0].filename }
        """)
    assert session.screen.kind == "signature"
    outcome = session.send({"mark": None})
    assert outcome.rejection is not None
    number = session.files.write(filename="s.png", mimetype="image/png", content=b"x")
    session.answer({"mark": {"files": [number]}})
    session.answer({"paper": {"files": [number]}})
    assert session.question == "s.png"


def test_an_answer_to_a_screen_shown_before_is_taken(play: Open) -> None:
    session = play("""
        mandatory: True
        question: One
        fields:
          - One: one
        ---
        mandatory: True
        question: Two
        fields:
          - Two: two
        """)
    first = session.screen
    session.fill("a")
    assert session.question == "Two"
    session.outcome = None

    outcome = session.run(answer=Answer(shown=Shown(**first.shown), values={"one": "b"}))
    assert outcome.screen is not None
    assert outcome.screen.question == "Two"
    assert session.variables["one"] == "b"


def test_what_was_answered_before_back_is_offered(play: Open) -> None:
    session = play(one_field("datatype: integer"))
    session.show(prior={"v": 7})
    assert session.screen.fields[0].default == 7


def test_fields_disabled_by_another_need_no_value(play: Open) -> None:
    session = play("""
        mandatory: True
        question: Ask
        fields:
          - All: everything
            choices:
              - Red
            disable others: True
          - Name: name
        ---
        mandatory: True
        question: Done
        """)
    assert session.send({"everything": ""}).rejection is not None
    session.answer({"everything": "Red"})
    assert session.question == "Done"


def test_a_refused_screen_computes_again_what_it_shows(play: Open) -> None:
    session = play("""
        reset:
          - double
        ---
        mandatory: True
        question: Twice ${ number } is ${ double }
        fields:
          - Age: age
            datatype: integer
        ---
        code: |
          double = 2 * number
        ---
        code: |
          number = 4
        """)
    outcome = session.send({"age": "old"})
    assert outcome.rejection is not None
    assert outcome.screen is not None
    assert outcome.screen.question == "Twice 4 is 8"
