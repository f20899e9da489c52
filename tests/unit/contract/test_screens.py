"""Screens as JSON: what is always there, what is left out, and whatever an author put in."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract.encoding import encode
from shared.contract.screen import Screen, ScreenChoice, ScreenField, draw
from tests.helpers.examples import examples

TEXT = st.text(st.characters(codec=None), max_size=8)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.binary(max_size=4) | st.builds(object),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | st.integers() | st.none(), inner, max_size=3),
    max_leaves=8,
)


def test_the_protocol_is_always_there_and_silence_is_left_out() -> None:
    field = ScreenField(variable="a", label=None, datatype="text", required=True, choices=(ScreenChoice(label="Red"),))
    assert json.loads(encode(Screen(kind="fields", fields=(field,)))) == {
        "kind": "fields",
        "question": None,
        "subquestion": None,
        "fields": [
            {
                "variable": "a",
                "label": None,
                "datatype": "text",
                "required": True,
                "choices": [{"label": "Red", "value": None}],
            }
        ],
        "language": "en",
    }
    assert json.loads(encode(Screen(kind="end")))["fields"] == []


@given(ANYTHING)
@examples(100)
def test_whatever_an_author_makes_can_leave(value: Any) -> None:
    screen = Screen(kind="end", options={"x": value}, question="q")
    drawn = draw(screen, back=False)
    assert json.loads(drawn.json)["question"] == "q"
    assert msgspec.json.decode(drawn.json)["kind"] == "end"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (float("nan"), None),
        (float("-inf"), None),
        ("half \ud83d", "half ?"),
        ({"half \ud83d": 1}, {"half ?": 1}),
        ({None: 1, (1, 2): 2}, {"None": 1, "(1, 2)": 2}),
        (b"\x00\xff", "AP8="),
        (MappingProxyType({"a": MappingProxyType({})}), {"a": {}}),
        (2**70, 2**70),
        ({3}, [3]),
        (range(2), "range(0, 2)"),
    ],
)
def test_what_json_has_no_form_for(value: Any, told: Any) -> None:
    assert json.loads(encode({"v": value})) == {"v": told}


def test_what_contains_itself_is_an_error() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(RecursionError):
        draw(Screen(kind="end", options={"x": loop}), back=False)


@pytest.mark.parametrize(("wanted", "there", "told"), [(True, True, None), (True, False, False), (False, True, False)])
def test_back_needs_a_step_to_go_back_to(wanted: bool, there: bool, told: bool | None) -> None:
    drawn = draw(Screen(kind="end", back=wanted), back=there)
    assert json.loads(drawn.json).get("back") is told


def test_a_token_is_put_in_without_a_look_at_the_rest() -> None:
    drawn = draw(Screen(kind="command", command="exit", shown={"block": "b", "x": 1}), back=True)
    assert (drawn.kind, drawn.command, drawn.shown) == ("command", "exit", b'{"block":"b","x":1}')
    screen = json.loads(bytes(drawn.with_token("abc_-")))
    assert (screen["token"], screen["command"]) == ("abc_-", "exit")
    assert "shown" not in screen
