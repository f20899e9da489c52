"""Answers to ``list collect``: items filled in, added, taken away, and the end of the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.engine.play import Play

Open = Callable[..., Play]


def test_list_collect_repeats_the_fields(play: Open) -> None:
    session = play("""
        objects:
          - fruit: DAList.using(object_type=Thing, there_are_any=True, complete_attribute='seeds')
        ---
        mandatory: True
        code: |
          fruit.appendObject()
          fruit.appendObject()
        ---
        mandatory: True
        code: |
          fruit.gather()
        ---
        question: Fruit
        fields:
          - Name: fruit[i].name.text
          - Seeds: fruit[i].seeds
            datatype: integer
        list collect: True
        ---
        question: More?
        yesno: fruit.there_is_another
        ---
        mandatory: True
        question: ${ comma_and_list(item.seeds for item in fruit) }
        """)
    assert session.fields == ["fruit[0].name.text", "fruit[0].seeds", "fruit[1].name.text", "fruit[1].seeds"]
    session.fill("fig", 1, "kiwi", 2)
    assert session.question == "1 and 2"


COLLECT = """
    objects:
      - fruit: DAList.using(object_type=Thing, there_are_any=True, complete_attribute='seeds')
    ---
    mandatory: True
    question: ${ comma_and_list(item.name.text for item in fruit) }
    ---
    question: Fruit
    fields:
      - Name: fruit[i].name.text
      - Seeds: fruit[i].seeds
        datatype: integer
    list collect:
      label: Fruit ${ i + 1 }
      is final: False
    ---
    question: More?
    yesno: fruit.there_is_another
    """


def _fruit(*names: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for index, name in enumerate(names):
        values |= {f"fruit[{index}].name.text": name, f"fruit[{index}].seeds": index}
    return values


def test_list_collect_takes_items_that_the_user_added(play: Open) -> None:
    session = play(COLLECT.replace("      is final: False\n", ""))
    described = session.screen.options["list collect"]
    assert (described["list"], described["count"], described["labels"]) == ("fruit", 1, ["Fruit 1"])
    session.answer(_fruit("fig", "kiwi", "plum"))
    assert session.question == "fig, kiwi, and plum"


@pytest.mark.parametrize(
    ("label", "first"),
    [("Fruit ${ i + 1 }", []), ("The ${ ordinal(i) } fruit", ["The second fruit", "The third fruit"]),
     ("${ ['Fig', 'Kiwi'][i] }", ["Kiwi"])],
)  # fmt: skip
def test_items_that_are_added_have_labels_that_counting_does_not_make(play: Open, label: str, first: list[str]) -> None:
    session = play(COLLECT.replace("Fruit ${ i + 1 }", label))
    further = session.screen.options["list collect"]["further labels"]
    assert further[:2] == first


@pytest.mark.parametrize(
    ("kind", "field"), [("DAList", "plant[i]"), ("DAList.using(object_type=Thing)", "plant[i].name.text")]
)
def test_list_collect_ends_the_list(play: Open, kind: str, field: str) -> None:
    """Nobody is asked for another, and no block needs to say that there is none."""
    session = play(f"""
        objects:
          - plant: {kind}
        ---
        mandatory: True
        question: ${{ plant.number_as_word() }} plants
        ---
        question: Are there plants?
        yesno: plant.there_are_any
        ---
        question: Tell me about your plants.
        fields:
          - Name: {field}
        list collect: True
        """)
    session.press("Yes")
    session.answer({field.replace("i", "0", 1): "fern", field.replace("i", "1", 1): "ivy"})
    assert session.question == "two plants"


def test_list_collect_checks_added_items_too(play: Open) -> None:
    session = play(COLLECT)
    outcome = session.send({**_fruit("fig", "kiwi"), "fruit[1].seeds": "many"})
    assert outcome.rejection is not None
    assert set(outcome.rejection.fields) == {"fruit[1].seeds"}


def test_list_collect_leaves_no_gaps(play: Open) -> None:
    outcome = play(COLLECT).send({**_fruit("fig"), "fruit[5].name.text": "far"})
    assert outcome.rejection is not None


def test_list_collect_deletes_and_goes_on_unless_it_is_final(play: Open) -> None:
    session = play(COLLECT)
    session.answer(_fruit("fig", "kiwi"))
    assert session.fields == [*_fruit("fig", "kiwi"), "fruit[2].name.text", "fruit[2].seeds"]
    session.answer({**_fruit("", "kiwi", "plum"), "_da_list_collect_delete": [0]})
    assert session.question == "Fruit"
    assert session.fields[0] == "fruit[0].name.text"
    assert session.screen.fields[0].default == "kiwi"


def test_list_collect_shows_the_item_that_is_sought_although_others_are_there(play: Open) -> None:
    session = play("""
        objects:
          - fruit: DAList.using(there_are_any=True)
        ---
        mandatory: True
        scan for variables: False
        code: |
          fruit[0] = 'fig'
          fruit.there_is_another = True
        ---
        question: Fruit
        fields:
          - Name: fruit[i]
        list collect: True
        ---
        question: More?
        yesno: fruit.there_is_another
        ---
        mandatory: True
        question: ${ fruit }
        """)
    assert session.fields == ["fruit[0]", "fruit[1]"]
    assert session.screen.options["list collect"]["count"] == 2
    session.fill("fig", "kiwi")
    assert session.question == "fig and kiwi"
