"""``parley log``: pages of what runs said, the newest first. Over the databases themselves: tests/contract/services."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli import log as command
from services.logs import session_hash
from shared.store.ports import StoreUnavailable
from shared.store.sqlite import SqliteStore
from tests.contract.store.make import a_run, at
from tests.helpers.memory import memory_store


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteStore]:
    made = memory_store()
    for number in range(3):
        made.runs.append(a_run(f"r{number}", at=at(number), lines=(f"line {number}",)))
    monkeypatch.setattr(command, "open_named", lambda settings: made)
    yield made
    made.close()


def said(kind: str, **options: object) -> tuple[int, list[str]]:
    out = io.StringIO()
    return command.log(kind, out=out, **options), out.getvalue().splitlines()  # type: ignore[arg-type]


def test_a_page_ends_with_how_to_get_the_next(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "close", lambda: None)
    status, lines = said("worker", limit=2)
    assert status == 0
    assert [line.strip() for line in lines if line.startswith(" ")] == ["line 2", "line 1"]
    assert lines[-1].startswith("More: parley log worker --after ")
    _, rest = said("worker", limit=2, after=lines[-1].rpartition(" ")[2])
    assert rest[-1].strip() == "line 0"


def test_of_one_session_there_is_all_however_far_back(store: SqliteStore) -> None:
    store.runs.append(a_run("other", session="t", at=at(-9), lines=("its line",)))
    for number in range(300):
        store.runs.append(a_run(f"more{number}", at=at(9 + number)))
    _, lines = said("worker", session=session_hash("t"))
    assert [line.strip() for line in lines[1:]] == ["its line"]
    assert lines[0].endswith(session_hash("t"))


def test_a_session_of_which_nothing_is_kept_is_said(store: SqliteStore) -> None:
    _, [line] = said("worker", session="abc")
    assert line.startswith("No run of worker of session abc has said")


@pytest.mark.parametrize(
    ("kind", "line"),
    [("cron", "No run of cron has said anything"), ("scheduler", "No run of scheduler has said anything")],
)
def test_nothing_is_said_in_words(store: SqliteStore, kind: str, line: str) -> None:
    status, lines = said(kind)
    assert status == 0
    assert len(lines) == 1
    assert lines[0].startswith(line)


def test_a_store_that_is_away_is_one_clear_line(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def away(*given: object, **named: object) -> None:
        raise StoreUnavailable("no database at db.example")

    monkeypatch.setattr(store.runs, "page", away)
    assert said("worker") == (2, [])
    assert capsys.readouterr().err == "parley: no database at db.example\n"


def test_a_folder_without_a_database_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said("worker", var=str(tmp_path)) == (2, [])
    assert f"there is no database in {tmp_path}" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
