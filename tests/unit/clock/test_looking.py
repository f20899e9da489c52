"""What a look at the schedules costs a clock with nothing to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.clock.noting import Noter, Scheduled
from services.schedules.core import Schedule
from shared.store.open import open_store


class Hourly:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def next(self, after: datetime) -> datetime | None:
        self.asked += 1
        return after.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def test_a_schedule_is_reckoned_once_for_each_tick_not_with_each_look(tmp_path: Path) -> None:
    now = [datetime(2026, 1, 15, 12, 0, 30, tzinfo=UTC)]
    trigger = Hourly()
    store = open_store(f"sqlite:///{tmp_path}/clock.sqlite")
    noter = Noter(
        [Scheduled(Schedule(name="hourly", trigger=trigger), "job")],
        ledger=store.ledger,
        claims=store.schedule,
        clock=lambda: now[0],
    )
    noter.run()
    noter.run()
    asked = trigger.asked
    for _ in range(1000):
        now[0] += timedelta(seconds=1)
        noter.run()
    assert trigger.asked == asked
    assert store.ledger.page("hourly", limit=1).lines == ()
    now[0] = datetime(2026, 1, 15, 13, 0, 1, tzinfo=UTC)
    noter.run()
    assert [one.due.hour for one in store.ledger.page("hourly", limit=9).lines] == [13]
    store.close()
