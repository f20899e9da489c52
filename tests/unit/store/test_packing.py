"""Plain values and times survive packing; everything else is refused by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.store.checks import MIB
from shared.store.packing import from_ms, pack, to_ms, unpack
from shared.store.ports import BadRecord, StoreError, TooLarge

TIMES = st.datetimes(
    min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29), timezones=st.timezones() | st.just(UTC)
)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | TIMES.map(lambda when: from_ms(to_ms(when))),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=20), inner, max_size=5
        )
    ),
    max_leaves=12,
)


@given(PLAIN)
def test_plain_values_come_back_as_they_were(value: object) -> None:
    assert unpack("value", pack("value", value, limit=MIB)) == value


def test_tuples_and_read_only_mappings_become_lists_and_dicts() -> None:
    value = MappingProxyType({"a": (1, MappingProxyType({"b": ()}))})
    assert unpack("value", pack("value", value, limit=MIB)) == {"a": [1, {"b": []}]}


@given(TIMES)
def test_times_are_rounded_down_to_the_millisecond(when: datetime) -> None:
    back = from_ms(to_ms(when))
    assert timedelta(0) <= when - back < timedelta(milliseconds=1)
    assert back.tzinfo is UTC
    assert to_ms(back) == to_ms(when)


def test_times_before_1970_and_in_other_zones() -> None:
    assert to_ms(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1
    assert to_ms(datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))) == 0


@pytest.mark.parametrize(
    "value",
    [2**64, {"\x00": 1}, "\ud800", {"\ud800": 1}, {1, 2}, object()],
    ids=["huge int", "NUL in key", "surrogate", "surrogate in key", "set", "object"],
)
def test_what_cannot_be_packed_is_refused(value: object) -> None:
    with pytest.raises(BadRecord, match="the thing cannot be stored"):
        pack("the thing", value, limit=MIB)


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(TooLarge, match=r"the thing takes \d+ bytes; the limit is 100"):
        pack("the thing", "x" * 100, limit=100)


@pytest.mark.parametrize("packed", [b"", b"garbage", pack("x", 1, limit=99)[:-1]])
def test_damage_is_said(packed: bytes) -> None:
    with pytest.raises(StoreError, match="the thing in the database is damaged"):
        unpack("the thing", packed)
