"""The store's time: one for all who use it, however wrong their own clocks are."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from shared.store.clock import StoreClock
from shared.store.ports import Store

SECOND = timedelta(seconds=1)


def test_the_store_tells_the_time(store: Store) -> None:
    before = datetime.now(UTC)
    told = store.time()
    assert told.utcoffset() == timedelta(0)
    assert before - SECOND <= told <= datetime.now(UTC) + SECOND, "the server of the tests is on this machine"


def test_processes_whose_clocks_differ_agree(store: Store) -> None:
    reported: list[float] = []
    right = StoreClock(store)
    wrong = StoreClock(
        store, machine=lambda: datetime.now(UTC) + timedelta(hours=1), report=lambda ahead: reported.append(ahead)
    )
    began = time.monotonic()
    apart = abs(right() - wrong())
    assert apart < SECOND + timedelta(seconds=time.monotonic() - began), "a busy store is asked for longer"
    assert round(reported[0], -1) == 3600
