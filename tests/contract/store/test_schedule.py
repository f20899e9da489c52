"""Schedules claim each period once; notes keep small documents."""

from __future__ import annotations

from shared.store.ports import Store
from tests.contract.store.make import at


def test_a_period_is_claimed_once_and_periods_ascend(store: Store) -> None:
    def claim(key: str, period: str) -> bool:
        return store.schedule.claim(key, period=period, now=at(0))

    assert store.schedule.last("daily") is None
    assert claim("daily", "2026-01-15") is True
    assert claim("daily", "2026-01-15") is False
    assert claim("weekly", "2026-01-15") is True
    assert store.schedule.last("daily") == "2026-01-15"
    assert claim("daily", "2026-01-17") is True
    assert claim("daily", "2026-01-16") is False
    assert store.schedule.last("daily") == "2026-01-17"
    assert store.schedule.last("\x00") is None


def test_notes_are_found_by_prefix_and_replaced(store: Store) -> None:
    store.schedule.note("service/clock/1", {"seen": at(1), "a.b": 1})
    store.schedule.note("service/clock/1", {"seen": at(2)})
    store.schedule.note("service/worker/1", {"seen": at(3)})
    store.schedule.note("service.x", {})
    assert store.schedule.notes("service/clock/") == {"service/clock/1": {"seen": at(2)}}
    assert list(store.schedule.notes("service/")) == ["service/clock/1", "service/worker/1"]
    assert list(store.schedule.notes("")) == ["service.x", "service/clock/1", "service/worker/1"]
    assert store.schedule.notes("%") == {}
    store.schedule.forget("service.x")
    store.schedule.forget("service.x")
    store.schedule.forget("\x00")
    assert list(store.schedule.notes("")) == ["service/clock/1", "service/worker/1"]
