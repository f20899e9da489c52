"""DAObject: attributes that are missing say their full name; names follow objects."""

from __future__ import annotations

import pytest

from shared.authoring import memory
from shared.authoring.errors import MissingAttribute
from shared.authoring.objects import DADict, DAList, DAObject, Individual, Thing
from tests.unit.authoring.plain import plain_step


class Fish(DAObject):
    @property
    def complete(self) -> bool:
        return bool(self.species)

    @property
    def guarded(self) -> int:
        if not hasattr(self, "_guarded"):
            self.raise_undefined_attribute_error("guarded")
        return self._guarded

    @guarded.setter
    def guarded(self, value: int) -> None:
        self._guarded = value


def missing(action) -> str:
    with pytest.raises(MissingAttribute) as caught:
        action()
    return caught.value.variable


def test_a_missing_attribute_is_named_by_the_intrinsic_name_not_the_alias():
    branch = DAObject("long_branch")
    tree = DAObject("tree", branch=branch)
    assert missing(lambda: tree.branch.length) == "long_branch.length"


def test_hasattr_and_getattr_with_default_ask_nothing():
    client = Individual("client")
    assert not hasattr(client, "birthdate")
    assert getattr(client, "birthdate", 7) == 7
    assert client.attr("birthdate") is None
    assert not client.attribute_defined("birthdate")


def test_dunder_attributes_are_never_sought():
    with pytest.raises(AttributeError) as caught:
        _ = DAObject("x").__wrapped__
    assert not isinstance(caught.value, MissingAttribute)


def test_a_property_that_misses_something_names_what_it_misses():
    assert missing(lambda: Fish("fish").complete) == "fish.species"


def test_a_getter_may_raise_for_its_own_name_and_a_setter_is_used():
    fish = Fish("fish")
    assert missing(lambda: fish.guarded) == "fish.guarded"
    fish.guarded = 3
    assert fish.guarded == 3
    assert "guarded" not in fish.__dict__


def test_initialize_attribute_keeps_what_is_there_and_reinitialize_replaces_it():
    recipe = DAObject("recipe")
    first = recipe.initializeAttribute("oven", DAObject, temperature=300)
    assert first.instanceName == "recipe.oven"
    assert recipe.initializeAttribute("oven", Thing) is first
    second = recipe.reInitializeAttribute("oven", Thing.using(color="red"))
    assert recipe.oven is second
    assert (type(second), second.color) == (Thing, "red")


def test_using_gives_attributes_and_what_is_given_later_wins():
    kind = Thing.using(owner="client", size=1).using(size=2)
    made = kind("box", size=3)
    assert (made.owner, made.size, kind("other").size) == ("client", 3, 2)
    assert kind.__name__ == "Thing"


def test_delattr_forgets_what_may_be_missing():
    client = DAObject("client", birthdate="1990")
    client.delattr("birthdate", "sibling_count")
    assert not hasattr(client, "birthdate")


def test_invalidate_attr_goes_through_the_step_so_that_the_value_becomes_a_default():
    with plain_step() as step:
        client = step.namespace["client"] = DAObject("client", age=3)
        client.invalidate_attr("age", "height")
        assert step.internal["dirty"] == {"client.age": 3}
        assert not hasattr(client, "age")


def test_getattr_fresh_has_the_attribute_computed_again():
    with plain_step() as step:
        client = step.namespace["client"] = DAObject("client", total=1)
        step.answers["client.total"] = 2
        assert client.getattr_fresh("total") == 2


def test_attr_name_is_the_full_name():
    assert DAObject("person[3]").attr_name("birthdate") == "person[3].birthdate"


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ("turnip", "turnip"),
        ("park.front_gate", "front gate in the park"),
        ("recipient[3]", "fourth recipient"),
        ("player['beneficiary']", "beneficiary player"),
        ("case.plaintiff[0]", "first plaintiff in the case"),
        ("person[1].child[0]", "first child in the second person"),
        ("foods['fr.uit']", "fr.uit foods"),
    ],
)
def test_object_name(name, spoken):
    assert DAObject(name).object_name() == spoken
    assert str(DAObject(name)) == spoken


def test_an_object_with_a_name_is_shown_by_it():
    assert f"{DAObject('apple', name='apples')}" == "apples"


def test_object_possessive():
    assert DAObject("turnip").object_possessive("leaves") == "the turnip's leaves"
    assert DAObject("park.front_gate").object_possessive("latch") == "the latch of the front gate in the park"


def test_object_possessive_of_the_user():
    with plain_step() as step:
        user = Individual("user")
        step.step[memory.INFO] = {"user": user}
        assert user.object_possessive("name") == "your name"


def test_objects_are_ordered_by_their_text():
    pear, apple = DAObject("pear"), DAObject("apple")
    assert sorted([pear, apple]) == [apple, pear]
    assert pear > apple
    assert apple <= pear


class TestCopies:
    def company(self) -> DAObject:
        company = DAObject("orig", company_name="Acme")
        company.initializeAttribute("ceo", Individual)
        company.initializeAttribute("staff", DAList.using(object_type=Individual))
        company.staff.appendObject()
        company.staff.gathered = True
        company.tags = {"a": [DAObject("orig.tag")]}
        return company

    def test_shallow_shares_what_is_inside(self):
        company = self.company()
        copy = company.copy_shallow("other")
        assert copy.instanceName == "other"
        assert copy is not company
        assert copy.ceo is company.ceo
        assert copy.ceo.instanceName == "orig.ceo"

    def test_deep_copies_and_renames_everything(self):
        company = self.company()
        copy = company.copy_deep("other")
        assert copy.ceo is not company.ceo
        assert copy.ceo.name.instanceName == "other.ceo.name"
        assert copy.staff[0].name.instanceName == "other.staff[0].name"
        assert copy.tags["a"][0].instanceName == "other.tag"
        assert company.staff[0].name.instanceName == "orig.staff[0].name"

    def test_a_shallow_copy_of_a_list_has_a_list_of_its_own(self):
        fruit = DAList("fruit", elements=["apple"])
        copy = fruit.copy_shallow("more")
        copy.append("pear")
        assert list(fruit) == ["apple"]

    def test_renaming_leaves_alone_what_only_looks_alike(self):
        owner = DAObject("a")
        owner.other = DAObject("ab.c")
        owner.alias = DAObject("elsewhere")
        owner._set_instance_name_recursively("z")
        assert (owner.other.instanceName, owner.alias.instanceName) == ("ab.c", "elsewhere")

    def test_renaming_survives_a_cycle(self):
        one, two = DAObject("one"), DAObject("one.two")
        one.two, two.one = two, one
        one._set_instance_name_recursively("uno")
        assert (one.instanceName, two.instanceName) == ("uno", "uno.two")


def test_state_is_the_dict_and_nothing_else():
    """The codec decodes with ``cls.__new__`` and a dict update."""
    original = DADict("d", object_type=DAObject, keys=["a"])
    revived = DADict.__new__(DADict)
    revived.__dict__.update(original.__dict__)
    assert revived["a"] is original["a"]
    assert missing(lambda: revived.there_is_another) == "d.there_is_another"
