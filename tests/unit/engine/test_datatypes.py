"""Datatypes of authors (docs fields.md, "Custom data types")."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.engine.play import Play
from tests.unit.language.sample import Pack

Open = Callable[..., Play]

MODULE = """
from docassemble.base.util import CustomDataType, DAValidationError

class Fish(CustomDataType):
    name = "fishtype"
    input_class = "fish"
    jq_message = "No such fish."
    parameters = ["water"]
    code_parameters = ["most"]

    @classmethod
    def validate(cls, item, variable_name, data):
        if len(item) > data["most"]:
            raise DAValidationError(variable_name + " is too long for " + data["water"])
        return item != "cow"

    @classmethod
    def transform(cls, item, variable_name, data):
        return item.upper()

    @classmethod
    def default_for(cls, item, variable_name, data):
        return item.lower()

class Old(CustomDataType):
    name = "oldfish"

    @classmethod
    def transform(cls, item):
        return item + "!"
"""


@pytest.fixture
def session(play: Open, pack: Pack) -> Play:
    pack.write(MODULE, "fish.py")
    return play("""
        mandatory: True
        question: Fish?
        fields:
          - Fish: fish
            datatype: fishtype
            water: salt
            most: 2 + 2
          - Old: old
            datatype: oldfish
        ---
        mandatory: True
        question: ${ fish } ${ old }
        """)


def test_the_class_reads_the_value_and_describes_the_input(session: Play) -> None:
    custom = session.screen.fields[0].options["custom"]
    assert (custom["input_class"], custom["parameters"]) == ("fish", {"water": "salt", "most": 4})
    session.answer({"fish": "cod", "old": "eel"})
    assert session.question == "COD eel!"


@pytest.mark.parametrize(
    ("sent", "message"), [("salmon", "fish is too long for salt"), ("cow", "You need to enter a valid value.")]
)
def test_what_the_class_refuses_is_refused(session: Play, sent: str, message: str) -> None:
    outcome = session.send({"fish": sent, "old": "eel"})
    assert outcome.rejection is not None
    assert outcome.rejection.fields == {"fish": message}


def test_the_present_value_is_shown_as_the_class_says(session: Play) -> None:
    session.answer({"fish": "cod", "old": "eel"})
    session.act("fish")
    assert session.screen.fields[0].default == "cod"
