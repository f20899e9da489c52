"""Screens: kinds, labels, defaults and what is around the question (docs questions.md, fields.md, modifiers.md, initial.md)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.engine.play import Play

Open = Callable[..., Play]


def _question(rest: str) -> str:
    lines = "\n".join(rest.splitlines())
    return f"mandatory: True\nquestion: Ask\n{lines}\n---\nmandatory: True\nquestion: Done"


@pytest.mark.parametrize(
    ("rest", "kind", "buttons"),
    [
        ("yesno: a", "yesno", [("Yes", True), ("No", False)]),
        ("noyes: a", "yesno", [("Yes", False), ("No", True)]),
        ("yesnomaybe: a", "yesno", [("Yes", True), ("No", False), ("I don't know", None)]),
        ("noyesmaybe: a", "yesno", [("Yes", False), ("No", True), ("I don't know", None)]),
        ("continue button field: a", "continue", [("Continue", True)]),
        ("field: a\nbuttons:\n  - Red: r\n  - Blue", "choices", [("Red", "r"), ("Blue", "Blue")]),
        ("field: a\ndropdown:\n  - Red: r", "choices", [("Red", "r")]),
        ("buttons:\n  - Restart: restart", "choices", [("Restart", None)]),
        ("signature: a", "signature", []),
        ("subquestion: none", "end", []),
    ],
)
def test_kinds_and_buttons(play: Open, rest: str, kind: str, buttons: list[tuple[str, Any]]) -> None:
    screen = play(_question(rest)).screen
    assert screen.kind == kind
    assert [(choice.label, choice.value) for choice in screen.buttons] == buttons


@pytest.mark.parametrize(
    ("written", "datatype", "input_type", "required"),
    [
        ("datatype: yesno", "boolean", "yesno", False),
        ("datatype: noyeswide", "boolean", "noyeswide", False),
        ("datatype: yesnoradio", "boolean", "yesnoradio", True),
        ("datatype: yesnomaybe", "threestate", "yesnomaybe", True),
        ("datatype: area", "text", "area", True),
        ("input type: area", "text", "area", True),
        ("datatype: currency", "currency", None, True),
        ("datatype: range\nmin: 1\nmax: 2", "range", None, False),
        ("required: False", "text", None, False),
        ("required: |\n  1 == 2", "text", None, False),
        ("disabled: True", "text", None, False),
        ("input type: hidden", "text", "hidden", True),
    ],
)
def test_fields_say_what_they_are(
    play: Open, written: str, datatype: str, input_type: str | None, required: bool
) -> None:
    lines = "\n".join("    " + line for line in written.splitlines())
    field = play(_question(f"fields:\n  - Label: a\n{lines}")).screen.fields[0]
    assert (field.datatype, field.input, field.required) == (datatype, input_type, required)


def test_choices_from_code_take_every_documented_form(play: Open) -> None:
    field = play("""
        mandatory: True
        question: Ask
        fields:
          - A: a
            code: |
              [{'r': 'Red'}, {'value': 'b', 'label': 'Blue', 'help': 'like the sky'}, ['g', 'Green'], 'Black',
               {'value': 'x', 'label': 'Hidden', 'show if': False}]
        """).screen.fields[0]
    assert field.choices is not None
    assert [(choice.label, choice.value) for choice in field.choices] == [
        ("Red", "r"),
        ("Blue", "b"),
        ("Green", "g"),
        ("Black", "Black"),
    ]
    assert field.choices[1].help == "like the sky"


def test_excluded_choices_are_gone(play: Open) -> None:
    field = play("""
        mandatory: True
        question: Ask
        fields:
          - A: a
            choices:
              - Red
              - Blue
            exclude: |
              ['Red']
        """).screen.fields[0]
    assert [choice.label for choice in field.choices or ()] == ["Blue"]


def test_a_field_of_no_choices_is_not_asked(play: Open) -> None:
    session = play("""
        mandatory: True
        question: Ask
        fields:
          - A: a
            code: |
              []
        ---
        mandatory: True
        question: ${ a is None }
        """)
    assert session.question == "True"


def test_notes_and_rules_for_the_browser(play: Open) -> None:
    screen = play("""
        mandatory: True
        question: Ask
        fields:
          - note: |
              Read this.
          - Pet: pet
            datatype: yesnoradio
          - Name: name
            show if: pet
          - Age: age
            hide if:
              variable: pet
              is: True
          - Other: other
            js show if: |
              val('pet')
        """).screen
    note, _, name, age, other = screen.fields
    assert (note.variable, note.datatype, (note.label or "").strip(), note.required) == (
        None,
        "note",
        "Read this.",
        False,
    )
    assert name.show_ifs == ({"sign": True, "disable": False, "variable": "pet"},)
    assert age.show_ifs == ({"sign": False, "disable": False, "variable": "pet", "is": True},)
    assert "js" in other.show_ifs[0]


def test_parts_help_terms_and_title(play: Open) -> None:
    screen = play("""
        metadata:
          title: The title
        ---
        default screen parts:
          under: Default under
          right: Right ${ 1 + 1 }
        ---
        terms:
          lien: A right to keep.
        ---
        interview help:
          heading: About
          content: All about it.
        ---
        mandatory: True
        question: Ask
        under: Own under
        help: |
          Help me.
        continue button label: Go
        section: first
        continue button field: a
        """).screen
    assert screen.parts["under"] == "Own under"
    assert screen.parts["right"] == "Right 2"
    assert screen.buttons[0].label == "Go"
    assert screen.terms == {"lien": "A right to keep."}
    assert [item["content"].strip() for item in screen.help] == ["Help me.", "All about it."]
    assert screen.title["title"] == "The title"
    assert screen.section == "first"


def test_help_comes_with_sound_and_film(play: Open) -> None:
    help_ = play("""
        interview help:
          content: All about it.
          video: ${ 'about' }.mp4
        ---
        mandatory: True
        question: Ask
        help:
          content: Help me.
          audio:
            - help.mp3
            - help.ogg
        continue button field: a
        """).screen.help
    assert [(item.get("audio"), item.get("video")) for item in help_] == [
        (["help.mp3", "help.ogg"], None),
        (None, "about.mp4"),
    ]


def test_action_buttons_are_there_if_their_condition_holds(play: Open) -> None:
    screen = play("""
        mandatory: True
        question: Ask
        continue button field: a
        action buttons:
          - action: one
            label: One
            arguments:
              x: ${ 1 + 1 }
          - action: two
            label: Two
            show if: 1 == 2
        """).screen
    assert [(button["action"], button["label"]) for button in screen.action_buttons] == [("one", "One")]


def test_progress_moves_forward_only(play: Open) -> None:
    session = play("""
        features:
          progress bar: True
        ---
        mandatory: True
        question: One
        progress: 50
        continue button field: one
        ---
        mandatory: True
        question: Two
        progress: 20
        continue button field: two
        ---
        mandatory: True
        question: Three
        """)
    assert session.screen.progress == 50
    session.fill(True)
    assert session.screen.progress == 52
    session.fill(True)
    assert session.screen.progress == 54


def test_somebody_else_must_answer(play: Open) -> None:
    session = play("""
        mandatory: True
        code: |
          role = 'client'
        ---
        mandatory: True
        role: advocate
        question: For advocates
        continue button field: seen
        ---
        event: role_event
        question: Waiting for ${ role_needed }
        """)
    assert session.question == "Waiting for ['advocate']"
    session.variables["role"] = "advocate"
    session.show()
    assert session.question == "For advocates"


def test_icons_that_are_used_come_with_the_screen(play: Open, pack: Any) -> None:
    pack.write("<svg/>", "data/static/map.svg")
    pack.write("<svg/>", "data/static/cat.svg")
    screen = play("""
        image sets:
          ours:
            attribution: By us
            images:
              map: map.svg
              cat: cat.svg
        ---
        mandatory: True
        question: |
          Where is the :map:
        """).screen
    assert screen.options["images"] == {"map": "pack:data/static/map.svg"}
    assert screen.options["attributions"] == ["By us"]


def test_documents_are_evaluated_and_kept_in_their_variables(play: Open) -> None:
    session = play("""
        mandatory: True
        question: Document
        attachment:
          name: Letter to ${ friend }
          filename: letter
          variable name: letter
          content: |
            Dear ${ friend }
        ---
        question: Friend?
        fields:
          - Friend: friend
        """)
    assert session.question == "Friend?"
    session.fill("Ann")
    assert [(item["name"], item["filename"]) for item in session.screen.attachments] == [("Letter to Ann", "letter")]
    kept = session.variables["letter"]
    session.show()
    assert session.variables["letter"] is kept


def test_templates_show_the_present_values(play: Open) -> None:
    session = play("""
        template: note
        subject: About ${ name }
        content: |
          Hello ${ name }
        ---
        mandatory: True
        question: ${ note.subject }
        subquestion: ${ note }
        continue button field: seen
        ---
        mandatory: True
        code: |
          name = 'Bob'
        ---
        mandatory: True
        question: ${ note.content }
        ---
        question: Name?
        fields:
          - Name: name
        """)
    session.fill("Ann")
    assert (session.question, (session.screen.subquestion or "").strip()) == ("About Ann", "Hello Ann")
    session.fill(True)
    assert session.question == "Hello Bob"


def test_data_blocks_may_make_objects(play: Open) -> None:
    session = play("""
        variable name: rows
        data:
          - name: ${ 1 + 1 }
        ---
        variable name: things
        use objects: True
        data:
          colors:
            - red
        ---
        mandatory: True
        question: ${ rows[0]['name'] } ${ things['colors'].gathered } ${ things['colors'][0] }
        """)
    assert session.question == "2 True red"


def test_the_json_form_holds_the_protocol(play: Open) -> None:
    described = play(_question("fields:\n  - Label: a\n    choices:\n      - Red: r")).screen.to_json()
    assert described["kind"] == "fields"
    assert described["fields"] == [
        {
            "variable": "a",
            "label": "Label",
            "datatype": "text",
            "required": True,
            "choices": [{"label": "Red", "value": "r"}],
        }
    ]

    assert json.loads(json.dumps(described)) == described
