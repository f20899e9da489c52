"""The sum of bytes of which some changed is what it would be if all were read, and most are not."""

from __future__ import annotations

import itertools
import os
from typing import NoReturn
from zlib import crc32

import pytest
from bson import encode as bson_encode
from hypothesis import given
from hypothesis import strategies as st

from shared.state import delta, sums
from shared.state.delta import apply_cuts, difference
from shared.state.errors import DamagedDelta
from shared.state.stretches import Stretch
from shared.state.sums import sum_after
from tests.helpers.examples import examples

runs = st.lists(st.tuples(st.binary(max_size=40), st.binary(max_size=8), st.binary(max_size=8)), max_size=5)


@given(runs, st.binary(max_size=40))
@examples(300)
def test_it_is_the_sum(before: list[tuple[bytes, bytes, bytes]], end: bytes) -> None:
    """Of runs that stay, each with what goes and what comes behind it."""
    old, new, found = b"", b"", []
    for stays, goes, comes in before:
        old, new = old + stays, new + stays
        found.append(Stretch(len(old), len(old) + len(goes), len(new), len(new) + len(comes)))
        old, new = old + goes, new + comes
    old, new = old + end, new + end
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sums, "_WORTH", 0)
        assert sum_after(crc32(old), old, new, found) == crc32(new)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Bytes that were read for sums."""
    found: list[int] = []
    for module in (sums, delta):
        monkeypatch.setattr(module, "crc32", lambda data, *more: found.append(len(data)) or crc32(data, *more))
    return found


def state(answer: str) -> bytes:
    return bson_encode({"variables": {"held": HELD, "answer": answer}, "internal": {"answered": {"n": answer}}})


HELD = os.urandom(2_000_000)


def test_what_did_not_change_is_not_read(read: list[int]) -> None:
    one, two, three = state("first"), state("the second"), state("3rd")
    made = difference(one, two, crc32(one))
    assert made.sum == crc32(two)
    assert made.forward is not None
    there, known = apply_cuts(one, made.forward, crc32(one))
    assert (there, known) == (two, crc32(two))
    more = difference(two, three, known)
    assert more.forward is not None
    assert apply_cuts(two, more.forward, known)[0] == three
    assert sum(read) < 1000


def test_bytes_that_are_other_ones_are_refused(read: list[int]) -> None:
    one, two = state("first"), state("second")
    forward = difference(one, two).forward
    assert forward is not None
    with pytest.raises(DamagedDelta, match="another state"):
        apply_cuts(two, forward, crc32(two))
    with pytest.raises(DamagedDelta, match="another state"):
        apply_cuts(two, forward)
    head = delta.bson_decode(forward)
    with pytest.raises(DamagedDelta, match="does not lead"):
        apply_cuts(one, bson_encode({**head, "b": b"x" * len(head["b"])}), crc32(one))


def test_what_a_length_makes_of_a_sum_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next answers leave as much as it is."""
    states = [state(answer) for answer in ("one", "two", "six", "ten")]
    known = difference(states[0], states[1], crc32(states[0])).sum
    products: list[int] = []
    product = sums._product
    monkeypatch.setattr(sums, "_product", lambda one, two: products.append(1) or product(one, two))
    for before, after in itertools.pairwise(states[1:]):
        known = difference(before, after, known).sum
        assert known == crc32(after)
    assert len(products) <= 2 * 2


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**40))
@examples(200)
def test_bytes_that_were_added_are_taken_away(value: int, count: int) -> None:
    assert sums._times(sums._times(value, count), -count) == value


def test_of_what_is_little_all_is_read_and_nothing_found_out_before() -> None:
    class Untouched(tuple[Stretch, ...]):
        def __iter__(self) -> NoReturn:
            raise AssertionError

    assert sum_after(0, b"one", b"another", Untouched()) == crc32(b"another")
