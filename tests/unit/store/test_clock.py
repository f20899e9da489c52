"""The time by the store, between two answers of it, without one, and on a machine whose clock is wrong."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from shared.store.clock import EVERY, StoreClock
from shared.store.ports import Store, StoreUnavailable

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class World:
    """A store and a machine, whose clocks go on together and may be set apart."""

    passed: float = 1000.0
    slept: float = 0.0
    ahead: float = 0.0  #: the machine's clock, of the store's
    answer_takes: float = 0.0
    away: bool = False
    asked: int = 0
    aside: Callable[[Callable[[], None]], None] = lambda do: do()

    def time(self) -> datetime:
        self.asked += 1
        self.passed += self.answer_takes / 2
        if self.away:
            raise StoreUnavailable("away")
        told = self.now
        self.passed += self.answer_takes / 2
        return told

    @property
    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed + self.slept)

    def clock(self, report: list[float] | None = None) -> StoreClock:
        return StoreClock(
            cast(Store, self),
            machine=lambda: self.now + timedelta(seconds=self.ahead),
            steady=lambda: self.passed,
            report=(report if report is not None else []).append,
            aside=self.aside,
        )


@pytest.mark.parametrize("ahead", [0, 3600, -3600, 0.5])
def test_it_is_the_stores_time_wherever_it_is_asked(ahead: float) -> None:
    world = World(ahead=ahead, answer_takes=0.2)
    reported: list[float] = []
    clock = world.clock(reported)
    assert clock() == world.now
    world.passed += 3
    assert clock() == world.now
    assert reported == [pytest.approx(ahead, abs=0.001)]


def test_the_store_is_asked_now_and_then() -> None:
    world = World()
    clock = world.clock()
    for _ in range(100):
        clock()
        world.passed += EVERY / 10
    assert world.asked == 10


def test_a_clock_that_is_set_while_the_process_runs_changes_nothing() -> None:
    world = World()
    reported: list[float] = []
    clock = world.clock(reported)
    clock()
    world.ahead = -3600
    assert clock() == world.now
    assert [round(ahead) for ahead in reported] == [0, -3600], "it was noticed at once"


def test_a_machine_that_slept_asks_when_it_wakes() -> None:
    world = World()
    clock = world.clock()
    clock()
    world.slept = 8 * 3600
    assert clock() == world.now


def test_without_the_store_time_goes_on() -> None:
    world = World(ahead=3600)
    clock = world.clock()
    clock()
    world.away = True
    world.passed += 5 * EVERY
    assert clock() == world.now
    assert clock() == world.now
    assert world.asked == 2, "nobody is held up again and again"
    world.away = False
    world.passed += EVERY
    assert clock() == world.now


def test_until_the_store_answered_once_it_is_the_machines_time() -> None:
    world = World(ahead=60, away=True)
    assert world.clock()() == world.now + timedelta(seconds=60)


def test_an_answer_that_took_long_says_nothing() -> None:
    world = World()
    reported: list[float] = []
    clock = world.clock(reported)
    clock()
    world.answer_takes, world.ahead = 30, 3600
    clock()
    assert len(reported) == 1


def test_the_first_answer_is_waited_for_by_all() -> None:
    """They would otherwise take the time of a machine whose clock may be wrong."""
    world = World(ahead=3600)
    waiting = threading.Event()
    clock = world.clock()
    answer = world.time

    def slowly() -> datetime:
        waiting.set()
        time.sleep(0.02)
        return answer()

    world.time = slowly  # type: ignore[method-assign]
    with ThreadPoolExecutor() as others:
        first = others.submit(clock)
        waiting.wait()
        assert [other.result() for other in [others.submit(clock) for _ in range(3)]] == [world.now] * 3
        assert first.result() == world.now


def test_nobody_waits_for_an_answer_once_there_was_one() -> None:
    later: list[Callable[[], None]] = []
    world = World()
    world.aside = later.append
    clock = world.clock()
    clock()
    for _ in range(3):
        world.passed += EVERY
        assert clock() == world.now
    assert (world.asked, len(later)) == (1, 1), "one asks, aside"
    later.pop()()
    world.passed += EVERY
    clock()
    assert (world.asked, len(later)) == (2, 1)
    world.ahead = 3600
    clock()
    assert world.asked == 2, "that one is still asking"
    later.pop()()
    world.ahead = 7200
    clock()
    assert world.asked == 4, "a clock that was set is not believed for a moment"


def test_a_wrong_clock_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    world = World(ahead=3600)
    clock = world.clock()
    with caplog.at_level(logging.INFO, logger="shared.store.clock"):
        for _ in range(3):
            clock()
            world.passed += EVERY
        world.ahead = 0.3
        clock()
    assert [record.getMessage() for record in caplog.records] == ["machine_clock_wrong", "machine_clock_right_again"]
    assert caplog.records[0].seconds == 3600  # type: ignore[attr-defined]
