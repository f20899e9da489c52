"""Check-ins: what their commands tell the page, what is stored of them, and the choices that they bring (docs background.md)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.contract.effects import LogMessage
from tests.unit.engine.play import Play

Open = Callable[..., Play]

CHECK_IN = """
    mandatory: True
    question: Add
    fields:
      - Number: number
        datatype: integer
    check in: sums
    ---
    event: sums
    code: |
      base
      count = count + 1
      background_response({'target': 'sum', 'content': str(int(action_argument('number')) + base)})
    ---
    mandatory: True
    code: |
      pass
    ---
    code: |
      base = 100
    ---
    code: |
      count = 0
    ---
    event: nothing
    code: |
      count = count + 1
    ---
    event: flash
    code: |
      background_response('Hello', 'flash')
    ---
    event: needs
    code: |
      background_response(missing)
    ---
    question: Missing?
    fields:
      - Missing: missing
    ---
    template: note
    content: |
      *Number* ${ action_argument('number') }
    target: place
    """


def test_a_check_in_answers_with_commands_and_stores_nothing_sent(play: Open) -> None:
    session = play(CHECK_IN)
    outcome = session.check_in("sums", number="5")
    assert outcome.commands == ({"value": {"target": "sum", "content": "105"}, "extra": "backgroundresponse"},)
    assert outcome.save == "overwrite"
    assert outcome.screen is None
    assert "number" not in session.variables
    assert session.variables["count"] == 1
    assert session.state.internal["stack"] == {}


def test_a_check_in_tells_what_changed(play: Open) -> None:
    session = play(
        CHECK_IN.replace(
            "str(int(action_argument('number')) + base)",
            "repr((action_argument('_changed'), action_argument('_initial')))",
        )
    )
    outcome = session.check_in("sums", number="5", changed="number")
    assert outcome.commands[0]["value"]["content"] == "('number', False)"


def test_an_event_that_says_nothing_is_saved(play: Open) -> None:
    session = play(CHECK_IN)
    outcome = session.check_in("nothing")
    assert outcome.commands == ()
    assert session.variables["count"] == 1


def test_flash_is_named(play: Open) -> None:
    assert play(CHECK_IN).check_in("flash").commands == ({"value": "Hello", "extra": "flash"},)


def test_a_check_in_asks_no_question(play: Open) -> None:
    outcome = play(CHECK_IN).check_in("needs")
    assert outcome.commands == ()


def test_a_template_with_a_target_fills_it_with_html(play: Open) -> None:
    outcome = play(CHECK_IN).check_in("note", number="5")
    value = outcome.commands[0]["value"]
    assert value["target"] == "place"
    assert "<em>Number</em> 5" in value["content"]


def test_a_check_in_without_action_only_looks(play: Open) -> None:
    outcome = play(CHECK_IN).check_in()
    assert outcome.commands == ()


SENT = """
    mandatory: True
    question: ${ pick } ${ other }
    ---
    question: Which?
    fields:
      - Pick: pick
        choices: [old, keep]
      - Other: other
        datatype: multiselect
        choices: [old, keep]
        required: False
    check in: more
    ---
    event: more
    code: |
      background_response({'pick': {'choices': sent}, 'other': {'choices': sent}, 'nonsense': 3}, 'fields')
    ---
    code: |
      sent = FORM
    """


@pytest.mark.parametrize(
    "form",
    [
        "['a', 'b']",
        "{'a': 'Apple', 'b': 'Banana'}",
        "[{'a': 'Apple'}, {'b': 'Banana'}]",
        "[['a', 'Apple'], ['b', 'B']]",
    ],
)
def test_choices_that_a_check_in_gave_are_offered_and_taken(play: Open, form: str) -> None:
    session = play(SENT.replace("FORM", form))
    session.check_in("more")
    session.show()
    assert [choice.value for choice in session.screen.fields[0].choices or ()] == ["a", "b"]
    assert session.send({"pick": "c"}).rejection is not None
    session.answer({"pick": "b", "other": {"a": True, "b": False}})
    assert session.question.startswith("b ")
    assert "sent" not in session.state.internal


def test_choices_of_the_beginning_are_taken_still(play: Open) -> None:
    session = play(SENT.replace("FORM", "['a']"))
    session.check_in("more")
    session.answer({"pick": "old"})
    assert session.question.startswith("old")


def test_another_screen_has_its_own_choices(play: Open) -> None:
    session = play(SENT.replace("FORM", "['a']").replace("keep]\n        required", "keep]\n        required", 1))
    session.check_in("more")
    browser = {"client": "another"}
    outcome = session.run(browser=browser)
    assert outcome.screen is not None
    assert [choice.value for choice in outcome.screen.fields[0].choices or ()] == ["old", "keep"]


TARGETED = """
    mandatory: True
    question: Food?
    fields:
      - Food: food
    under: |
      [TARGET place] ${ note }
    check in: look
    ---
    event: look
    code: |
      word = action_argument('food').upper()
      note
    ---
    template: note
    content: |
      You like ${ showifdef('word', 'nothing') }
    target: place
    """


def test_a_template_with_a_target_that_code_comes_to_is_sent(play: Open) -> None:
    session = play(TARGETED)
    for food in ("plums", "figs"):
        (command,) = session.check_in("look", food=food).commands
        assert command["value"]["target"] == "place"  # type: ignore[index]
        assert food.upper() in command["value"]["content"]  # type: ignore[index]
    session.show()
    assert "FIGS" in session.screen.parts["under"]


def test_a_check_in_that_needs_a_question_tells_the_author(play: Open) -> None:
    outcome = play(CHECK_IN).check_in("needs")
    (said,) = outcome.effects
    assert isinstance(said, LogMessage)
    assert "'needs'" in said.message
