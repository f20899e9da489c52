"""Back restores the bytes exactly, and what it costs follows what changed."""

from __future__ import annotations

import functools
import itertools
import sys
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from zlib import crc32

import pytest
from bson import encode as bson_encode
from hypothesis import given
from hypothesis import strategies as st

from shared.state import codec, delta, stretches
from shared.state.delta import apply_cuts, apply_delta, deltas, difference, reverse_delta
from shared.state.errors import DamagedDelta
from shared.state.session import State
from shared.state.stretches import elements, whole
from tests.helpers.examples import examples
from tests.unit.state.samples import Named, registry

values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-2, 2), st.sampled_from([0.0, -0.0, 1.0, 2**40]), st.floats(), st.text(max_size=3),
        st.binary(max_size=2), st.integers(0, 3).map(lambda n: "long " * 30 + "x" * n + " text" * 20),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=6), st.dictionaries(st.sampled_from("abcdefg"), inner, max_size=6)),
    max_leaves=12,
)  # fmt: skip
documents = st.dictionaries(st.sampled_from("abcdefgh"), values, max_size=7)


@given(documents, documents)
@examples(25)
def test_any_document_is_restored_from_any_other(old: Any, new: Any) -> None:
    before, after = bson_encode(old), bson_encode(new)
    assert apply_delta(after, reverse_delta(before, after)) == before


@st.composite
def edited(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A document and the same after a few edits anywhere in it."""

    def edit(value: Any) -> Any:
        if isinstance(value, list):
            value = list(value)
            for _ in range(draw(st.integers(0, 2))):
                value.insert(draw(st.integers(0, len(value))), draw(values))
            if value and draw(st.booleans()):
                index = draw(st.integers(0, len(value) - 1))
                value[index] = edit(value[index])
            if value and draw(st.booleans()):
                del value[draw(st.integers(0, len(value) - 1))]
            return value
        if isinstance(value, dict):
            items = list(value.items())
            if items and draw(st.booleans()):
                items = draw(st.permutations(items))
            return {key: edit(part) if draw(st.booleans()) else part for key, part in items[draw(st.integers(0, 1)) :]}
        return draw(st.one_of(st.just(value), values))

    old = draw(documents)
    return old, edit(old)


@given(edited())
@examples(25)
def test_edited_documents_are_restored(pair: tuple[Any, Any]) -> None:
    before, after = map(bson_encode, pair)
    reverse, forward = deltas(before, after)
    assert apply_delta(after, reverse) == before
    if forward is not None:
        assert len(forward) < max(len(after), 50)
        assert apply_cuts(before, forward)[0] == after


@pytest.mark.parametrize(
    ("old", "new"), [(1, True), (True, 1.0), (0.0, -0.0), (1, 1.0), ([1, {"a": False}], [1, {"a": 0}])]
)
def test_values_that_python_calls_equal_are_told_apart(old: Any, new: Any) -> None:
    rest = {f"v{n}": "x" * 50 for n in range(50)}
    before, after = bson_encode({"a": old, **rest}), bson_encode({"a": new, **rest})
    delta = reverse_delta(before, after)
    assert apply_delta(after, delta) == before
    assert len(delta) < 200


def big_state() -> State:
    people = [Named(instanceName=f"people[{n}]", name=f"Person {n}", age=n, tags=["a", n]) for n in range(1000)]
    return State(
        {
            "people": people,
            "numbers": [{"n": n, "t": "text" * 5} for n in range(1000)],
            "letter": "word " * 20_000,
            "x": 1,
            "y": 2,
        }
    )


@functools.cache
def big_state_encoded() -> bytes:
    return codec.encode(big_state(), registry())


def one_attribute(v: dict[str, Any]) -> None:
    v["people"][500].age = -1


def middle_of_list(v: dict[str, Any]) -> None:
    v["numbers"][500]["t"] = "changed"


def front_of_list(v: dict[str, Any]) -> None:
    v["numbers"].insert(0, {"n": -1})


def front_of_objects(v: dict[str, Any]) -> None:
    v["people"].insert(0, Named(instanceName="new"))


def two_places(v: dict[str, Any]) -> None:
    v["numbers"].insert(10, {"n": -1})
    del v["numbers"][800]
    v["numbers"].insert(900, {"n": -2})


def removal(v: dict[str, Any]) -> None:
    del v["x"]


def removed_and_set_again(v: dict[str, Any]) -> None:
    del v["numbers"][3]
    numbers = v.pop("numbers")
    v["numbers"] = numbers


def one_word(v: dict[str, Any]) -> None:
    v["letter"] = v["letter"][:50_000] + "WORD" + v["letter"][50_004:]


def new_alias(v: dict[str, Any]) -> None:
    v["client"] = v["people"][7]


def swap(v: dict[str, Any]) -> None:
    v["people"][1], v["people"][900] = v["people"][900], v["people"][1]


def new_variable(v: dict[str, Any]) -> None:
    v["fresh"] = "x" * 10_000


@pytest.mark.parametrize(
    "change",
    [
        one_attribute, middle_of_list, front_of_list, front_of_objects, two_places, removal, removed_and_set_again, one_word,
        new_alias, swap, new_variable,
    ],
)  # fmt: skip
def test_the_size_follows_what_changed(change: Callable[[dict[str, Any]], None]) -> None:
    classes = registry()
    before = big_state_encoded()
    live = codec.decode(before, classes)
    change(live.variables)
    after = codec.encode(live, classes)
    delta = reverse_delta(before, after)
    assert apply_delta(after, delta) == before
    assert len(before) > 200_000
    assert len(delta) < 500


def test_removing_much_stores_what_was_removed_and_no_more() -> None:
    before, after = bson_encode({"a": list(range(3000)), "b": "x" * 5000}), bson_encode({"a": list(range(3000))})
    delta = reverse_delta(before, after)
    assert 5000 < len(delta) < 5200


def test_a_delta_never_takes_more_than_the_whole() -> None:
    before, after = bson_encode({f"a{n}": n for n in range(100)}), bson_encode({f"b{n}": n for n in range(100)})
    delta = reverse_delta(before, after)
    assert len(delta) < len(before) + 100
    assert apply_delta(after, delta) == before


def test_steps_back_one_after_another() -> None:
    classes = registry()
    states = [codec.encode(State({}), classes)]
    for n in range(10):
        state = codec.decode(states[-1], classes)
        state.variables[f"v{n}"] = [Named(instanceName=f"v{n}")]
        if n % 3 == 2:
            del state.variables[f"v{n - 1}"]
            state.variables["all"] = list(state.variables.values())
        states.append(codec.encode(state, classes))
    deltas = [reverse_delta(old, new) for old, new in pairwise(states)]
    now = states[-1]
    for one, expected in zip(reversed(deltas), reversed(states[:-1]), strict=True):
        now = apply_delta(now, one)
        assert now == expected


def test_a_delta_of_another_state_is_refused() -> None:
    one, two, three = (bson_encode({"a": n}) for n in range(3))
    with pytest.raises(DamagedDelta, match="another state"):
        apply_delta(three, reverse_delta(one, two))


@given(st.binary(max_size=60))
def test_damaged_deltas_are_refused(data: bytes) -> None:
    with pytest.raises(DamagedDelta):
        apply_delta(bson_encode({"a": 1}), data)


def test_a_damaged_part_of_a_delta_is_refused() -> None:
    before, after = bson_encode({"a": ["one"], "b": 1}), bson_encode({"a": ["two"], "b": 1, "c": 2})
    delta = reverse_delta(before, after)
    for index, bit in itertools.product(range(4, len(delta)), (1, 2)):
        damaged = delta[:index] + bytes([delta[index] ^ bit]) + delta[index + 1 :]
        try:
            assert apply_delta(after, damaged) == before
        except DamagedDelta:
            continue


@pytest.mark.parametrize("change", [one_attribute, middle_of_list, removal, one_word, new_alias, swap])
def test_what_changed_of_a_large_state_is_told_forward(change: Callable[[dict[str, Any]], None]) -> None:
    classes = registry()
    before = big_state_encoded()
    live = codec.decode(before, classes)
    change(live.variables)
    after = codec.encode(live, classes)
    forward = deltas(before, after)[1]
    assert forward is not None
    assert len(forward) < 500
    assert apply_cuts(before, forward)[0] == after


def test_a_forward_delta_is_taken_for_its_state_alone_and_nothing_in_it_is_decoded() -> None:
    rest = "x" * 500
    one, two, three = (bson_encode({"a": n, "rest": rest}) for n in range(3))
    _, forward = deltas(one, two)
    assert forward is not None
    with pytest.raises(DamagedDelta, match="another state"):
        apply_cuts(three, forward)
    with pytest.raises(DamagedDelta, match="no delta of cuts"):
        apply_cuts(two, bson_encode({"f": 1, "n": 0, "o": 0, "w": one}))


@pytest.mark.parametrize("size", [100, 10_000])
def test_nothing_beside_what_changed_is_looked_into(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked at element by element are documents that differ, however many others there are with however much in them."""
    looked: list[int] = []
    elements = stretches.elements
    monkeypatch.setattr(stretches, "elements", lambda *one: looked.append(1) or elements(*one))
    rows = {f"row{n}": {"number": n, "deep": [n, n + 1]} for n in range(size)}
    old = bson_encode({"variables": {"rows": rows, "x": 1}, "internal": {}})
    new = bson_encode({"variables": {"rows": rows, "x": 2}, "internal": {}})
    assert len(deltas(old, new)[0]) < 200
    assert len(looked) <= 4


@pytest.mark.parametrize("count", [3, 200, 4000])
def test_an_answer_beside_others_costs_no_look_at_each(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    elements = stretches.elements

    def counted(*args: Any) -> list[stretches.Element]:
        found = elements(*args)
        looked.append(len(found))
        return found

    monkeypatch.setattr(stretches, "elements", counted)
    old = {f"first_{number}": "Sample text" for number in range(count)}
    new = {**old, **{f"first_new{number}": "Sample text" for number in range(8)}, "second_new": 7}
    before, after = (bson_encode({"v": 3, "variables": one, "internal": {"step": len(one)}}) for one in (old, new))
    reverse, forward = deltas(before, after)
    assert apply_delta(after, reverse) == before
    assert forward is None or apply_cuts(before, forward)[0] == after
    assert sum(looked) <= 6
    assert len(reverse) < 300


def test_nothing_is_made_of_a_change_that_nobody_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    """As that of a state which is sent whole."""
    made: list[bytes] = []
    cuts = delta.of_cuts
    monkeypatch.setattr(delta, "of_cuts", lambda *parts: made.append(cuts(*parts)) or made[-1])
    one, two = (bson_encode({"n": n, "held": "x" * 1000}) for n in (1, 2))
    assert difference(one, two, wanted=False) == (made[0], None, crc32(two))
    assert len(made) == 1
    assert apply_delta(two, made[0]) == one


def test_no_function_is_called_for_an_element() -> None:
    data = bson_encode({str(number): number for number in range(100)})
    document, called = whole(data), list[str]()
    before = sys.getprofile()
    sys.setprofile(lambda frame, event, _: called.append(frame.f_code.co_name) if event == "call" else None)
    try:
        found = elements(data, document)
    finally:
        sys.setprofile(before)
    assert called == ["elements"]
    assert [one.head for one in found] == [f"\x10{number}\0".encode() for number in range(100)]
