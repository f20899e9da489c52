"""Whether the store takes writes, as ``/healthz`` asks: not too often, and without saying where it is."""

from __future__ import annotations

import logging
import sqlite3
from types import SimpleNamespace
from typing import Any

import pytest

from shared.store.ports import StoreUnavailable
from shared.store.probe import EVERY, Probe


class Schedule:
    def __init__(self) -> None:
        self.written = 0
        self.error: Exception | None = None

    def note(self, name: str, value: object) -> None:
        self.written += 1
        if self.error is not None:
            raise self.error


class Bench:
    def __init__(self) -> None:
        self.now = 0.0
        self.schedule = Schedule()
        store: Any = SimpleNamespace(schedule=self.schedule)
        self.probe = Probe(store, clock=lambda: self.now)


def full() -> StoreUnavailable:
    try:
        raise StoreUnavailable("/a/folder/parley.sqlite: database or disk is full") from sqlite3.OperationalError(
            "database or disk is full"
        )
    except StoreUnavailable as error:
        return error


def test_it_is_written_to_once_in_a_while_however_often_somebody_asks() -> None:
    bench = Bench()
    assert [bench.probe() for _ in range(3)] == [None] * 3
    assert bench.schedule.written == 1
    bench.now += EVERY
    bench.probe()
    assert bench.schedule.written == 2


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (full(), "takes no writes: database or disk is full"),
        (StoreUnavailable("MongoDB at db.example did not confirm"), "does not confirm writes"),
    ],
)
def test_what_is_wrong_is_told_without_saying_where(error: Exception, told: str) -> None:
    bench = Bench()
    bench.schedule.error = error
    assert bench.probe() == told
    bench.schedule.error = None
    assert bench.probe() == told, "it was not asked again"
    bench.now += EVERY
    assert bench.probe() is None


def test_a_change_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    with caplog.at_level(logging.INFO):
        for error in (None, full(), full(), None, None):
            bench.schedule.error = error
            bench.probe()
            bench.now += EVERY
    assert [record.message for record in caplog.records] == ["store_unwell", "store_well_again"]
