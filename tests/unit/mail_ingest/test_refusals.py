"""Refusals are counted by hour and reason, by each process for itself, and add up for whoever reads them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.mail_ingest.refusals import KEPT, Refusals, refused_since
from shared.store.ports import StoreUnavailable
from tests.helpers.hands import Hands

NOON = datetime(2026, 5, 1, 12, 10, tzinfo=UTC)


class Notes:
    """The part of the port `Schedule` that is used."""

    def __init__(self) -> None:
        self.kept: dict[str, Mapping[str, Any]] = {}
        self.away = False

    def note(self, name: str, value: Mapping[str, Any]) -> None:
        if self.away:
            raise StoreUnavailable("away")
        self.kept[name] = value

    def forget(self, name: str) -> None:
        del self.kept[name]

    def notes(self, prefix: str) -> dict[str, Mapping[str, Any]]:
        return {name: value for name, value in self.kept.items() if name.startswith(prefix)}


@pytest.fixture
def notes() -> Any:
    return Notes()


def test_two_processes_add_up(notes: Any) -> None:
    clock = Hands(NOON)
    for reasons in (["unknown", "unknown", "rate"], ["unknown"]):
        process = Refusals(notes, clock=clock)
        for reason in reasons:
            process.count(reason)
        process.save()
    assert refused_since(notes, NOON - timedelta(hours=1)) == {
        NOON.replace(minute=0): {"unknown": 3, "rate": 1},
    }


def test_hours_are_apart_and_old_ones_go(notes: Any) -> None:
    clock = Hands(NOON)
    process = Refusals(notes, clock=clock)
    process.count("size")
    process.save()
    clock.now += timedelta(hours=1)
    process.count("rate")
    process.save()
    assert [dict(one) for one in refused_since(notes, NOON.replace(minute=0)).values()] == [{"size": 1}, {"rate": 1}]
    assert [dict(one) for one in refused_since(notes, clock.now.replace(minute=0)).values()] == [{"rate": 1}]
    clock.now += KEPT
    process.count("rate")
    process.save()
    assert len(notes.kept) == 2  # that of an hour exactly seven days ago, and today's


def test_what_was_counted_while_the_store_was_away_is_kept_later(notes: Any) -> None:
    process = Refusals(notes, clock=Hands(NOON))
    notes.away = True
    process.count("store")
    process.save()
    notes.away = False
    process.save()
    assert refused_since(notes, NOON.replace(minute=0)) == {NOON.replace(minute=0): {"store": 1}}


def test_nothing_is_written_when_nothing_was_refused(notes: Any) -> None:
    process = Refusals(notes, clock=Hands(NOON))
    process.save()
    assert notes.kept == {}
