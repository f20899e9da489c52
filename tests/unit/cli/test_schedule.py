"""``parley schedule``: schedules with their ticks, what fails, pausing and going on. Running by hand: tests/contract/services."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.cli import schedule as command
from services.clock.noting import PAUSED
from services.logs import session_hash
from shared.store.ports import StoreUnavailable
from shared.store.records import LedgerEntry, TickMark
from shared.store.sqlite import SqliteStore
from tests.contract.store.make import a_session, at
from tests.helpers.memory import memory_store

ERROR = {"type": "KeyError", "file": "demos:a.yml", "block": "b", "line": 3, "trail": ["x", "y"]}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteStore]:
    made = memory_store()
    (tmp_path / "parley.sqlite").touch()
    monkeypatch.setenv("PARLEY_VAR", str(tmp_path))
    for name in ("AMQP_URI", "MONGO_URI", "PARLEY_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(command, "open_store", lambda address: made)
    close, made.close = made.close, lambda: None  # type: ignore[method-assign]
    yield made
    close()


def said(*words: str) -> tuple[int, list[str]]:
    out = io.StringIO()
    return command.schedule(*words, out=out), out.getvalue().splitlines()


def test_each_schedule_is_there_with_its_last_and_its_next_ticks(store: SqliteStore) -> None:
    status, lines = said()
    assert status == 0
    start = lines.index("cron_daily  (interviews, UTC)")
    assert lines[start + 1] == "    last: none yet"
    assert len(lines[start + 2].split(", ")) == 5


def test_a_tick_says_how_late_it_was_how_long_it_took_and_what_it_did(store: SqliteStore) -> None:
    store.ledger.note(
        LedgerEntry(
            schedule="cron_daily", period="p", kind="interviews", due=at(0), outcome="late", reason="no clock ran", count=3,
            first=at(-120), began=at(30), ended=at(32), counts={"ran": 7}, detail={"interviews": {"demos:a.yml": "it has no block"}},
        )
    )  # fmt: skip
    _, [tick, interview] = said("show", "cron_daily")
    assert tick.split("  ")[1:] == [
        "late", f"3 ticks from {at(-120):%Y-%m-%d %H:%M:%S} on", "(no clock ran)", "lag 30 s", "took 2.0 s", "ran 7",
    ]  # fmt: skip
    assert interview == "    demos:a.yml: it has no block"


def test_sessions_that_fail_are_counted_and_shown_by_their_hash(store: SqliteStore) -> None:
    store.sessions.create(a_session("s1"))
    mark = TickMark(
        session="s1", event="cron_daily", period="p", at=at(0), outcome="failed", failures=4, error=ERROR,
        until=at(0) + timedelta(hours=1),
    )  # fmt: skip
    store.ticks.put(mark)
    assert "    failing: 1 sessions (parley schedule show cron_daily)" in said()[1]
    _, lines = said("show", "cron_daily")
    assert lines[0] == "cron_daily: no tick yet"
    assert lines[1] == (
        f"session {session_hash('s1')} failed 4 times in a row: KeyError in demos:a.yml, b, line 3, while seeking x, y"
    )


def test_a_job_that_failed_is_shown_with_its_place_even_if_it_is_gone(store: SqliteStore) -> None:
    detail = {"file": "office.py", "type": "ValueError", "line": 9}
    store.ledger.note(
        LedgerEntry(schedule="office.count", period="p", kind="job", due=at(0), outcome="failed", detail=detail)
    )
    assert said("show", "office.count")[1][1] == "    ValueError in office.py, line 9"
    assert "office.count  (gone, UTC)" in said()[1]


def test_a_schedule_pauses_until_it_goes_on(store: SqliteStore) -> None:
    assert said("pause", "cron_daily")[1] == [
        "cron_daily pauses: its ticks are skipped until `parley schedule resume cron_daily`"
    ]
    assert f"{PAUSED}cron_daily" in store.schedule.notes(PAUSED)
    assert "cron_daily  (interviews, UTC, paused)" in said()[1]
    assert said("resume", "cron_daily") == (0, ["cron_daily goes on"])
    assert store.schedule.notes(PAUSED) == {}


def test_what_is_no_schedule(store: SqliteStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert said("pause", "nosuch") == (2, [])
    assert capsys.readouterr().err == "parley: there is no schedule 'nosuch'\n"


def test_a_store_that_is_away(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def away() -> list[str]:
        raise StoreUnavailable("nothing answers")

    monkeypatch.setattr(store.ledger, "schedules", away)
    assert said("show", "cron_daily") == (2, [])
    assert capsys.readouterr().err == "parley: nothing answers\n"
