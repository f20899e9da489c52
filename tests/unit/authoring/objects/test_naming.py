"""The name of an object whose author gave it none: the assignment says it, or nobody does."""

from __future__ import annotations

import pytest

from shared.authoring.objects import DADict, DAList, DAObject, Individual
from tests.unit.authoring.plain import plain_step


def run(source: str, **names: object) -> dict[str, object]:
    namespace: dict[str, object] = {"DAObject": DAObject, "DAList": DAList, "Individual": Individual, **names}
    with plain_step():
        exec(compile(source, "interview", "exec"), namespace)
    return namespace


def test_a_variable():
    assert run("user = Individual()")["user"].name.instanceName == "user.name"


def test_the_first_of_several_targets():
    made = run("a = b = DAObject()")
    assert made["a"].instanceName == "a"
    assert made["b"] is made["a"]


def test_an_attribute_of_an_object_goes_by_its_intrinsic_name():
    made = run("alias.best_friend = DAObject()", alias=DAObject("fish"))
    assert made["alias"].best_friend.instanceName == "fish.best_friend"


def test_an_item_whose_index_is_a_variable():
    people = DAList("people", elements=[DAObject("people[0]")])
    made = run("people[i].car = DAObject()\npeople[1] = DAObject(color='red')", people=people, i=0)
    assert made["people"][0].car.instanceName == "people[0].car"
    assert made["people"][1].instanceName == "people[1]"


def test_an_item_of_a_dictionary():
    made = run("d['a b'] = DAObject()", d=DADict("d"))
    assert made["d"].elements["a b"].instanceName == "d['a b']"


def test_what_using_made():
    assert run("x = DAList.using(object_type=DAObject)()")["x"].instanceName == "x"


@pytest.mark.parametrize(
    "source", ["a, b = DAObject(), DAObject()", "a = [DAObject()][0]", "a = (lambda: DAObject())()"]
)
def test_what_is_no_plain_assignment_gets_a_random_name(source):
    name = run(source)["a"].instanceName
    assert len(name) == 12
    assert name.isalpha()


def test_the_random_name_is_the_same_when_the_step_is_replayed():
    source = "a = [DAObject()][0]"
    assert run(source)["a"].instanceName == run(source)["a"].instanceName


def test_an_unnamed_object_is_named_by_the_attribute_it_becomes():
    """Attribute initialization does not have the limits of the magic (objects.md, "How docassemble objects are different")."""
    park = DAObject("park")
    park.gate = [Individual()][0]
    assert park.gate.instanceName == "park.gate"
    assert park.gate.name.instanceName == "park.gate.name"


def test_a_named_object_keeps_its_name():
    park = DAObject("park")
    park.gate = DAObject("cool_gate")
    assert park.gate.instanceName == "cool_gate"


def test_a_local_variable_of_a_function_is_no_name():
    def build() -> DAObject:
        the_list = DAObject()
        return the_list  # noqa: RET504

    with plain_step():
        assert build().instanceName != "the_list"


def test_a_constructor_of_a_subclass_is_passed_over():
    class Odd(DAObject):
        def __init__(self, *pargs: object, **kwargs: object) -> None:
            super().__init__(*pargs, **kwargs)

    assert run("odd = Odd()", Odd=Odd)["odd"].instanceName == "odd"


def test_outside_of_a_step_names_still_differ():
    first, second = [DAObject(), DAObject()]
    assert first.instanceName != second.instanceName
