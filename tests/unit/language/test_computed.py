"""Fields made by author code while an interview runs."""

from __future__ import annotations

from datetime import date

import pytest

from shared.language.computed import fields_from
from shared.language.errors import LanguageErrors
from shared.language.model import Expr, Place, ShowIf
from tests.unit.language.sample import source

PLACE = Place("pack:data/questions/main.yml", "Question_4", 4, 30)


class Group:
    """What an author's list object looks like from here."""

    def __init__(self, elements: object) -> None:
        self.elements = elements


def test_dicts_are_read_as_the_yaml_they_stand_for() -> None:
    apples, seeds, note, chosen = fields_from(
        [
            {"Apples of ${ name }": "num['apple']", "datatype": "integer", "min": 0, "required": False},
            {
                "label": "Seeds",
                "field": "fruit[0].seeds",
                "default": date(2026, 1, 15),
                "show if": {"variable": "a", "is": True},
            },
            {"note": "Well, ${ name }"},
            Group({"no label": "b", "choices": Group(["x", {"Y": "y"}]), "hide if": {"code": "c"}}),
        ],
        PLACE,
    )
    assert (source(apples.label), apples.variable, apples.datatype, apples.required) == (
        "Apples of ${ name }",
        "num['apple']",
        "integer",
        False,
    )
    assert apples.options["min"] == 0
    assert (seeds.variable, seeds.default, seeds.show_ifs) == (
        "fruit[0].seeds",
        date(2026, 1, 15),
        (ShowIf(variable="a", is_value=True, has_is=True),),
    )
    assert note.label is not None
    assert note.label.render({"name": "Jo"}) == "Well, Jo"
    assert chosen.choices is not None
    assert [(source(item.label), item.value) for item in chosen.choices.items] == [("x", "x"), ("Y", "y")]
    assert isinstance(chosen.show_ifs[0].code, Expr)
    assert {field.place for field in (apples, seeds, note, chosen)} == {PLACE}


def test_objects_pass_through_as_defaults() -> None:
    thing = object()
    (field,) = fields_from([{"A": "a", "default": thing}], PLACE)
    assert field.default is thing


def test_every_mistake_is_told_with_the_place_of_the_code() -> None:
    with pytest.raises(LanguageErrors) as caught:
        fields_from([{"A": "a b"}, "text", {"B": "b", "datatype": "integer", "hint": "${ x"}], PLACE)
    assert [error.place for error in caught.value.errors] == [PLACE] * 3
    assert [error["line"] for error in caught.value.data()["problems"]] == [30, 30, 30]


def test_a_structure_without_end_is_cut() -> None:
    endless: dict[str, object] = {"A": "a"}
    endless["field metadata"] = endless
    (field,) = fields_from([endless], PLACE)
    assert field.variable == "a"
