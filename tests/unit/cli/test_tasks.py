"""``parley tasks``: the list, one task, ending it, having it run again. Over the databases themselves: tests/contract/services."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.cli import tasks as command
from services.settings import Settings
from shared.contract.tasks import TaskStatus
from shared.store.ports import StoreUnavailable
from shared.store.sqlite import SqliteStore
from shared.vault.plain import PLAIN
from shared.vault.store import VaultedStore
from tests.contract.store.make import a_session, a_task, at
from tests.helpers.memory import memory_store

FAILED = {"error_type": "KeyError", "error_message": "'x'", "error_trace": "Traceback …", "variables": ["a", "b"]}


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteStore]:
    made = memory_store()
    made.sessions.create(a_session())
    for name in ("waits", "runs", "fails"):
        made.tasks.add(a_task(name, created=at(0)))
    made.tasks.claim("runs", lease="l", now=at(1), length=timedelta(minutes=1))
    made.tasks.progress("runs", lease="l", progress={"fraction": 0.25, "text": "page 1"})
    made.tasks.claim("fails", lease="l", now=at(1), length=timedelta(minutes=1))
    made.tasks.finish("fails", lease="l", status=TaskStatus.FAILED, result=FAILED, now=at(2))
    monkeypatch.setattr(command, "settings_for", lambda var: Settings(var=Path("nowhere")))
    monkeypatch.setattr(command, "open_named", lambda settings: made)
    monkeypatch.setattr(command, "sealed", lambda settings, inner, clock: VaultedStore(inner, PLAIN))
    close, made.close = made.close, lambda: None  # type: ignore[method-assign]
    yield made
    close()


def said(*words: str, **options: object) -> tuple[int, list[str]]:
    out = io.StringIO()
    return command.tasks(*words, out=out, **options), out.getvalue().splitlines()  # type: ignore[arg-type]


def test_what_is_to_be_done_and_what_went_wrong_is_listed(store: SqliteStore) -> None:
    status, lines = said()
    assert status == 0
    assert [line.split()[:2] for line in lines] == [["waits", "queued"], ["runs", "running"], ["fails", "failed"]]
    assert lines[1].endswith("work  25%")
    assert lines[2].endswith("work  KeyError")


def test_a_page_of_one_status_says_how_to_get_the_next(store: SqliteStore) -> None:
    store.tasks.add(a_task("later", created=at(5)))
    _, [first, more] = said(status="queued", limit=1)
    assert first.startswith("later ")
    assert more.startswith("More: parley tasks --status queued --after ")
    _, [last] = said(status="queued", after=more.rpartition(" ")[2])
    assert last.startswith("waits ")


@pytest.mark.parametrize(("status", "line"), [("done", "No task is done."), (None, "No task waits, runs or failed.")])
def test_nothing_is_said_too(store: SqliteStore, status: str | None, line: str) -> None:
    store.sessions.delete("s")
    assert said(status=status) == (0, [line])


def test_one_task_with_what_it_failed_of(store: SqliteStore) -> None:
    status, lines = said("show", "fails")
    told = dict(line.split(None, 1) for line in lines if line and not line.startswith("Traceback"))
    assert status == 0
    assert (told["status"], told["queue"], told["priority"]) == ("failed", "task", "normal")
    assert (told["error"], told["message"], told["seeking"]) == ("KeyError", "'x'", "a, b")
    assert lines[-1] == "Traceback …"
    assert "progress   25% page 1" in said("show", "runs")[1]


def test_what_waits_or_runs_can_be_revoked_and_nothing_else(
    store: SqliteStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said("revoke", "runs") == (0, ["runs is revoked"])
    assert said("revoke", "fails") == (1, [])
    assert "only one that waits or runs can be revoked" in capsys.readouterr().err


def test_what_failed_can_be_run_again_and_nothing_else(store: SqliteStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert said("retry", "waits") == (1, [])
    assert "it is queued" in capsys.readouterr().err
    status, [line] = said("retry", "fails")
    assert status == 0
    assert line.startswith("fails is queued again. The system that runs on this folder")
    found = store.tasks.get("fails")
    assert found is not None
    assert (found.status, found.attempts) == (TaskStatus.QUEUED, 0)


def test_what_was_given_may_be_gone(store: SqliteStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert store.tasks.trim("fails", result=None)
    assert said("retry", "fails") == (1, [])
    assert "what it was given is not kept any more" in capsys.readouterr().err


def test_a_task_that_is_none(store: SqliteStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert said("show", "nosuch") == (1, [])
    assert "there is no task 'nosuch'" in capsys.readouterr().err


def test_a_database_that_is_away(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def away(settings: Settings) -> SqliteStore:
        raise StoreUnavailable("nothing answers at h:1")

    monkeypatch.setattr(command, "open_named", away)
    assert said() == (2, [])
    assert capsys.readouterr().err == "parley: nothing answers at h:1\n"
