"""A state of which large runs stand by themselves: the same bytes, sums and deltas, and nothing of a run is copied or read for them."""

from __future__ import annotations

import os
from zlib import crc32

import pytest
from bson import encode as bson_encode

from shared.state import assembled, delta, resting
from shared.state.assembled import Assembled, Written, difference
from shared.state.codec import encode
from shared.state.delta import apply_cuts, apply_delta
from shared.state.pieces import written
from shared.state.session import State

ROWS = [os.urandom(assembled.LARGE).hex(), os.urandom(assembled.LARGE).hex()]
INTERNAL = bson_encode({"internal": {"answered": {"n": 1}}})[4:-1]
NEXT = bson_encode({"next": 0})[4:-1]


def element(name: str, value: object) -> bytes:
    return bytes(bson_encode({name: value})[4:-1])


LARGE = [element("rows", ROWS[0]), element("texts", ROWS[1])]


def state(*variables: bytes, table: bytes = b"", resting: list[bytes] = LARGE) -> Assembled:
    tables = {("objects", "a.B"): element("3", {"n": 1}), ("shared", ""): table}
    made = assembled.assembled(variables, INTERNAL, tables, NEXT, resting=resting)
    assert isinstance(made, Assembled)
    expected = written(variables, INTERNAL, tables, NEXT)
    assert bytes(made) == expected
    assert len(made) == len(expected)
    assert made.sum() == crc32(expected)
    return made


def leads_both_ways(old: Written, new: Written) -> delta.Difference:
    made = difference(old, new)
    assert made.sum == crc32(bytes(new))
    assert apply_delta(bytes(new), made.reverse) == bytes(old)
    if made.forward is not None:
        assert apply_cuts(bytes(old), made.forward) == (bytes(new), made.sum)
    return made


@pytest.fixture
def joined(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes there are of each that was joined."""
    found: list[int] = []
    join = Assembled.__bytes__
    monkeypatch.setattr(Assembled, "__bytes__", lambda self: found.append(len(self)) or join(self))
    return found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([*LARGE], [*LARGE, element("a", 1)]),
        ([*LARGE, element("a", 1)], [*LARGE]),
        ([*LARGE, element("a", 1)], [*LARGE, element("a", 2)]),
        ([LARGE[0], element("a", "x"), LARGE[1]], [LARGE[0], element("a", "another"), LARGE[1]]),
        ([LARGE[0], element("a", "x"), LARGE[1]], [element("r", 1), LARGE[0], element("b", 1), LARGE[1]]),
        ([element("r", 1), LARGE[0], element("s", 1)], [element("r", 2), LARGE[0], element("s", "more")]),
    ],
)
def test_what_stands_around_the_runs_differs_without_a_look_at_them(
    before: list[bytes], after: list[bytes], joined: list[int]
) -> None:
    old, new = state(*before), state(*after)
    joined.clear()
    assert old != new
    made = difference(old, new)
    assert joined == []
    assert max(len(made.reverse), len(made.forward or b"")) < 400
    leads_both_ways(old, new)


def test_lengths_that_carry_differ_as_they_do_in_the_whole(joined: list[int]) -> None:
    """A length of what is left may differ in its last byte only where that of the whole does in three, and the other way round."""
    before = state(*LARGE, element("a", ""))
    for size in range(0, 70_000, 37):
        after = state(*LARGE, element("a", "x" * size))
        joined.clear()
        made = difference(before, after)
        assert joined == []
        assert made.sum == crc32(bytes(after))
        assert apply_delta(bytes(after), made.reverse) == bytes(before)
        before = after


def test_a_run_in_a_table_stands_by_itself_too(joined: list[int]) -> None:
    table = element("7", "x" * assembled.LARGE)
    old, new = (state(element("a", text), table=table, resting=[table]) for text in ("one", "two and more"))
    joined.clear()
    difference(old, new)
    assert joined == []
    leads_both_ways(old, new)


def test_of_a_run_the_sum_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    monkeypatch.setattr(assembled, "crc32", lambda data, *more: read.append(len(data)) or crc32(data, *more))
    one = state(*LARGE, element("a", 1))
    assert sum(read) > sum(map(len, LARGE))
    for number in range(3):
        two = assembled.assembled([*LARGE, element("a", number)], INTERNAL, {}, NEXT, resting=LARGE)
        read.clear()
        assert difference(one, two).sum == crc32(bytes(two))
        assert sum(read) < 1000
        assert isinstance(two, Assembled)
        one = two


@pytest.mark.parametrize("after", [[LARGE[0]], [LARGE[1], LARGE[0]], [LARGE[0], element("texts", ROWS[0])]])
def test_where_the_runs_are_others_the_bytes_are_compared(after: list[bytes]) -> None:
    old, new = state(*LARGE), state(*after)
    assert old != new
    leads_both_ways(old, new)


def test_so_they_are_where_a_run_stands_elsewhere() -> None:
    old, new = state(element("r", 1), LARGE[0]), state(LARGE[0], element("r", 1))
    assert old.bare == new.bare
    assert old != new
    leads_both_ways(old, new)


def test_equal_bytes_are_equal_whatever_stands_by_itself() -> None:
    one, copy = state(*LARGE, element("a", 1)), [bytes(bytearray(part)) for part in LARGE]
    assert one == state(*copy, element("a", 1), resting=copy)
    assert one == bytes(one)
    assert bytes(one) == one
    assert one != state(*LARGE, element("a", 2))
    assert one != state(LARGE[0], element("a", 1), LARGE[1])
    assert leads_both_ways(one, bytes(one)).forward is not None


def test_what_stands_there_twice_stands_by_itself_nowhere() -> None:
    made = assembled.assembled([LARGE[0], element("a", 1)], INTERNAL, {("shared", ""): LARGE[0]}, NEXT, resting=LARGE)
    assert bytes(made) == written([LARGE[0], element("a", 1)], INTERNAL, {("shared", ""): LARGE[0]}, NEXT)


def test_of_a_state_most_of_which_rests_nothing_large_is_made(joined: list[int]) -> None:
    first = resting.prepare(State({"rows": ROWS, "n": 0}, {"answered": {}}), b" " * resting.LARGE)
    made: list[Written] = []
    for number in range(4):
        first.variables["n"] = number
        data, awake = resting.encode(first)
        resting.rest(first, awake)
        made.append(data)
    del joined[:]
    assert [type(one) for one in made] == [bytes, Assembled, Assembled, Assembled]
    difference(made[2], made[3])
    assert joined == []
    assert bytes(made[3]) == encode(State({"rows": ROWS, "n": 3}, {"answered": {}}))
