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


def test_a_claim_is_moved_by_whoever_knows_the_last_one(store: Store) -> None:
    def move(was: str | None, to: str) -> bool:
        return store.schedule.move("daily", was=was, to=to, now=at(0))

    assert move("2026-01-15", "2026-01-16") is False
    assert move(None, "2026-01-15") is True
    assert move(None, "2026-01-17") is False
    assert move("2026-01-15", "2026-01-16") is True
    assert move("2026-01-15", "2026-01-18") is False
    assert move("2026-01-16", "2026-01-14") is True, "whatever their order"
    assert store.schedule.last("daily") == "2026-01-14"


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


def test_old_claims_of_one_kind_are_forgotten(store: Store) -> None:
    for number, key in enumerate(["mail.b", "mail.a", "cron_daily", "mailx", "mail.c"]):
        assert store.schedule.claim(key, period="1", now=at(number))
    assert store.schedule.expire("mail.", before=at(4), limit=1) == 1
    assert store.schedule.last("mail.b") is None
    assert store.schedule.expire("mail.", before=at(4), limit=9) == 1
    assert store.schedule.expire("mail.", before=at(4), limit=9) == 0
    assert [store.schedule.last(key) for key in ("mail.a", "cron_daily", "mailx", "mail.c")] == [None, "1", "1", "1"]
