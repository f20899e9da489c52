from __future__ import annotations

from inspect import signature

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus import wire
from shared.bus.messages import BadMessage, CallFailed, Retry

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_what_is_json_comes_back(value):
    assert wire.decode(wire.encode(value, "x"), "x") == value


@pytest.mark.parametrize("value", [object(), {"k": b"secret"}, float("inf"), {(1, 2): 3}])
def test_what_is_not_json_is_named_by_place_and_not_shown(value):
    with pytest.raises(BadMessage, match="the arguments of a call") as caught:
        wire.encode(value, "the arguments of a call")
    assert "secret" not in str(caught.value)


def test_a_value_that_contains_itself_is_refused():
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(BadMessage):
        wire.encode(loop, "x")


@pytest.mark.parametrize("text", [b"", b"\xff", b"{", "nope"])
def test_text_that_is_not_json_is_refused(text):
    with pytest.raises(BadMessage):
        wire.decode(text, "x")


@given(st.text(min_size=1), st.text(), st.dictionaries(st.text(), JSON))
def test_a_refusal_comes_back_as_it_was_raised(kind, message, data):
    back = wire.raised(wire.failure(CallFailed(kind, message, data)))
    assert (back.kind, str(back), back.data) == (kind, message, data)


def test_any_other_error_goes_by_the_name_of_its_class():
    assert wire.failure(Retry(3, "later")) == {"kind": "Retry", "message": "later", "data": {}}


@pytest.mark.parametrize(("arguments", "fits"), [({"a": 1}, True), ({}, False), ({"a": 1, "c": 2}, False)])
def test_arguments_are_checked_against_the_signature(arguments, fits):
    def method(a: int, b: int = 0) -> None: ...

    assert (wire.misfit(signature(method), arguments) is None) == fits


def test_where_tells_the_place_and_not_the_text():
    try:
        raise ValueError("an answer")
    except ValueError as error:
        place = wire.where(error)
    assert "test_wire.py" in place
    assert "an answer" not in place
