"""A clock's rounds: each part on its own, until it is told to stop; and the notes by which it is seen."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from services.clock.build import LOOK, ROUND, Clock
from services.heartbeat import FORGOTTEN, PREFIX, Heartbeat, forget_stopped
from shared.bus.messages import BusUnavailable
from shared.store.ports import StoreUnavailable
from shared.store.sqlite import SqliteStore
from tests.helpers.memory import memory_store

NOW = datetime(2026, 1, 15, tzinfo=UTC)


class Parts:
    """The parts of a clock, which note that they were run; those in `fail` raise."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.fail: dict[str, Exception] = {}
        self.clock = Clock(
            SimpleNamespace(run=self._part("ticks")),  # type: ignore[arg-type]
            SimpleNamespace(leads=lambda: True, run=lambda: None, stop=lambda: None),  # type: ignore[arg-type]
            SimpleNamespace(run=self._part("sweeps")),  # type: ignore[arg-type]
            SimpleNamespace(beat=self._part("beat"), stop=self._part("stop")),  # type: ignore[arg-type]
            self._part("forget"),
            lambda: None,
            hand=None,  # type: ignore[arg-type]
            listener=SimpleNamespace(look=lambda: None),  # type: ignore[arg-type]
        )

    def _part(self, name: str) -> Callable[[], None]:
        def run() -> None:
            self.ran.append(name)
            if name in self.fail:
                raise self.fail[name]

        return run


class Stopping:
    """Says stop when it has been waited for `rounds` times."""

    def __init__(self, rounds: int) -> None:
        self.left = rounds
        self.waits: list[float] = []

    def wait(self, timeout: float) -> bool:
        self.waits.append(timeout)
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize(
    ("error", "event"),
    [
        (StoreUnavailable("away"), "clock_waits"),
        (BusUnavailable("away"), "clock_waits"),
        (ZeroDivisionError("a mistake"), "clock_failed"),
    ],
)
def test_trouble_of_one_part_does_not_hold_up_the_others(
    error: Exception, event: str, caplog: pytest.LogCaptureFixture
) -> None:
    parts = Parts()
    parts.fail["ticks"] = error
    with caplog.at_level(logging.WARNING):
        parts.clock.round()
    assert parts.ran == ["beat", "ticks", "sweeps", "forget"]
    assert [(record.message, record.part) for record in caplog.records] == [(event, "ticks")]  # type: ignore[attr-defined]


def test_it_goes_round_at_once_and_then_regularly_until_it_is_stopped() -> None:
    looks = int(ROUND / LOOK)
    parts, stopping = Parts(), Stopping(2 * looks)
    parts.clock.run(stopping)
    assert parts.ran.count("sweeps") == 3
    assert parts.ran.count("ticks") == 2 * looks + 1, "schedules are looked at more often"
    assert stopping.waits == [LOOK] * (2 * looks + 1)


def test_a_sweep_that_takes_long_holds_up_no_look_and_is_not_begun_twice() -> None:
    looks, over = int(ROUND / LOOK), threading.Event()
    parts, stopping = Parts(), Stopping(2 * looks)
    parts.clock._sweeps["sweeps"] = lambda: (parts.ran.append("sweeps"), over.wait(20))[0]

    def wait(timeout: float) -> bool:
        if stopping.left == 0:
            over.set()
        return Stopping.wait(stopping, timeout)

    parts.clock.run(SimpleNamespace(wait=wait))
    assert parts.ran.count("sweeps") == 1
    assert parts.ran.count("ticks") == 2 * looks + 1


def test_the_end_does_not_fail_because_the_store_is_away(caplog: pytest.LogCaptureFixture) -> None:
    parts = Parts()
    parts.fail["stop"] = StoreUnavailable("away")
    with caplog.at_level(logging.INFO):
        parts.clock.close()
    assert [record.message for record in caplog.records] == ["heartbeat_left"]


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    made = memory_store()
    yield made
    made.close()


def test_a_service_is_seen_until_it_ends(store: SqliteStore) -> None:
    now = [NOW]
    heart = Heartbeat(store.schedule, service="clock", clock=lambda: now[0])
    heart.beat()
    now[0] += timedelta(minutes=1)
    heart.beat()
    ((name, note),) = store.schedule.notes(PREFIX).items()
    assert name.startswith(f"{PREFIX}clock/")
    assert (note["service"], note["started"], note["seen"]) == ("clock", NOW, now[0])
    heart.stop()
    assert store.schedule.notes(PREFIX) == {}


def test_two_of_one_service_are_two(store: SqliteStore) -> None:
    for _ in range(2):
        Heartbeat(store.schedule, service="clock", clock=lambda: NOW).beat()
    assert len(store.schedule.notes(PREFIX)) == 2


@pytest.mark.parametrize(("age", "left"), [(FORGOTTEN, 1), (FORGOTTEN + timedelta(seconds=1), 0)])
def test_who_was_not_seen_for_a_day_is_forgotten(store: SqliteStore, age: timedelta, left: int) -> None:
    Heartbeat(store.schedule, service="clock", clock=lambda: NOW).beat()
    store.schedule.note("other/note", {"seen": NOW})
    forget_stopped(store.schedule, now=NOW + age)
    assert len(store.schedule.notes(PREFIX)) == left
    assert len(store.schedule.notes("other/")) == 1
