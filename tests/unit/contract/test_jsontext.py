from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus import wire
from shared.bus.messages import BadMessage
from shared.contract.jsontext import MAX_DEPTH, TooDeep, loads


def lists(depth: int) -> str:
    return "[" * depth + "]" * depth


def objects(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


@pytest.mark.parametrize("nested", [lists, objects])
def test_the_bound_is_the_same_for_every_version_of_python(nested):
    assert loads(nested(MAX_DEPTH)) == json.loads(nested(MAX_DEPTH))
    assert loads(nested(MAX_DEPTH).encode()) == json.loads(nested(MAX_DEPTH))
    for depth in (MAX_DEPTH + 1, 5_000, 200_000):
        with pytest.raises(TooDeep, match=str(MAX_DEPTH)):
            loads(nested(depth))


def test_brackets_in_a_text_and_side_by_side_are_not_depth():
    assert loads(json.dumps("[" * 1000)) == "[" * 1000
    assert loads("[" + ",".join(["[{}]"] * 1000) + "]") == [[{}]] * 1000


@pytest.mark.parametrize("text", ["", "{", "nope", b"\xff", "[1,]"])
def test_what_is_no_json_is_a_value_error(text):
    with pytest.raises(ValueError):
        loads(text)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=20), inner, max_size=5),
        max_leaves=12,
    )
)
def test_everything_else_is_read_as_python_reads_it(value):
    assert loads(json.dumps(value)) == value


def test_what_would_be_refused_is_not_sent():
    value = json.loads(lists(MAX_DEPTH + 1))
    with pytest.raises(BadMessage, match="TooDeep"):
        wire.encode(value, "a reply")
    tuples: tuple[object, ...] = ()
    for _ in range(MAX_DEPTH):
        tuples = (tuples,)
    with pytest.raises(BadMessage, match="TooDeep"):
        wire.encode(tuples, "a reply")
