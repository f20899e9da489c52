"""DADict and DASet: what gathering asks, checkboxes, and that a dictionary is a dictionary."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.authoring.errors import MissingAttribute, MissingItem
from shared.authoring.objects import (
    DADefaultDict,
    DADict,
    DAList,
    DAObject,
    DAOrderedDict,
    DASet,
    Individual,
    Thing,
)
from tests.unit.authoring.plain import plain_step


@pytest.fixture
def step():
    with plain_step() as running:
        yield running


def one_by_one(*values: object):
    remaining = iter(values)
    return lambda: next(remaining)


class TestGatheringADict:
    def test_key_then_value_then_another(self, step):
        fruit = step.namespace["fruit"] = DADict("fruit")
        step.answers.update(
            {
                "fruit.there_are_any": True,
                "fruit.new_item_name": one_by_one("pear", "apple"),
                "fruit['pear']": 4,
                "fruit['apple']": 8,
                "fruit.there_is_another": one_by_one(True, False),
            }
        )
        assert step.run(fruit.items) == [("apple", 8), ("pear", 4)]
        assert step.asked == [
            "fruit.there_are_any",
            "fruit.new_item_name",
            "fruit['pear']",
            "fruit.there_is_another",
            "fruit.new_item_name",
            "fruit['apple']",
            "fruit.there_is_another",
        ]
        assert not hasattr(fruit, "new_item_name")

    def test_a_value_given_with_the_key_is_taken(self, step):
        fruit = step.namespace["fruit"] = DADict("fruit", there_are_any=True)

        def both() -> str:
            fruit.new_item_value = 3
            return "apple"

        step.answers.update({"fruit.new_item_name": both, "fruit.there_is_another": False})
        assert step.run(fruit.items) == [("apple", 3)]
        assert not hasattr(fruit, "new_item_value")

    def test_objects_are_made_and_completed(self, step):
        pet = step.namespace["pet"] = DADict("pet", object_type=Thing, minimum_number=1)
        step.answers.update({"pet.new_item_name": "cat", "pet['cat'].name.text": "Tom", "pet.there_is_another": False})
        assert [str(value) for value in step.run(pet.values)] == ["Tom"]
        assert step.asked == ["pet.new_item_name", "pet['cat'].name.text", "pet.there_is_another"]

    def test_keys_given_beforehand(self, step):
        income = step.namespace["income"] = DADict("income", keys=["job", "aid"], there_is_another=False)
        step.answers.update({"income['job']": 10, "income['aid']": 20})
        assert step.run(income.items) == [("aid", 20), ("job", 10)]
        assert step.asked == ["income['job']", "income['aid']"]

    def test_keys_given_beforehand_with_a_type(self, step):
        income = step.namespace["income"] = DADict(
            "income", object_type=DAObject, keys=("job",), there_is_another=False, complete_attribute="complete"
        )
        step.answers["income['job'].complete"] = True
        assert step.run(income.number) == 1
        assert income.keys() == ["job"]

    def test_target_number(self, step):
        fruit = step.namespace["fruit"] = DADict("fruit", ask_number=True)
        step.answers.update({"fruit.target_number": 1, "fruit.new_item_name": "fig", "fruit['fig']": 5})
        assert step.run(fruit.number) == 1
        assert step.asked == ["fruit.target_number", "fruit.new_item_name", "fruit['fig']"]

    def test_the_question_about_another_shows_the_keys(self, step):
        fruit = step.namespace["fruit"] = DADict("fruit", elements={"b": 1, "a": 2})
        assert str(fruit) == "a and b"
        assert list(DAOrderedDict("o", elements={"b": 1, "a": 2})) == ["b", "a"]


class TestADict:
    def test_a_missing_value_is_asked_for(self):
        with pytest.raises(MissingItem) as caught:
            DADict("fruit", gathered=True)["apple's"]
        assert caught.value.variable == 'fruit["apple\'s"]'

    def test_a_missing_object_is_made(self):
        people = DADict("people", object_type=Individual, gathered=True)
        assert people["boss"].name.instanceName == "people['boss'].name"

    def test_a_default_dict_has_its_default(self):
        assert DADefaultDict("d", gathered=True, default=0)["x"] == 0

    def test_new_unpacks_lists(self):
        jobs = DADict("jobs", gathered=True)
        jobs.new("clerk", ["boss", "cook"], shift="night")
        assert jobs.keys() == ["boss", "clerk", "cook"]
        assert jobs["cook"].shift == "night"

    def test_get_and_has_key_ask_nothing(self):
        fruit = DADict("fruit")
        assert fruit.get("a") is None
        assert fruit.get("a", 3) == 3
        assert not fruit.has_key("a")
        with pytest.raises(MissingAttribute):
            "a" in fruit

    def test_item(self):
        fruit = DADict("fruit", elements={"a": 1})
        assert (fruit.item("a"), str(fruit.item("b").seeds)) == (1, "")

    def test_changing(self):
        fruit = DADict("fruit", gathered=True)
        fruit.update({"a": 1}, b=2)
        assert fruit.setdefault("a", 9) == 1
        assert fruit.pop("b") == 2
        fruit.delitem("a", "nothing")
        assert fruit.there_are_any is False
        with pytest.raises(KeyError):
            fruit.pop("a")

    def test_slice(self):
        income = DADict("income", elements={"a": 1, "b": 5, "c": 9})
        assert income.slice("a", "z", "c").items() == [("a", 1), ("c", 9)]
        assert income.slice(lambda value: value > 4).keys() == ["b", "c"]

    def test_invalidate_item_and_getitem_fresh(self, step):
        d = step.namespace["d"] = DADict("d", elements={"a": 1})
        step.answers["d['a']"] = 2
        assert d.getitem_fresh("a") == 2
        d.invalidate_item("a", "b")
        assert step.internal["dirty"] == {"d['a']": 2}


class TestCheckboxes:
    @pytest.fixture
    def choices(self):
        return DADict("choices", elements={"red": True, "green": False, "blue": True})

    def test_values(self, choices):
        assert str(choices.true_values()) == "blue and red"
        assert list(choices.true_values(insertion_order=True)) == ["red", "blue"]
        assert isinstance(choices.false_values(), DAList)
        assert list(choices.false_values()) == ["green"]

    @pytest.mark.parametrize(
        ("method", "keys", "exclusive", "result"),
        [
            ("all_true", (), False, False),
            ("all_true", ("red", "blue"), False, True),
            ("all_true", ("red",), True, False),
            ("all_true", ("red", "blue"), True, True),
            ("all_false", (), False, False),
            ("all_false", ("green",), True, True),
            ("any_true", (), False, True),
            ("any_true", ("green",), False, False),
            ("any_false", ("red",), False, False),
            ("all_true", ("violet",), False, False),
        ],
    )
    def test_truth(self, choices, method, keys, exclusive, result):
        assert getattr(choices, method)(*keys, exclusive=exclusive) is result


class TestSets:
    def test_items_are_asked_for_one_by_one_and_doubles_do_not_count(self, step):
        fruit = step.namespace["fruit"] = DASet("fruit", ask_number=True)
        step.answers.update({"fruit.target_number": 2, "fruit.new_item": one_by_one("a", "a", "b")})
        assert step.run(lambda: list(fruit)) == ["a", "b"]
        assert step.asked == ["fruit.target_number", *["fruit.new_item"] * 3]

    def test_objects_are_ordered_by_their_variable(self):
        pear, apple = Individual("pear"), Individual("apple")
        favorites = DASet("favorites", elements={pear, apple})
        assert list(favorites) == [apple, pear]

    def test_algebra_gives_sets_of_the_same_class(self):
        one, two = DASet("one", elements={1, 2}), DASet("two", elements={2, 3})
        assert one.intersection(two) == {2}
        assert isinstance(one | two, DASet)
        assert (one | two) == {1, 2, 3}
        assert (one - two) == {1}
        assert (one ^ two) == {1, 3}
        assert one & two == {2}
        assert one.issuperset([1])
        assert one.isdisjoint([9])

    def test_of_lists_they_are_plain_sets(self):
        assert DAList("l", elements=[1, 2]).union([3]) == {1, 2, 3}
        assert type(DAList("l", elements=[1]).difference([3])) is set

    def test_changing(self):
        fruit = DASet("fruit", gathered=True)
        fruit.add("a", "b")
        fruit.discard("z")
        assert fruit.pop() == "a"
        with pytest.raises(KeyError):
            fruit.remove("z")


@given(
    st.lists(
        st.tuples(st.sampled_from(["set", "delete", "pop", "default"]), st.sampled_from("abcde"), st.integers()),
        max_size=30,
    )
)
def test_acts_like_a_dict(steps):
    gathered, plain = DADict("d", gathered=True), {}
    for kind, key, number in steps:
        if kind == "set":
            gathered[key] = plain[key] = number
        elif kind == "delete":
            gathered.delitem(key)
            plain.pop(key, None)
        elif kind == "pop":
            assert gathered.pop(key, None) == plain.pop(key, None)
        else:
            assert gathered.setdefault(key, number) == plain.setdefault(key, number)
    assert gathered == plain
    assert gathered.keys() == sorted(plain)
    assert gathered.items() == sorted(plain.items())
    assert len(gathered) == len(plain)


@given(st.dictionaries(st.text("xyz", min_size=1), st.booleans(), min_size=1))
def test_the_questions_about_checkboxes_agree_with_each_other(ticked):
    choices = DADict("c", elements=ticked)
    assert choices.all_true() == (not choices.any_false())
    assert choices.all_false() == (not choices.any_true())
    assert sorted([*choices.true_values(), *choices.false_values()]) == sorted(ticked)
    assert choices.all_true(*choices.true_values(), exclusive=True) or not choices.any_true()
