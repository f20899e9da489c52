"""A record as text, and the files that ``log:`` asks for."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.logs import session_hash
from services.runs.files import KEPT, RunFiles
from services.runs.text import as_text
from shared.store.records import RunRecord

FAILURE = {
    "type": "KeyError",
    "message": "'x'",
    "file": "demos:a.yml",
    "block": "block 2",
    "line": 7,
    "trail": ["n", "m"],
    "trace": "demos:a.yml, block 2, line 7\nKeyError: 'x'",
}


def a_run(**values: Any) -> RunRecord:
    given = {
        "id": "r",
        "kind": "worker",
        "at": datetime(2026, 1, 15, 10, 30, 5, tzinfo=UTC),
        "session": "s",
        "interview": "demos:a.yml",
        "what": "task",
    }
    return RunRecord(**(given | values))


def test_a_record_is_read_at_a_glance() -> None:
    assert as_text(a_run(name="act", ok=False, lines=("one", "two"), failure=FAILURE)) == (
        f"2026-01-15T10:30:05Z task act failed: demos:a.yml, session {session_hash('s')}\n"
        "    one\n"
        "    two\n"
        "    KeyError: 'x'\n"
        "    in demos:a.yml, block 2, line 7\n"
        "    while seeking n, m\n"
        "      demos:a.yml, block 2, line 7\n"
        "      KeyError: 'x'\n"
    )


def test_what_was_sealed_and_cannot_be_opened_says_so() -> None:
    assert "    ValueError: (sealed)\n" in as_text(a_run(ok=False, failure={"type": "ValueError"}))


def test_a_terminal_is_not_told_what_to_do() -> None:
    told = as_text(a_run(lines=("\x1b[31mred\r\nnext",)))
    assert "\\x1b[31mred\\r\\nnext" in told
    assert told.count("\n") == 2


def test_each_kind_goes_to_its_file(tmp_path: Path) -> None:
    files = RunFiles(tmp_path / "logs")
    for kind in ("worker", "mail", "cron", "scheduler", "interview"):
        files.write(a_run(kind=kind, lines=(kind,)))
    found = {path.name: path.read_text() for path in (tmp_path / "logs").glob("*.log")}
    assert {name: [kind for kind in ("worker", "mail", "cron", "scheduler", "interview") if kind in text.split()]
            for name, text in found.items()} == {
        "worker.log": ["worker", "mail"],
        "cron.log": ["cron"],
        "scheduler.log": ["scheduler"],
    }  # fmt: skip


def test_files_are_rotated_and_seven_kept(tmp_path: Path) -> None:
    files = RunFiles(tmp_path, size=300)
    for number in range(60):
        files.write(a_run(lines=(f"line {number}",)))
    names = sorted(path.name for path in tmp_path.glob("worker.log*"))
    assert names == ["worker.log", *(f"worker.log.{number}" for number in range(1, KEPT + 1))]
    assert "line 59" in (tmp_path / "worker.log").read_text()
    assert all(path.stat().st_size <= 300 for path in tmp_path.glob("worker.log*"))


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: RunFiles(tmp_path, size=900).write(a_run(lines=(f"<{number}>",))), range(40)))
    text = "".join(path.read_text() for path in tmp_path.glob("worker.log*"))
    assert [number for number in range(40) if f"<{number}>" not in text] == []


def test_a_folder_that_cannot_be_written_is_told_and_harms_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    with caplog.at_level(logging.WARNING):
        RunFiles(tmp_path / "file").write(a_run())
    [record] = caplog.records
    assert (record.msg, json.dumps(record.kind)) == ("run_not_written", '"worker"')  # type: ignore[attr-defined]
