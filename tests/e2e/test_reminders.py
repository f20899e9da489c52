"""The reminders of both documents exactly as printed, and one that comes later than idle sessions are deleted: one mail each, by its id."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.helpers.embedded import Embedded, Visit, until
from tests.helpers.hands import Hands
from tests.helpers.packs import write_pack
from tests.helpers.reminders import CURRENT, FIRST, LATER

ENDS = """
---
event: cron_monthly
code: |
  if last_access_days() > 365:
    command('exit')
---
mandatory: False
code: |
  postbox = interview_email()
"""


@pytest.fixture
def system(tmp_path: Path, hands: Hands) -> Iterator[Embedded]:
    write_pack(tmp_path, "reminders", {"first": FIRST, "current": CURRENT, "later": LATER + ENDS})
    running = Embedded(tmp_path / "var", packages=tmp_path, clock=hands)
    yield running
    running.stop()


def filed(system: Embedded, name: str) -> Visit:
    visit = system.visit(f"reminders:{name}.yml")
    if "Filing" in str(visit.screen):
        visit.answer({"filing_date": {"date": "2026-01-15"}})
    if visit.screen["fields"]:
        visit.answer({"email_address": f"{name}@example.com"})
    while visit.screen["fields"]:
        values = {"filing_date": {"date": "2026-01-15"}, "email_address": f"{name}@example.com"}
        visit.answer({one["variable"]: values[one["variable"]] for one in visit.screen["fields"]})
    return visit


def mails(folder: Path) -> dict[str, int]:
    """How many there are for each address; a Message-ID is a file of its own."""
    counts: dict[str, int] = {}
    for path in (folder / "var" / "mail").glob("*.eml"):
        to = str(message_from_bytes(path.read_bytes())["To"])
        counts[to] = counts.get(to, 0) + 1
    return counts


def pass_to(system: Embedded, hands: Hands, day: int, *, hour: int = 7) -> None:
    """The tick of the day's morning has come and is done with."""
    hands.now = datetime(2026, 1, 15, hour, tzinfo=UTC) + timedelta(days=day)
    system.system._clock.look()
    entries = lambda: system.system.store.ledger.page("cron_daily", limit=1).lines  # noqa: E731
    due = hands.now.replace(hour=6)
    until(lambda: bool(entries()) and entries()[0].due == due and not entries()[0].open, f"no tick on day {day}")


def test_both_reminders_as_printed_arrive_once(system: Embedded, hands: Hands, tmp_path: Path) -> None:
    for name in ("first", "current"):
        filed(system, name)
    sent: list[tuple[int, dict[str, int]]] = []
    for day in (1, 19, 20, 21, 22, 30):
        pass_to(system, hands, day)
        if day == 20:  # in the morning twenty days and some hours have passed
            until(lambda: len(mails(tmp_path)) == 2, "no reminder after 20 days")
        sent.append((day, mails(tmp_path)))
    both = {"first@example.com": 1, "current@example.com": 1}
    assert sent == [(1, {}), (19, {}), (20, both), (21, both), (22, both), (30, both)]
    entries = system.system.store.ledger.page("cron_daily").lines
    assert {one.outcome for one in entries} <= {"ran", "late", "skipped"}
    assert sum(one.count for one in entries) == 30


def test_a_reminder_after_120_days_arrives_though_sessions_are_deleted_after_90(
    system: Embedded, hands: Hands, tmp_path: Path
) -> None:
    visit = filed(system, "later")
    address = "nobody"
    for day in (1, 50, 91, 95, 119, 121):
        pass_to(system, hands, day)
        system.system._clock.round()
    until(lambda: mails(tmp_path) == {"later@example.com": 1}, "no reminder after 120 days")
    store = system.system.store
    assert store.sessions.exists(visit.session)

    # A month after a year in which nobody came, the session ends itself.
    for day in (300, 370):
        assert store.sessions.exists(visit.session)
        pass_to(system, hands, day)
    until(lambda: not store.sessions.exists(visit.session), "it did not end itself")
    assert mails(tmp_path) == {"later@example.com": 1}
    assert store.tasks.of_session(visit.session) == []
    assert store.files.of_session(visit.session) == []
    assert store.mails.addresses(visit.session) == []
    assert store.ticks.of_session(visit.session) == []
    assert store.sessions.visits(visit.session) == ()
    assert store.mails.find(address) is None
