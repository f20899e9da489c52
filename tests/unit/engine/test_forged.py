"""What nobody's page has: actions, names and check-ins made up by whoever sits at the browser."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from shared.authoring.text.urls import decode_action
from shared.engine.doing import actions
from shared.engine.naming import lookup, names
from shared.engine.naming.names import BadName
from shared.engine.request import Action, CheckIn
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


PLANTS = """
    objects:
      - plants: DAList.using(there_are_any=True, there_is_another=False)
      - prices: DADict.using(there_are_any=True, there_is_another=False)
    ---
    question: Which plant?
    fields:
      - Plant: plants[i]
    ---
    code: |
      prices.new_item_name = 'pears'
    ---
    code: |
      prices[i] = 3
    ---
    mandatory: True
    code: |
      plants.gather()
      prices.gather()
    ---
    mandatory: True
    question: ${ len(plants) } grow.
    """


@pytest.fixture
def garden(play: Open) -> Play:
    session = play(PLANTS)
    session.fill("bean")
    assert session.question == "1 grow."
    return session


@pytest.mark.parametrize(
    ("action", "arguments", "why"),
    [
        ("_da_nothing", {}, "no action '_da_nothing'"),
        ("_da_list_²", {}, "no action '_da_list_²'"),
        ("_da_define", {}, "needs the argument variables"),
        ("_da_define", {"variables": [5]}, "a int is not the name"),
        ("_da_define", {"variables": ["²"]}, "'²' is not the name"),
        ("_da_define", {"variables": ["plants[²]"]}, "is not the name"),
        ("_da_define", {"variables": ["nothing_such"]}, "no block defines 'nothing_such'"),
        ("_da_define", {"variables": ["plants[99]"]}, "_da_define"),
        ("_da_define", {"variables": ["plants['²']"]}, "_da_define"),
        ("_da_undefine", {}, "needs the argument variables"),
        ("_da_undefine", {"variables": [None]}, "nothing is not the name"),
        ("_da_invalidate", {"variables": [{"a": 1}]}, "a dict is not the name"),
        ("_da_invalidate", {"variables": ["1+1"]}, "'1+1' is not the name"),
        ("_da_compute", {"variables": [["plants"]]}, "a list is not the name"),
        ("_da_set", {"variables": 7}, "does not say what to set"),
        ("_da_set", {"variables": [{"²": 1}]}, "is not the name"),
        ("_da_force_ask", {"variables": [{"undefine": [5]}]}, "_da_undefine: a int"),
        ("_da_force_ask", {"variables": ["plants", {"action": "_da_define"}]}, "needs the argument variables"),
        ("_da_force_ask", {"variables": [{"action": "_da_list_add", "arguments": 7}]}, "must be an object"),
        ("_da_follow_up", {"variables": [{"colour": "red"}]}, "neither a name nor an action"),
        ("_da_priority_action", {}, "is not the name of an action"),
        ("_da_priority_action", {"_action": "plants", "_arguments": []}, "must be an object"),
        ("_da_list_edit", {}, "needs the argument items"),
        ("_da_list_edit", {"items": 5}, "a int is not the name"),
        ("_da_list_add", {}, "nothing is not the name"),
        ("_da_list_add", {"list": "nothing_such"}, "no block defines"),
        ("_da_list_add", {"list": "url_args"}, "no group"),
        ("_da_list_add", {"list": "plants", "_before": "many"}, "no argument _before"),
        ("_da_dict_complete", {"dict": ["prices"]}, "a list is not the name"),
        ("_da_list_remove", {"list": "plants"}, "nothing names no item"),
        ("_da_list_remove", {"list": "plants", "item": "²"}, "'²' names no item"),
        ("_da_list_remove", {"list": "plants", "item": "'pears'"}, "has a number"),
        ("_da_dict_remove", {"dict": "prices", "item": "[]"}, "names no item"),
        ("_da_list_reorder", {"list": "plants", "item": 0}, "cannot be moved by nothing"),
        ("_da_list_reorder", {"list": "plants", "item": 0, "by": "²"}, "cannot be moved by '²'"),
    ],
)
def test_an_action_that_cannot_be_meant_is_refused_and_says_why(
    garden: Play, action: str, arguments: dict[str, Any], why: str
) -> None:
    assert why in garden.refused(action, **arguments)


def test_actions_in_actions_end_somewhere(garden: Play) -> None:
    inner: dict[str, Any] = {"_action": "plants"}
    for _ in range(30):
        inner = {"_action": "_da_priority_action", "_arguments": inner}
    assert "in one another" in garden.refused("_da_priority_action", **inner)


def test_what_is_not_there_any_more_is_no_mistake(garden: Play) -> None:
    garden.act("_da_list_remove", list="plants", item="7")
    garden.act("_da_dict_remove", dict="prices", item="'plums'")
    garden.act("_da_list_reorder", list="plants", item="0", by=1)
    assert garden.question == "1 grow."


def test_a_mistake_of_the_author_in_an_action_stays_one(play: Open) -> None:
    session = play("""
        event: broken
        code: |
          [][url_args['by'] if 'by' in url_args else 0]
        ---
        code: |
          colour = nothing_such
        ---
        mandatory: True
        question: Hello.
        """)
    for name in ("broken", "colour"):
        outcome = session.run(action=Action(name=name))
        assert outcome.refused is None
        assert outcome.failure is not None
    outcome = session.run(action=Action(name="_da_define", arguments={"variables": ["colour"]}))
    assert outcome.failure is not None
    assert "nothing_such" in outcome.failure.message


def test_links_that_are_followed_and_never_answered_do_not_pile_up(shop: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "_WAITING", 20)
    monkeypatch.setattr(actions, "_BROWSERS", 5)
    for number in range(30):
        shop.act("color", number=number)
    assert len(shop.state.internal["stack"]["browser"]) <= 21
    for number in range(10):
        shop.show(action=Action(name="color"), browser={"client": f"browser {number}"})
    assert list(shop.state.internal["stack"]) == [f"browser {number}" for number in range(5, 10)]
