"""Turns at a server: so many at a time, so many a minute, and each that waits is called."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.worker import lanes
from services.worker.lanes import AT_ONCE, Lane

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


def test_so_many_at_a_time_and_who_waits_longest_is_called_first() -> None:
    lane = Lane()
    assert [lane.enter() for _ in range(AT_ONCE + 1)] == [True] * AT_ONCE + [False]
    assert lane.wait("a")
    assert lane.wait("b")
    assert lane.wait("a"), "known already"
    assert [lane.leave() for _ in range(2)] == ["a", "b"]
    assert lane.enter()


def test_a_place_that_became_free_in_the_meantime_is_seen() -> None:
    lane = Lane(at_once=1)
    assert lane.enter()
    assert not lane.enter()
    assert lane.leave() is None
    assert not lane.wait("a"), "nobody would call it"


def test_each_has_a_moment_of_its_own() -> None:
    lane = Lane(per_minute=60)
    assert [lane.turn(name, NOW) for name in "abc"] == [None, NOW + timedelta(seconds=1), NOW + timedelta(seconds=2)]
    assert lane.turn("c", NOW + timedelta(seconds=1)) == NOW + timedelta(seconds=2)
    assert lane.turn("b", NOW + timedelta(seconds=1)) is None
    assert lane.turn("c", NOW + timedelta(seconds=2)) is None
    assert lane.turn("d", NOW + timedelta(seconds=9)) is None


def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "REMEMBERED", 2)
    lane = Lane(per_minute=60, at_once=0)
    for name in "abc":
        lane.wait(name)
    assert [lane.leave() for _ in range(3)] == ["a", "b", None]
    for name in "abcd":
        lane.turn(name, NOW)
    lane.turn("e", NOW + timedelta(seconds=3.5))
    assert len(lane._turns) == 1, "the moments of the others have passed"
