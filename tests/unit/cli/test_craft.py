"""``craft``: a new task, and ticks of this minute that a clock has not run. Running them in children: tests/contract/services."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from services.cli import craft
from services.clock.noting import Scheduled
from services.schedules.core import Schedule, Tick
from services.schedules.triggers import parse
from services.settings import SettingsError, load
from shared.runner.call import Called, CallError, Failed
from shared.store.sqlite import SqliteStore
from tests.helpers.memory import memory_store

DUE = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
TASK = SimpleNamespace(name="reminders")


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    made = memory_store()
    yield made
    made.close()


def kept(store: SqliteStore, *called: Called, pages: bool = True) -> tuple[craft._Kept, io.StringIO]:
    out, left = io.StringIO(), list(called)
    return craft._Kept(store, lambda job: left.pop(0), longest=timedelta(hours=1), pages=pages, out=out), out


def test_a_new_task_is_a_class_and_never_written_over_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    assert craft.new_task("Reminders", folder=tmp_path, out=out) == 0
    path = tmp_path / "app" / "tasks" / "Reminders.py"
    assert out.getvalue() == f"{path} is there.\n"
    compile(text := path.read_text(), str(path), "exec")
    assert "class Reminders(Task):" in text
    path.write_text("mine")
    assert craft.new_task("Reminders", folder=tmp_path, out=out) == 2
    assert "is there already" in capsys.readouterr().err
    assert path.read_text() == "mine"


def test_a_folder_that_takes_no_task(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "app").write_text("a file")
    assert craft.new_task("Reminders", folder=tmp_path) == 2
    assert capsys.readouterr().err.startswith("craft: cannot write ")


def test_what_is_due_in_this_minute() -> None:
    half = Scheduled(Schedule(name="half", trigger=parse({"type": "cron", "minute": 30}, zone=UTC)), "task")  # type: ignore[arg-type]
    full = Scheduled(Schedule(name="full", trigger=parse({"type": "cron", "minute": 0}, zone=UTC)), "task")  # type: ignore[arg-type]
    assert craft._due([half, full], DUE + timedelta(seconds=40)) == {"half": DUE}


def test_a_tick_is_run_once_and_is_in_the_ledger(store: SqliteStore) -> None:
    runs, out = kept(store, Called(value={"printed": "two letters\n"}))
    assert runs.run(TASK, DUE)  # type: ignore[arg-type]
    assert runs.run(TASK, DUE), "somebody has had it"  # type: ignore[arg-type]
    [entry] = store.ledger.page("reminders").lines
    assert (entry.period, entry.outcome, entry.detail) == (Tick("reminders", DUE).period, "ran", {})
    assert out.getvalue() == "two letters\n"


def test_a_task_that_fails_says_so_here_and_in_the_ledger(
    store: SqliteStore, capsys: pytest.CaptureFixture[str]
) -> None:
    runs, _ = kept(store, Called(failed=Failed(error=CallError.RAISED, type="KeyError", message="'x'")))
    assert not runs.run(TASK, DUE)  # type: ignore[arg-type]
    [entry] = store.ledger.page("reminders").lines
    assert (entry.outcome, entry.reason) == ("failed", str(CallError.RAISED))
    assert capsys.readouterr().err == f"craft: reminders: {CallError.RAISED}: KeyError 'x'\n"


def test_one_that_is_only_wanted_is_no_tick(store: SqliteStore, capsys: pytest.CaptureFixture[str]) -> None:
    runs, _ = kept(store, Called(value={"told": 1}), pages=False)
    assert runs.run(TASK, None)  # type: ignore[arg-type]
    assert store.ledger.schedules() == []
    assert "no open page was told" in capsys.readouterr().err


def test_without_a_database_the_crontab_line_is_the_only_clock(tmp_path: Path) -> None:
    assert craft._store(load({"PARLEY_VAR": str(tmp_path)}, need_secret=False)) is None
    (tmp_path / "parley.sqlite").touch()
    with pytest.raises(SettingsError, match="it needs that of the services"):
        craft._store(load({"PARLEY_VAR": str(tmp_path)}, need_secret=False))
