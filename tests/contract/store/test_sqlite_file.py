"""What can be wrong with a file of SQLite, and with the address of a store."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from shared.store.open import open_store
from shared.store.packing import from_ms
from shared.store.ports import BadRecord, StoreError, StoreUnavailable
from shared.store.records import head_of
from shared.store.sqlite import SqliteStore, database, schema
from tests.contract.store.make import a_commit, a_session
from tests.contract.store.processes import ROOT


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "sqlite",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://host/x",
        "postgres://h/x",
        "file:///x",
        "mongodb://",
    ],
)
def test_addresses_that_are_none(uri: str) -> None:
    with pytest.raises(BadRecord):
        open_store(uri)


def test_a_second_start_finds_what_was_kept(tmp_path: Path) -> None:
    for version in range(3):
        store = open_store(f"sqlite:///{tmp_path}/a%20b.sqlite")
        if version == 0:
            store.sessions.create(a_session())
        assert store.sessions.commit("s", version=version, commit=a_commit(state=b"%d" % version))
        store.ping()
        store.close()
    assert (tmp_path / "a b.sqlite").exists()


def test_writes_are_synced_but_those_that_repeat_themselves(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "x.sqlite")
    store.prepare()

    def modes(connection: sqlite3.Connection) -> list[Any]:
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")]

    for durable, expected in ((True, 2), (False, 1), (True, 2)):
        with store._database.write(durable=durable) as connection:
            assert modes(connection) == [expected, "wal"]
    with pytest.raises(ZeroDivisionError), store._database.write(durable=False):
        _ = 1 / 0
    with store._database.write() as connection:
        assert modes(connection) == [2, "wal"]
    store.close()


def test_an_answer_waits_for_the_disk_once(tmp_path: Path) -> None:
    """Counted by the system: a commit is one sync; publishing, claiming and beating are none."""
    program = """
import sys
from datetime import timedelta
from shared.store.open import open_store
from tests.contract.store.make import a_commit, a_session, a_task, an_entry, at
store = open_store(sys.argv[1])
store.sessions.create(a_session())
store.sessions.commit("s", version=0, commit=a_commit(state=b"1"))
print("begin", flush=True)
store.sessions.commit("s", version=1, commit=a_commit(state=b"2", outbox=(an_entry("o"),)))
print("committed", flush=True)
store.tasks.add(a_task())
store.sessions.publish_done("s", ["o"])
store.tasks.claim("t", lease="a", now=at(0), length=timedelta(minutes=1))
store.tasks.heartbeat("t", lease="a", now=at(0), length=timedelta(minutes=1))
store.schedule.note("n", {})
print("lazy", flush=True)
store.tasks.finish("t", lease="a", status="done", result={}, now=at(1))
print("finished", flush=True)
"""
    if shutil.which("strace") is None:
        pytest.skip("left out: needs strace to count what waits for the disk: apt-get install strace")
    trace = tmp_path / "trace"
    command = [
        "strace",
        "-f",
        "-e",
        "trace=fsync,fdatasync,write",
        "-e",
        "signal=none",
        "-o",
        str(trace),
        sys.executable,
    ]
    subprocess.run([*command, "-c", program, f"sqlite:///{tmp_path}/x.sqlite"], cwd=ROOT, check=True, timeout=60)
    text = trace.read_text()
    parts = [text.index(f'write(1, "{name}') for name in ("begin", "committed", "lazy", "finished")]
    syncs = [text[begin:end].count("sync(") for begin, end in pairwise(parts)]
    assert syncs == [1, 0, 1]


def test_a_folder_that_is_not_there_or_not_writable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="unable to open"):
        open_store(f"sqlite:///{tmp_path}/gone/x.sqlite")
    with pytest.raises(StoreUnavailable):
        open_store(f"sqlite:///{tmp_path}")


def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match="not a database"):
        open_store(f"sqlite:///{tmp_path}/x.sqlite")


def test_a_file_of_a_newer_parley(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    open_store(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer Parley"):
        open_store(f"sqlite:///{path}")


def test_a_file_locked_by_another_process_for_too_long(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "x.sqlite", busy_seconds=0.1)
    store.prepare()
    store.sessions.create(a_session())
    other = sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked by another process"):
        store.sessions.commit("s", version=0, commit=a_commit(state=b"x"))
    assert store.sessions.load("s") == a_session()
    other.execute("ROLLBACK")
    assert store.sessions.commit("s", version=0, commit=a_commit(state=b"x"))
    other.close()
    store.close()


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/x.sqlite")
    store.close()
    store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        store.sessions.load("s")


def test_a_full_disk_is_said_and_changes_nothing(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "x.sqlite")
    store.prepare()
    store.sessions.create(a_session())
    with store._database.read() as connection:
        connection.execute("PRAGMA max_page_count = 200")
    with pytest.raises(StoreUnavailable, match="full"):
        store.sessions.commit("s", version=0, commit=a_commit(state=b"x" * 2_000_000))
    assert store.sessions.load("s") == a_session()
    assert store.sessions.commit("s", version=0, commit=a_commit(state=b"y"))
    store.close()


def test_mails_of_before_have_their_headers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = schema.MIGRATIONS[: schema.MIGRATIONS.index(schema._HEADS)]
    monkeypatch.setattr(database, "MIGRATIONS", before)
    SqliteStore(tmp_path / "old.sqlite").prepare()
    raws = {
        "m1": b"Subject: x\r\n\r\nbody\r\n\r\n",
        "m2": b"Subject: no end",
        "m3": b"X" * 70_000 + b"\r\n\r\n",
        "m4": b"",
    }
    with sqlite3.connect(tmp_path / "old.sqlite") as connection:
        connection.executemany(
            "INSERT INTO mails VALUES (?, 'abc', 's', 'a@example.com', 5, 'done', ?)", list(raws.items())
        )
    connection.close()
    monkeypatch.setattr(database, "MIGRATIONS", schema.MIGRATIONS)
    store = SqliteStore(tmp_path / "old.sqlite")
    store.prepare()
    assert {one.id: one.head for one in store.mails.heads("s").lines} == {name: head_of(raws[name]) for name in raws}
    store.close()


def test_files_of_before_that_outlast_their_sessions_were_of_use_when_they_were_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = schema.MIGRATIONS[: schema.MIGRATIONS.index(schema._USED)]
    monkeypatch.setattr(database, "MIGRATIONS", before)
    SqliteStore(tmp_path / "old.sqlite").prepare()
    with sqlite3.connect(tmp_path / "old.sqlite") as connection:
        connection.executemany(
            "INSERT INTO files (session, filename, mimetype, created, size, sha256) VALUES (?, 'f', 'm', 5000, 1, 'x')",
            [("s",), ("open:s",), ("lasting:s",)],
        )
    connection.close()
    monkeypatch.setattr(database, "MIGRATIONS", schema.MIGRATIONS)
    store = SqliteStore(tmp_path / "old.sqlite")
    store.prepare()
    assert store.files.unused(before=from_ms(5001)) == [(3, "s")]
    assert store.files.unused(before=from_ms(5000)) == []
    store.close()
