"""DAList: what gathering asks, in which order, and that a list is a list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.authoring.errors import MissingAttribute, MissingItem
from shared.authoring.objects import Address, DADict, DAList, DAObject, DASet, Individual, Thing
from tests.unit.authoring.plain import PlainContext, plain_step


@pytest.fixture
def step():
    with plain_step() as running:
        yield running


def make(step: PlainContext, name: str = "fruit", **settings: object) -> DAList:
    made = step.namespace[name] = DAList(name, **settings)
    return made


@pytest.mark.parametrize(
    "nothing",
    [
        lambda: (made := DAList("x")).extend([]) or made,
        lambda: (made := DAList("x")).delitem(3) or made,
        lambda: (made := DAList("x")).remove("a") or made,
        lambda: (made := DADict("x")).delitem("a") or made,
        lambda: (made := DADict("x")).pop("a", None) or made,
        lambda: (made := DASet("x")).discard("a") or made,
        lambda: (made := DASet("x")).add() or made,
    ],
)
def test_what_changes_nothing_does_not_answer_whether_there_are_any(nothing):
    assert not hasattr(nothing(), "there_are_any")


class TestHooks:
    def test_order(self, step):
        calls = []

        class Hooked(DAList):
            def hook_on_gather(self) -> None:
                calls.append(("on", self.has_been_gathered()))
                assert self.reason

            def hook_after_gather(self) -> None:
                calls.append(("after", self.has_been_gathered()))

            def hook_on_remove(self, item: object) -> None:
                calls.append(("remove", item))

        fruit = step.namespace["fruit"] = Hooked("fruit", minimum_number=1)
        step.answers.update({"fruit[0]": "a", "fruit.there_is_another": False, "fruit.reason": "because"})
        step.run(fruit.gather)
        assert step.asked == ["fruit[0]", "fruit.there_is_another", "fruit.reason"]
        fruit.sort()
        fruit.remove("a")
        assert calls == [("on", False), ("on", False), ("after", True), ("after", True), ("remove", "a")]


class TestItems:
    def test_an_untyped_list_has_a_missing_item_asked_for(self):
        with pytest.raises(MissingItem) as caught:
            DAList("fruit")[3]
        assert caught.value.variable == "fruit[3]"

    def test_a_typed_list_is_filled_up_to_the_index(self):
        people = DAList("people", object_type=Individual)
        assert people[2].name.instanceName == "people[2].name"
        assert len(people.elements) == 3

    def test_a_gathered_list_refuses_what_lies_outside(self):
        with pytest.raises(IndexError) as caught:
            DAList("fruit", elements=["a"])[1]
        assert not isinstance(caught.value, MissingItem)
        assert "fruit" in str(caught.value)

    def test_a_gathered_list_without_auto_gather_still_asks(self):
        with pytest.raises(MissingItem):
            DAList("fruit", auto_gather=False, gathered=True)[0]

    def test_item_is_empty_text_outside(self):
        fruit = DAList("fruit", elements=["a"])
        assert (str(fruit.item(0)), str(fruit.item(5)), str(fruit.item(5).seeds)) == ("a", "", "")

    def test_assigning_far_outside_leaves_room(self):
        fruit = DAList("fruit")
        fruit[2] = "c"
        assert fruit.elements == [None, None, "c"]

    def test_names_of_items_follow_their_index(self):
        people = DAList("people", object_type=Individual, gathered=True)
        stranger = Individual("stranger")
        for _ in range(3):
            people.appendObject()
        people.append(stranger)
        people.delitem(0)
        assert [item.instanceName for item in people] == ["people[0]", "people[1]", "stranger"]
        assert people[1].name.instanceName == "people[1].name"
        people.reverse()
        assert [item.instanceName for item in people] == ["stranger", "people[1]", "people[2]"]

    def test_append_may_take_the_object_into_the_list(self):
        people = DAList("people")
        doctor = Individual("doctor")
        people.append(doctor, set_instance_name=True)
        assert doctor.name.instanceName == "people[0].name"

    def test_elements_may_take_the_objects_into_the_list(self):
        parties = DAList("parties", elements=[Individual("plaintiff"), Individual("defendant")], set_instance_name=True)
        assert [item.instanceName for item in parties] == ["parties[0]", "parties[1]"]

    def test_append_object_of_another_class_and_with_attributes(self):
        people = DAList("people", object_type=Individual)
        assert type(people.appendObject(Address, city="Rome")) is Address
        assert people[0].city == "Rome"
        assert type(people.append_object()) is Individual

    def test_initialize_object(self):
        things = DAList("things")
        assert things.initializeObject(0, Thing).name.instanceName == "things[0].name"

    def test_filter(self):
        people = DAList("people", object_type=DAObject, gathered=True)
        people.appendObject(witness=True)
        people.appendObject(witness=False)
        found = people.filter("witnesses", witness=True)
        assert (found.instanceName, list(found)) == ("witnesses", [people[0]])
        assert people.filter(witness=True).instanceName == "people"

    def test_sum_of_two_lists(self, step):
        one = DAList("a", elements=[1])
        both = one + DAList("b", elements=[2])
        assert isinstance(both, DAList)
        assert list(both) == [1, 2]
        assert list(one + [2]) == [1, 2]  # noqa: RUF005
        assert [0] + one == [0, 1]  # noqa: RUF005

    def test_looking_for_a_list_among_lists_asks_nothing(self):
        rows = DAList("rows", elements=[DAList("rows[0]"), DAList("rows[1]", elements=["a"])])
        assert DAList("x", elements=["a"]) in rows
        assert DAList("x", elements=["b"]) not in rows

    def test_equal_to_a_plain_list_once_gathered(self):
        assert DAList("x", elements=["a"]) == ["a"]
        assert DAList("x", elements=["a"]) != ["b"]
        with pytest.raises(MissingAttribute):
            assert DAList("x") == ["a"]

    def test_item_name_and_current_index(self):
        fruit = DAList("fruit", elements=["a", "b"])
        assert (fruit.item_name(1), fruit.current_index(), DAList("x").current_index()) == ("fruit[1]", 1, 0)

    def test_first_and_last(self):
        fruit = DAList("fruit", elements=["a", "b"])
        assert (fruit.first(), fruit.last(), fruit[-1]) == ("a", "b", "b")
        with pytest.raises(IndexError):
            DAList("none", elements=[]).last()


operations = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(0, 9)),
        st.tuples(st.just("insert"), st.integers(0, 5)),
        st.tuples(st.just("remove"), st.integers(0, 9)),
        st.tuples(st.just("pop"), st.integers(0, 5)),
        st.tuples(st.just("sort"), st.integers(0, 1)),
        st.tuples(st.just("reverse"), st.integers(0, 1)),
        st.tuples(st.just("delitem"), st.integers(-3, 5)),
    ),
    max_size=25,
)


@given(operations)
def test_acts_like_a_list_and_names_follow_the_items(steps):
    """Whatever is done to it, the items are those of a plain list, and objects of the list are named after their place."""
    gathered, plain = DAList("xs", gathered=True, object_type=DAObject), []
    for kind, number in steps:
        if kind == "append":
            plain.append(gathered.appendObject(rank=number))
        elif kind == "insert":
            gathered.insert(number, made := DAObject("foreign", rank=number))
            plain.insert(number, made)
        elif kind == "remove" and plain:
            victim = plain[number % len(plain)]
            gathered.remove(victim)
            plain.remove(victim)
        elif kind == "pop" and number < len(plain):
            assert gathered.pop(number) is plain.pop(number)
        elif kind == "sort":
            gathered.sort(key=lambda item: item.rank)
            plain.sort(key=lambda item: item.rank)
        elif kind == "reverse":
            gathered.reverse()
            plain.reverse()
        elif kind == "delitem" and -len(plain) <= number < len(plain):
            gathered.delitem(number)
            del plain[number]
    assert gathered.elements == plain
    assert all(item.instanceName in {f"xs[{place}]", "foreign"} for place, item in enumerate(gathered.elements))


class OwnType(DAList):
    """As packages write it: a type of its own, unless whoever makes the list says another."""

    def init(self, *pargs, **kwargs):
        if not hasattr(self, "object_type"):
            self.object_type = Thing
        super().init(*pargs, **kwargs)


def test_a_setting_is_not_there_before_init_gave_it():
    assert OwnType("jobs").object_type is Thing
    assert OwnType("jobs", object_type=Individual).object_type is Individual
    assert DAList("jobs").object_type is None
    made = OwnType("jobs")
    assert (made.auto_gather, made.minimum_number, made.complete_attribute) == (True, None, None)
    assert set(vars(made)) == {"instanceName", "elements", "object_type"}
