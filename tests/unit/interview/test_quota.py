"""How much is taken in an hour, from everybody together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.interview.quota import Quota
from shared.contract.errors import Busy

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def test_an_hours_worth_and_then_as_much_as_comes_back() -> None:
    now = NOON
    quota = Quota(3600, clock=lambda: now)
    quota.take(3000)
    with pytest.raises(Busy):
        quota.take(601)
    quota.take(600)
    now += timedelta(seconds=10)
    quota.take(10)
    with pytest.raises(Busy):
        quota.take(1)
    now += timedelta(days=1)
    quota.take(3600)
    with pytest.raises(Busy):
        quota.take(1)


def test_a_clock_that_is_set_back_gives_nothing_and_takes_nothing() -> None:
    now = NOON
    quota = Quota(100, clock=lambda: now)
    quota.take(100)
    now -= timedelta(hours=2)
    with pytest.raises(Busy):
        quota.take(1)


def test_any_amount_where_none_is_set() -> None:
    quota = Quota(0, clock=lambda: NOON)
    for _ in range(3):
        quota.take(2**40)
