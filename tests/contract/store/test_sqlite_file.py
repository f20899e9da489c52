"""What can be wrong with a file of SQLite, and with the address of a store."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from shared.store.open import open_store
from shared.store.ports import BadRecord, StoreError, StoreUnavailable
from shared.store.sqlite import SqliteStore
from tests.contract.store.make import a_commit, a_session


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


def test_every_write_is_synced(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "x.sqlite")
    store.prepare()
    with store._database.write() as connection:
        modes = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")]
    assert modes == [2, "wal"]
    store.close()


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
