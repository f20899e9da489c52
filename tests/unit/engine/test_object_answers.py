"""Answers that are objects: chosen, made, nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.engine.play import Play

Open = Callable[..., Play]


def test_object_choices_are_the_objects_themselves(play: Open) -> None:
    session = play("""
        objects:
          - anne: Individual.using(name='Anne')
          - bob: Individual
        ---
        mandatory: True
        code: |
          bob.name.first = 'Bob'
          bob.name.last = 'B'
        ---
        mandatory: True
        question: Who?
        fields:
          - Who: who
            datatype: object_radio
            choices:
              - bob
        ---
        mandatory: True
        question: ${ who.name.first } ${ who is bob }
        """)
    field = session.screen.fields[0]
    assert [(choice.label, choice.value) for choice in field.choices or ()] == [("Bob B", "bob")]
    session.answer({"who": "bob"})
    assert session.question == "Bob True"


def test_the_specific_object_is_set_and_made_if_need_be(play: Open) -> None:
    session = play("""
        objects:
          - user: Individual
        ---
        mandatory: True
        question: Ask
        fields:
          - First: user.name.first
        ---
        mandatory: True
        question: ${ user.name.first }
        """)
    assert "user" not in session.variables
    session.fill("Ann")
    assert session.question == "Ann"


@pytest.mark.parametrize("sent", [[[1]], {"a": 1}, 5, True, None, "", "None"])
def test_an_object_is_chosen_by_its_name(play: Open, sent: Any) -> None:
    session = play("""
        objects:
          - bob: Thing.using(name='Bob')
        ---
        mandatory: True
        question: Who?
        fields:
          - Who: who
            datatype: object
            choices:
              - bob
        """)
    outcome = session.send({"who": sent})
    assert outcome.rejection is not None
    assert "who" in outcome.rejection.fields


def test_nobody_chosen_leaves_the_object_whose_attributes_are_given(play: Open) -> None:
    session = play("""
        objects:
          - cook: Thing.using(name='Cook')
          - gardener: Individual
        ---
        mandatory: True
        question: Who?
        fields:
          - Who: gardener
            datatype: object
            choices:
              - cook
            required: False
            disable others: True
          - First name: gardener.name.first
        ---
        mandatory: True
        question: ${ gardener.name.first }
        """)
    session.answer({"gardener": None, "gardener.name.first": "Ada"})
    assert session.question == "Ada"


def test_none_of_the_above_does_not_define_an_object(play: Open) -> None:
    session = play("""
        objects:
          - cook: Thing.using(name='Cook')
        ---
        question: Who?
        fields:
          - Who: who
            datatype: object_radio
            choices:
              - cook
            none of the above: True
        continue button field: asked
        ---
        mandatory: True
        code: |
          asked
        ---
        mandatory: True
        question: ${ defined('who') }
        """)
    session.answer({"who": None})
    assert session.question == "False"
