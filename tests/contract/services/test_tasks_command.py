"""``parley tasks`` over both stores: what it lists and shows, what it ends and has run again; everything else is one clear line."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.cli.main import STATUSES, main
from services.cli.tasks import tasks
from shared.contract.tasks import TaskStatus
from shared.store.open import open_store
from shared.store.ports import Store
from tests.contract.store.conftest import store_uri
from tests.contract.store.make import a_session, a_task

__all__ = ["store_uri"]
NOW = datetime.now(UTC).replace(microsecond=0)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def filled(store_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    for name in ("AMQP_URI", "MONGO_URI", "PARLEY_CONFIG", "PARLEY_VAR"):
        monkeypatch.delenv(name, raising=False)
    if store_uri.startswith("sqlite"):
        monkeypatch.setenv("PARLEY_VAR", str(tmp_path))
    else:
        monkeypatch.setenv("MONGO_URI", store_uri)
    store = open_store(store_uri)
    store.sessions.create(a_session())
    for name in ("waits", "runs", "failed", "done"):
        store.tasks.add(a_task(name, created=NOW))
    store.tasks.claim("runs", lease="a", now=NOW, length=MINUTE)
    store.tasks.progress("runs", lease="a", progress={"fraction": 0.4, "text": "Reading page 3"})
    error = {
        "error_type": "KeyError",
        "error_message": "no such street",
        "error_trace": "line 3",
        "variables": ["street"],
    }
    store.tasks.finish("failed", lease=None, status=TaskStatus.FAILED, result={"ok": False, **error}, now=NOW)
    store.tasks.finish("done", lease=None, status=TaskStatus.DONE, result={"ok": True}, now=NOW)
    yield store
    store.close()


def said(*words: str, **options: object) -> tuple[int, str]:
    out = io.StringIO()
    status = tasks(*words, out=out, **options)  # type: ignore[arg-type]
    return status, out.getvalue()


def test_the_list_has_what_is_to_be_done_and_what_went_wrong(filled: Store) -> None:
    status, text = said()
    lines = text.splitlines()
    assert status == 0
    assert [line.split()[0] for line in lines] == ["waits", "runs", "failed"]
    assert lines[1].endswith("demos:welcome.yml work  40%")
    assert lines[2].endswith("KeyError")
    assert "no such street" not in text, "what it said may be an answer"


def test_those_of_one_status_come_in_pages(filled: Store) -> None:
    filled.tasks.add(a_task("more", created=NOW - MINUTE))
    _, text = said(status="queued", limit=1)
    first, more = text.splitlines()
    assert first.startswith("waits ")
    _, rest = said(status="queued", limit=1, after=more.rpartition(" ")[2])
    assert rest.startswith("more ")
    assert said(status="revoked") == (0, "No task is revoked.\n")


def test_one_is_shown_with_what_is_known_of_it(filled: Store) -> None:
    _, running = said("show", "runs")
    assert "progress   40% Reading page 3" in running
    _, failed = said("show", "failed")
    assert "message    no such street" in failed
    assert failed.endswith("line 3\n")


def test_what_waits_or_runs_is_revoked(filled: Store) -> None:
    for name in ("waits", "runs"):
        assert said("revoke", name) == (0, f"{name} is revoked\n")
        assert filled.tasks.status(name, session="s") == "revoked"
    assert said("revoke", "done")[0] == 1


def test_what_failed_is_run_again(filled: Store, capsys: pytest.CaptureFixture[str]) -> None:
    status, text = said("retry", "failed")
    assert status == 0
    assert text.startswith("failed is queued again.")
    assert filled.tasks.status("failed", session="s") == "queued"
    assert said("retry", "done")[0] == 1
    assert "only a task that failed can be run again, and it is done" in capsys.readouterr().err


def test_of_a_session_that_cannot_be_opened_here_only_the_outside_is_shown(
    filled: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("closed", "open"):
        filled.tasks.add(a_task(name, session="locked", created=NOW))
    filled.tasks.claim("open", lease="a", now=NOW, length=MINUTE)
    result = {"ok": False, "error_type": "KeyError", "sealed": b"what it said"}
    filled.tasks.finish("closed", lease=None, status=TaskStatus.FAILED, result=result, now=NOW)
    status, text = said("show", "closed")
    assert (status, "KeyError" in text, "what it said" in text) == (0, True, False)
    assert said("retry", "closed")[0] == 1
    assert "the session is sealed" in capsys.readouterr().err
    assert filled.tasks.status("closed", session="locked") == "failed"
    assert said()[0] == 0
    assert said("revoke", "open") == (0, "open is revoked\n")
    assert filled.tasks.status("open", session="locked") == "revoked"


@pytest.mark.parametrize("given", [["show"], ["revoke"], ["list", "t"]])
def test_what_is_about_one_task_names_it(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tasks", *given]) == 2
    assert capsys.readouterr().err.startswith("parley: show, revoke and retry are about one task")


def test_a_task_that_is_none(filled: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert said("show", "nonsense") == (1, "")
    assert capsys.readouterr().err == "parley: there is no task 'nonsense'\n"


def test_where_there_is_no_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tasks", "--var", str(tmp_path / "nowhere")]) == 2
    assert "there is no database in" in capsys.readouterr().err


def test_statuses_are_those_there_are() -> None:
    assert set(STATUSES) == set(TaskStatus)
