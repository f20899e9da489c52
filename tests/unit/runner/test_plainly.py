"""Results become plain and bounded, or the message says where they are not and what of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.runner.plainly import NotPlain, plainly
from shared.store.packing import pack, unpack
from shared.store.plain_values import plain

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(PLAIN)
def test_what_is_plain_stays_and_can_be_stored(value: Any) -> None:
    made = plainly(value)
    assert made == value
    assert plain(made)
    assert unpack("v", pack("v", made, limit=10**6)) == value


class Kind(IntEnum):
    A = 1


class Moment(datetime):
    pass


def test_moments_are_told_in_utc() -> None:
    zone = timezone(timedelta(hours=2))
    made = plainly([Moment(2026, 1, 1, 1, 30, tzinfo=zone), datetime(1, 1, 2, tzinfo=UTC)])
    assert made == [datetime(2025, 12, 31, 23, 30, tzinfo=UTC), datetime(1, 1, 2, tzinfo=UTC)]
    assert {type(moment) for moment in made} == {datetime}


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"a": [1, object()]}, "result['a'][1] is a object"),
        ({1: 2}, "result has a key that is a int"),
        ({"a\0": 2}, "a key with a NUL"),
        ([{1, 2}], "result[0] is a set"),
        (Kind.A, "result is a Kind"),
        (date(2026, 1, 1), "result is a date"),
        (datetime(2026, 1, 1), "without a time zone"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2))), "at the end of time"),
        (2**63, "more than 64 bits"),
        ("\ud800", "lone surrogate"),
        ({"\ud800": 1}, "lone surrogate"),
        (len, "builtin_function_or_method"),
    ],
)
def test_what_is_not_plain_is_told_with_its_place(value: Any, where: str) -> None:
    with pytest.raises(NotPlain) as caught:
        plainly(value)
    assert where in str(caught.value)


def test_it_is_bounded_in_values_bytes_and_depth() -> None:
    twice: list[Any] = []
    for _ in range(40):
        twice = [twice, twice]
    circle: list[Any] = []
    circle.append(circle)
    for value, why in (
        (twice, "too many values"),
        (circle, "nested deeper"),
        (["é" * 600] * 4, "too large"),
        ([b"x" * 1001] * 4, "too large"),
        ({"k" * 5000: 1}, "too large"),
        ([0] * 2000, "too many values"),
    ):
        with pytest.raises(NotPlain, match=why):
            plainly(value, nodes=1000, size=4000)
    assert plainly(["x" * 1000] * 4, nodes=5, size=4000) == ["x" * 1000] * 4


def test_the_message_about_a_long_path_is_short() -> None:
    with pytest.raises(NotPlain) as caught:
        plainly({"x" * 1000: {"y" * 1000: object()}})
    assert len(str(caught.value)) < 300
