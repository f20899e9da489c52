"""Two changes of one state become one, or are told apart as not independent; nothing is ever lost in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.state import codec
from shared.state.merging import merged
from shared.state.session import State
from tests.helpers.examples import examples
from tests.unit.state.samples import Thing, registry

CLASSES = registry()
Edit = Callable[[dict[str, Any]], None]


def start() -> bytes:
    shared = [1, 2]
    person = Thing(name="Kim", pets=["cat"], tags={"a": 1})
    state = State({"n": 1, "gone": 5, "one": shared, "two": shared, "person": person}, {"answered": {"first": True}})
    return codec.encode(state, CLASSES)


def after(base: bytes, edit: Edit) -> bytes:
    state = codec.decode(base, CLASSES)
    edit(state.variables)
    return codec.encode(state, CLASSES)


def variables(data: bytes) -> dict[str, Any]:
    return codec.decode(data, CLASSES).variables


def put(**values: Any) -> Edit:
    return lambda variables: variables.update(values)


def test_what_each_added_is_there() -> None:
    base = start()
    made = merged(base, after(base, put(answer=3)), after(base, put(result="found", n=2)))
    assert made is not None
    assert {name: variables(made)[name] for name in ("answer", "result", "n", "gone")} == {
        "answer": 3,
        "result": "found",
        "n": 2,
        "gone": 5,
    }


def test_objects_that_both_made_stay_apart() -> None:
    base = start()
    made = merged(
        base, after(base, put(left=Thing(of="left"))), after(base, put(right=Thing(of="right"), again=Thing(x=1)))
    )
    assert made is not None
    found = variables(made)
    assert (found["left"].of, found["right"].of, found["again"].x) == ("left", "right", 1)
    assert codec.encode(codec.decode(made, CLASSES), CLASSES) == made


def test_attributes_of_one_object_too_and_aliases_stay_aliases() -> None:
    base = start()
    made = merged(
        base,
        after(base, lambda v: v["person"].__dict__.update(age=7)),
        after(base, lambda v: (v["person"].__dict__.update(town="Bern"), v["one"].append(3))),
    )
    assert made is not None
    found = variables(made)
    assert (found["person"].age, found["person"].town, found["one"]) == (7, "Bern", [1, 2, 3])
    assert found["one"] is found["two"]


def test_what_one_deleted_is_gone() -> None:
    base = start()
    made = merged(base, after(base, put(answer=1)), after(base, lambda v: v.pop("gone")))
    assert made is not None
    assert "gone" not in variables(made)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (put(n=2), put(n=3)),
        (put(n=1.0), put(n=True)),
        (lambda v: v.pop("gone"), put(gone=6)),
        (lambda v: v["one"].append(3), lambda v: v["one"].append(4)),
        (lambda v: v["person"].pets.append("dog"), lambda v: v["person"].pets.clear()),
        (put(new=1), put(new=2)),
        (put(person=None), lambda v: v.update(friend=v["person"])),
        (put(one=None, two=None), lambda v: v.update(three=v["one"])),
    ],
)
def test_what_touches_the_same_thing_is_not_merged(theirs: Edit, ours: Edit) -> None:
    base = start()
    assert merged(base, after(base, theirs), after(base, ours)) is None


def test_a_side_that_changed_nothing_gives_the_other() -> None:
    base = start()
    other = after(base, put(n=2))
    assert merged(base, base, other) == other
    assert merged(base, other, base) == other


def test_what_is_no_state_is_not_merged() -> None:
    base = start()
    assert merged(base, after(base, put(n=2)), b"no state") is None


names = st.sampled_from(["a", "b", "c", "d"])
values = st.one_of(
    st.integers(-2, 2), st.text(max_size=2), st.builds(lambda n: Thing(n=n), st.integers(0, 3)), st.just([1])
)


@given(st.dictionaries(names, values), st.dictionaries(names, values), st.dictionaries(names, values))
@examples(30)
def test_a_merge_is_what_one_after_the_other_would_have_given(
    before: dict[str, Any], left: dict[str, Any], right: dict[str, Any]
) -> None:
    base = codec.encode(State(before, {}), CLASSES)
    one, two = after(base, put(**left)), after(base, put(**right))
    made = merged(base, one, two)
    if made is None:
        assert set(left) & set(right)
        return
    found = variables(made)
    expected = variables(after(one, put(**right)))
    assert shown(found) == shown(expected) or set(left) & set(right)


def shown(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value.n if isinstance(value, Thing) else value for name, value in found.items()}
