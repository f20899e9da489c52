"""Buttons and choices of a question: values, commands, blocks behind them, action buttons."""

from __future__ import annotations

import pytest

from shared.language.model import Code, Question
from tests.unit.language.sample import Pack, source


def question_of(pack: Pack, text: str) -> Question:
    question = pack.block(text).question
    assert question is not None
    return question


@pytest.mark.parametrize(
    ("values", "datatype"),
    [
        ("Yes!: True\n  - No!: False", "boolean"),
        ("A: True\n  - B: False\n  - C: null", "threestate"),
        ("A: True\n  - B: b", None),
        ("A: null", None),
    ],
)
def test_buttons_of_truth_values_set_truth_values(pack: Pack, values: str, datatype: str | None) -> None:
    question = question_of(pack, f"question: q\nfield: a\nbuttons:\n  - {values}\n")
    assert question.options.get("datatype") == datatype


def test_datatype_and_default_of_a_choice(pack: Pack) -> None:
    question = question_of(pack, "question: q\nfield: a\ndatatype: integer\ndefault: ${ b }\nchoices: [1, 2]\n")
    assert question.options["datatype"] == "integer"
    assert source(question.options["default"]) == "${ b }"


def test_buttons_that_run_blocks_and_commands(pack: Pack) -> None:
    interview = pack.interview(
        """\
        id: start
        question: Which?
        buttons:
          - Red:
              question: Dark?
              field: color
              buttons: [dark red, light red]
          - Green:
              code: |
                color = 'green'
                shade.depth = 1
          - Leave: exit
            url: https://example.com/${ code }
          - restart
          - Learn: leave
        """
    )
    (block,) = interview.blocks
    assert block.question is not None
    assert block.question.variable is None
    red, green, leave, restart, _ = block.question.choices.items  # type: ignore[union-attr]
    assert red.block is not None
    assert red.block.question is not None
    assert (red.block.name, red.block.question.variable) == ("ID start_0", "color")
    assert green.block is not None
    assert isinstance(green.block.code, Code)
    assert green.block.sets == ("color", "shade.depth")
    assert (leave.command, source(leave.url)) == ("exit", "https://example.com/${ code }")
    assert (restart.command, restart.value) == ("restart", None)
    assert block.sets == ("color", "shade.depth")
    assert interview.index["color"] == (block,)
    assert interview.by_name["ID start_1"] is green.block


def test_a_mapping_of_buttons(pack: Pack) -> None:
    question = question_of(pack, "question: q\nbuttons:\n  Exit: exit\n  Go on:\n    code: a = 1\n")
    assert question.choices is not None
    assert [(source(item.label), item.command) for item in question.choices.items] == [
        ("Exit", "exit"),
        ("Go on", None),
    ]


def test_with_a_field_the_words_of_commands_are_values(pack: Pack) -> None:
    question = question_of(pack, "question: q\nfield: a\nbuttons:\n  - Exit: exit\n")
    assert question.choices is not None
    assert (question.choices.items[0].value, question.choices.items[0].command) == ("exit", None)


def test_blocks_embedded_in_embedded_blocks(pack: Pack) -> None:
    interview = pack.interview(
        """\
        question: A
        buttons:
          - One:
              question: B
              buttons:
                - Two:
                    question: C
                    yesno: deep
        """
    )
    (block,) = interview.blocks
    assert block.sets == ("deep",)
    assert interview.by_name[f"{block.name}_0_0"].question.variable == "deep"  # type: ignore[union-attr]


def test_action_buttons(pack: Pack) -> None:
    question = question_of(
        pack,
        """\
        question: q
        action buttons:
          - action: eat
            label: Eat ${ fruit }
            color: success
            arguments:
              what: ${ fruit }
              n: 3
            show if: hungry
            new window: True
            placement: before
          - code: more_buttons
        """,
    )
    (button,) = question.action_buttons
    assert source(button) == {
        "action": "eat",
        "label": "Eat ${ fruit }",
        "color": "success",
        "arguments": {"what": "${ fruit }", "n": 3},
        "show if": "hungry",
        "new window": True,
        "placement": "before",
    }
    assert source(question.action_buttons_code) == ["more_buttons"]
    assert source(question_of(pack, "question: q\naction buttons:\n  code: all_of_them\n").action_buttons_code) == [
        "all_of_them"
    ]
