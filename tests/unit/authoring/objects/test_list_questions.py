"""Lists while they are gathered: which question comes next, and gathering them again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.authoring.errors import MissingAttribute, MissingItem
from shared.authoring.objects import DAList, DAObject, Individual, Thing
from tests.unit.authoring.plain import PlainContext, plain_step


@pytest.fixture
def step():
    with plain_step() as running:
        yield running


def one_by_one(*values: object):
    remaining = iter(values)
    return lambda: next(remaining)


def make(step: PlainContext, name: str = "fruit", **settings: object) -> DAList:
    made = step.namespace[name] = DAList(name, **settings)
    return made


class TestOrderOfQuestions:
    def test_any_then_item_then_another(self, step):
        fruit = make(step)
        step.answers.update(
            {
                "fruit.there_are_any": True,
                "fruit[0]": "apples",
                "fruit[1]": "oranges",
                "fruit.there_is_another": one_by_one(True, False),
            }
        )
        assert step.run(fruit.number_as_word) == "two"
        assert str(fruit) == "apples and oranges"
        assert step.asked == [
            "fruit.there_are_any",
            "fruit[0]",
            "fruit.there_is_another",
            "fruit[1]",
            "fruit.there_is_another",
        ]

    def test_none(self, step):
        fruit = make(step)
        step.answers["fruit.there_are_any"] = False
        assert step.run(lambda: len(fruit)) == 0
        assert step.asked == ["fruit.there_are_any"]

    def test_target_number(self, step):
        fruit = make(step, ask_number=True)
        step.answers.update({"fruit.target_number": 2, "fruit[0]": "a", "fruit[1]": "b"})
        assert step.run(lambda: list(fruit)) == ["a", "b"]
        assert step.asked == ["fruit.target_number", "fruit[0]", "fruit[1]"]

    def test_target_number_is_not_asked_if_there_are_none(self, step):
        fruit = make(step, ask_number=True, there_are_any=False)
        assert step.run(lambda: list(fruit)) == []
        assert step.asked == []

    def test_minimum_number(self, step):
        fruit = make(step, minimum_number=2)
        step.answers.update({"fruit[0]": "a", "fruit[1]": "b", "fruit.there_is_another": False})
        step.run(fruit.gather)
        assert step.asked == ["fruit[0]", "fruit[1]", "fruit.there_is_another"]

    def test_arguments_of_gather_go_before_the_attributes(self, step):
        fruit = make(step, ask_number=True)
        step.answers.update({"fruit[0].name.text": "a"})
        step.run(lambda: fruit.gather(number=1, item_object_type=Thing))
        assert step.asked == ["fruit[0].name.text"]

    def test_objects_are_asked_for_what_their_text_needs(self, step):
        friend = make(step, "friend", object_type=Individual, there_are_any=True)
        step.answers.update({"friend[0].name.first": "Fred", "friend.there_is_another": False})
        assert step.run(lambda: str(friend)) == "Fred"
        assert step.asked == ["friend[0].name.first", "friend.there_is_another"]

    def test_plain_objects_are_asked_for_nothing(self, step):
        things = make(step, "things", object_type=DAObject, there_are_any=True)
        step.answers["things.there_is_another"] = False
        assert step.run(things.number) == 1
        assert step.asked == ["things.there_is_another"]

    @pytest.mark.parametrize("attribute", ["birthdate", ["name.first", "birthdate"]])
    def test_complete_attribute_goes_instead_of_the_text(self, step, attribute):
        friend = make(step, "friend", object_type=Individual, there_are_any=True, complete_attribute=attribute)
        step.answers.update({f"friend[0].{name}": "x" for name in ("name.first", "birthdate")})
        step.answers["friend.there_is_another"] = False
        step.run(friend.gather)
        wanted = [attribute] if isinstance(attribute, str) else attribute
        assert step.asked == [*(f"friend[0].{name}" for name in wanted), "friend.there_is_another"]

    def test_one_person_is_completed_before_another_is_asked_about(self, step):
        friend = make(step, "friend", object_type=Individual, there_are_any=True, complete_attribute="birthdate")
        step.answers.update(
            {
                "friend[0].birthdate": 1,
                "friend[1].birthdate": 2,
                "friend.there_is_another": one_by_one(True, False),
            }
        )
        step.run(friend.gather)
        assert step.asked == [
            "friend[0].birthdate",
            "friend.there_is_another",
            "friend[1].birthdate",
            "friend.there_is_another",
        ]

    def test_type_of_each_new_item(self, step):
        location = make(step, "location", there_are_any=True, ask_object_type=True, object_type=Thing)
        assert location.object_type is None
        step.answers.update(
            {
                "location.new_object_type": one_by_one(Thing, Individual),
                "location[0].name.text": "here",
                "location[1].name.first": "Ann",
                "location.there_is_another": one_by_one(True, False),
            }
        )
        assert step.run(lambda: [type(item) for item in location]) == [Thing, Individual]
        assert step.asked == [
            "location.new_object_type",
            "location[0].name.text",
            "location.there_is_another",
            "location.new_object_type",
            "location[1].name.first",
            "location.there_is_another",
        ]

    def test_a_promised_item_is_not_forgotten_when_something_else_is_asked_first(self, step):
        """The answer to there_is_another is used up only when the item is there."""
        fruit = make(step, elements=["a"])
        fruit.reset_gathered()
        fruit.there_is_another = True
        for _ in range(3):
            with pytest.raises(MissingItem) as caught:
                fruit.gather()
            assert caught.value.variable == "fruit[1]"

    def test_nested_lists_are_gathered_as_part_of_the_item(self, step):
        rows = make(step, "rows", object_type=DAList.using(there_are_any=True), there_are_any=True)
        step.answers.update({"rows[0][0]": "x", "rows[0].there_is_another": False, "rows.there_is_another": False})
        step.run(rows.gather)
        assert step.asked == ["rows[0][0]", "rows[0].there_is_another", "rows.there_is_another"]

    def test_manual_gathering_only_asks_whether_it_is_gathered(self, step):
        fruit = make(step, auto_gather=False)
        step.answers["fruit.gathered"] = True
        assert step.run(lambda: len(fruit)) == 0
        assert step.asked == ["fruit.gathered"]

    def test_code_may_populate_the_list_when_it_is_asked_whether_there_are_any(self, step):
        things = make(step, "things", object_type=Thing)

        def populate() -> bool:
            things.clear()
            things.appendObject(name="apple pie")
            return True

        step.answers.update({"things.there_are_any": populate, "things.there_is_another": False})
        assert step.run(lambda: str(things)) == "apple pie"


class TestWhileBeingGathered:
    def test_the_question_about_another_item_shows_what_there_is(self, step):
        fruit = make(step)
        shown = []
        step.answers.update(
            {
                "fruit.there_are_any": True,
                "fruit[0]": "apples",
                "fruit.there_is_another": lambda: shown.append(str(fruit)) or False,
            }
        )
        step.run(fruit.gather)
        assert shown == ["apples"]

    def test_the_number_is_what_the_user_said_it_will_be(self, step):
        people = make(step, "people", object_type=Individual, ask_number=True)
        counts = []
        step.answers.update(
            {
                "people.target_number": 2,
                "people[0].name.first": lambda: counts.append(people.number()) or "Ann",
                "people[1].name.first": "Bob",
            }
        )
        assert step.run(people.number) == 2
        assert counts == [2]

    def test_elsewhere_the_unfinished_list_is_gathered_first(self, step):
        fruit = make(step)
        step.answers.update({"fruit.there_are_any": True, "fruit[0]": "apples"})
        with pytest.raises(AssertionError, match="there_is_another"):
            step.run(fruit.gather)
        with pytest.raises(MissingAttribute) as caught:
            str(fruit)
        assert caught.value.variable == "fruit.there_is_another"

    def test_has_been_gathered_and_started_ask_nothing(self, step):
        fruit = make(step)
        assert not fruit.gathering_started()
        fruit.there_are_any = True
        assert fruit.gathering_started()
        assert not fruit.has_been_gathered()

    def test_number_gathered(self, step):
        fruit = make(step)
        assert fruit.number_gathered() == 0
        with pytest.raises(MissingAttribute):
            fruit.number_gathered(if_started=True)
        fruit.append("a")
        assert fruit.number_gathered(if_started=True) == 1

    def test_complete_elements(self, step):
        people = make(step, "people", object_type=Individual)
        people.appendObject().name.first = "Ann"
        people.appendObject()
        assert [str(person) for person in people.complete_elements()] == ["Ann"]
        assert people.complete_elements(complete_attribute="age").number() == 0


class TestRegathering:
    def test_reset_gathered_asks_for_more(self, step):
        fruit = make(step, elements=["a"])
        fruit.reset_gathered()
        with pytest.raises(MissingAttribute) as caught:
            len(fruit)
        assert caught.value.variable == "fruit.there_is_another"

    def test_reset_gathered_only_if_empty(self):
        fruit = DAList("fruit", elements=["a"])
        fruit.reset_gathered(only_if_empty=True)
        assert fruit.gathered

    def test_reset_gathered_recursive_and_incomplete(self):
        inner = DAList("rows[0]", elements=["a"])
        inner.complete = True
        rows = DAList("rows", elements=[inner], complete_attribute="complete")
        rows.reset_gathered(recursive=True, mark_incomplete=True)
        assert not inner.has_been_gathered()
        assert not hasattr(inner, "complete")

    def test_gathered_and_complete_completes_items_again_and_asks_for_no_more(self, step):
        people = make(step, "people", object_type=DAObject, complete_attribute="complete", gathered=True)
        people.appendObject(complete=True)
        step.answers["people[0].complete"] = True
        assert step.run(people.gathered_and_complete)
        assert step.asked == ["people[0].complete"]
        assert people.gathered
        assert "_completing" not in people.__dict__

    def test_removing_takes_back_the_promise_of_another(self):
        fruit = DAList("fruit", elements=["a", "b"])
        fruit.there_is_another = True
        fruit.remove("a")
        assert not hasattr(fruit, "there_is_another")

    def test_there_are_any_follows_the_items(self):
        fruit = DAList("fruit")
        fruit.append("a")
        assert fruit.there_are_any is True
        fruit.pop()
        assert fruit.there_are_any is False


@given(st.lists(st.text(alphabet="abc", min_size=1), max_size=6))
def test_gathering_yields_exactly_what_the_user_says(items):
    with plain_step() as step:
        fruit = step.namespace["fruit"] = DAList("fruit")
        step.answers["fruit.there_are_any"] = bool(items)
        step.answers["fruit.there_is_another"] = one_by_one(*([True] * (len(items) - 1)), False)
        step.answers.update({f"fruit[{place}]": item for place, item in enumerate(items)})
        assert step.run(lambda: list(fruit)) == items
        assert fruit.gathered
        assert fruit.revisit
        assert not {"_gathering", "_wanted"} & set(fruit.__dict__)
        assert step.asked.count("fruit.there_is_another") == len(items)
