"""What nobody's page has: actions, names and check-ins made up by whoever sits at the browser."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from shared.authoring.functions.urls import decode_action
from shared.engine import lookup, names
from shared.engine.names import BadName
from shared.engine.request import CheckIn
from tests.unit.engine.play import Play

Open = Callable[..., Play]

PRICE = """
    mandatory: True
    code: |
      price = 100
    ---
    mandatory: True
    question: |
      It costs ${ price }. <${ url_ask(['color', {'set': [{'price': 80}]}]) }>
    ---
    question: Color?
    fields:
      - Color: color
    ---
    event: overview
    question: Overview
    review:
      - Free of charge:
          - set:
              - price: 0
        button: Free of charge
    """


@pytest.fixture
def shop(play: Open) -> Play:
    return play(PRICE)


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        ("_da_set", {"variables": [{"price": 1}]}),
        ("_da_set", {"variables": {"price": 1}}),
        ("_da_force_ask", {"variables": [{"set": [{"price": 1}]}]}),
        ("_da_force_ask", {"variables": {"set": {"price": 1}}}),
        ("_da_force_ask", {"variables": [{"action": "_da_set", "arguments": {"variables": [{"price": 1}]}}]}),
        ("_da_follow_up", {"variables": [{"set": [{"price": 1}]}]}),
        ("_da_list_edit", {"items": [{"action": "_da_set", "arguments": {"variables": [{"price": 1}]}}]}),
        (
            "_da_priority_action",
            {"_action": "_da_force_ask", "_arguments": {"variables": [{"set": [{"price": 1}]}]}},
        ),
    ],
)
def test_a_value_that_no_page_offered_is_not_set(shop: Play, action: str, arguments: dict[str, Any]) -> None:
    shop.act(action, **arguments)
    assert shop.variables["price"] == 100


def test_a_link_that_the_interview_made_sets_what_it_says(shop: Play) -> None:
    code = shop.question.partition("action=")[2].rstrip(">")
    action, arguments = decode_action(code)
    shop.act(action, **arguments)
    shop.fill("red")
    assert shop.variables["price"] == 80


def test_a_button_of_a_review_screen_sets_what_it_says(shop: Play) -> None:
    shop.act("overview")
    options = shop.screen.fields[0].options
    shop.act(str(options.get("action") or shop.screen.fields[0].variable), **dict(options.get("arguments") or {}))
    assert shop.variables["price"] == 0


def test_a_check_in_cannot_call_the_actions_of_the_engine(shop: Play) -> None:
    shop.run(check_in=CheckIn(action="_da_undefine", values={"variables": "price"}))
    assert shop.variables["price"] == 100


def test_a_name_does_not_reach_into_code(shop: Play) -> None:
    """What all sessions of a process share must stay as it is."""
    space = {"datetime": datetime, "Play": Play}
    assert not lookup.remove(space, "datetime.timedelta")
    assert not lookup.remove(space, "Play.show")
    for name in ("datetime.timedelta", "Play.show"):
        with pytest.raises(TypeError):
            lookup.assign(space, name, None)
    assert datetime.timedelta is not None
    assert Play.show is not None


def test_names_that_grow_without_end_are_none(shop: Play) -> None:
    assert len(names.variants("a" + "[0]" * 31)) < 10_000
    with pytest.raises(BadName):
        names.parts_of("a" + "[0]" * 100)
    shop.act("a" + "[0]" * 100)
    assert shop.question.startswith("It costs 100")
