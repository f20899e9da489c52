"""What can be wrong with a file of SQLite, and with the address of a store."""

from __future__ import annotations

import ctypes
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from shared.store.open import open_store
from shared.store.packing import from_ms, pack
from shared.store.ports import BadRecord, StoreError, StoreUnavailable
from shared.store.records import OutgoingMail, Step, Visit, head_of
from shared.store.sqlite import SqliteStore, database, schema
from tests.contract.store.make import a_commit, a_session, at
from tests.contract.store.processes import ROOT

#: Bytes of SQLite's log (https://www.sqlite.org/fileformat2.html#walformat): what it begins with, and a page of it.
_LOG_HEAD, _LOG_PAGE = 32, 24 + 4096


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


def test_sessions_of_before_are_all_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their tables are written anew, so that an answer writes fewer pages."""
    before = schema.MIGRATIONS[: schema.MIGRATIONS.index(schema._FEWER_PAGES)]
    monkeypatch.setattr(database, "MIGRATIONS", before)
    SqliteStore(tmp_path / "old.sqlite").prepare()
    nothing = pack("nothing", {}, limit=100)
    row = {
        "version": 3, "interview": "demos:welcome.yml", "step": 1, "top": 3, "secret": b"secret", "sealed": 1, "created": 1_000,
        "modified": 1_000_000, "accessed": 2_000_000, "owner": "o", "multi_user": 1, "allow_cron": 1, "scheduled": 0,
        "events": pack("events", ["a"], limit=100), "title": "T", "tags": pack("tags", ["b"], limit=100), "progress": 7,
        "browsers": pack("browsers", ["me"], limit=100), "slots": nothing, "applied": nothing, "extra": nothing,
        "seen": nothing, "state": b"x" * 9_000,
    }  # fmt: skip
    with sqlite3.connect(tmp_path / "old.sqlite") as connection:
        for name in ("s", "t"):
            held = {"id": name, **row}
            marks = ", ".join(f":{one}" for one in held)
            connection.execute(f"INSERT INTO sessions ({', '.join(held)}) VALUES ({marks})", held)
            connection.execute("INSERT INTO steps (session, uid, number, delta) VALUES (?, 3, 1, ?)", (name, b"delta"))
    connection.close()
    monkeypatch.setattr(database, "MIGRATIONS", schema.MIGRATIONS)
    store = SqliteStore(tmp_path / "old.sqlite")
    store.prepare()
    for name in ("s", "t"):
        found = store.sessions.load(name)
        assert found is not None
        assert found.top is not None
        assert (found.version, found.step, found.top.delta, found.state) == (3, 1, b"delta", row["state"])
        assert (found.secret, found.owner, found.title, found.progress) == (b"secret", "o", "T", 7)
        assert (found.events, found.tags, found.browsers) == (("a",), ("b",), ("me",))
        assert (found.modified, found.accessed) == (from_ms(1_000_000), from_ms(2_000_000))
    idle = store.sessions.idle("demos:welcome.yml", scheduled=False, before=from_ms(1_000_001))
    assert idle.lines == ("s", "t")
    assert store.sessions.unvisited("demos:welcome.yml", before=from_ms(2_000_000)).lines == ()
    assert store.sessions.commit("s", version=3, commit=a_commit(now=from_ms(9_000_000), state=b"y"))
    assert store.sessions.every(before=from_ms(1_000_001)).lines == ("t",)
    store.check()
    store.close()


def test_an_answer_writes_four_pages(tmp_path: Path) -> None:
    """One of the session's row, two of its step, one of who was here, and no index of times, among sessions of many."""
    store = open_store(f"sqlite:///{tmp_path}/x.sqlite")
    for number in range(2_000):
        store.sessions.create(a_session(f"s{number:05}", modified=at(number * 300)))
    store.sessions.create(a_session(modified=at(1), accessed=at(1)))

    def answer(version: int, seconds: float) -> int:
        """How many pages one writes at that time."""
        with sqlite3.connect(tmp_path / "x.sqlite") as beside:
            beside.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        beside.close()
        commit = a_commit(
            now=at(seconds),
            state=b"x" * 1_500,
            push=Step(uid=version + 1, number=version + 1, previous=version or None, delta=b"d" * 200),
            visit=Visit(who="-1", at=at(seconds)),
            seen={f"request {one}": one for one in range(version)},
        )
        assert store.sessions.commit("s", version=version, commit=commit)
        return ((tmp_path / "x.sqlite-wal").stat().st_size - _LOG_HEAD) // _LOG_PAGE

    assert answer(0, 2) <= 9  # the row grows
    assert [answer(version, 2 + version) for version in range(1, 9)] == [4] * 8
    assert 4 < answer(9, 1_000) <= 13, "indexes hear of another quarter of an hour"
    assert answer(10, 1_001) == 4
    store.close()


#: Tables without row numbers: to find a row in one, SQLite reads others whole, so nothing large may stand in them.
SMALL = {
    "browsers",
    "claims",
    "gone_addresses",
    "ledger",
    "mail_sizes",
    "notes",
    "ticks",
    "uploads",
    "visits",
}


def test_what_may_be_large_stands_in_a_table_with_row_numbers(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/x.sqlite")
    with store._database.read() as connection:
        tables = dict(connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall())
    store.close()
    assert {name for name, text in tables.items() if "WITHOUT ROWID" in text} == SMALL


def bytes_read() -> int:
    """All that this process has read from files until now."""
    return int(dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())["rchar"])


@pytest.fixture
def readable() -> Iterator[None]:
    """/proc/self is this process's own: a pool of children that another test of this process had has hidden it from its user."""
    libc = ctypes.CDLL(None)
    before = libc.prctl(3, 0, 0, 0, 0)  # PR_GET_DUMPABLE
    libc.prctl(4, 1, 0, 0, 0)
    yield
    libc.prctl(4, before, 0, 0, 0)


def test_finding_something_reads_nothing_of_what_is_large_beside_it(readable: None, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/x.sqlite")
    for number in range(6):  # some of them stand where a search for the others passes by
        name = f"big {number}"
        store.sessions.create(a_session(name, state=bytes(3_000_000)))
        step = Step(uid=1, number=1, previous=None, delta=bytes(1_000_000))
        assert store.sessions.commit(name, version=0, commit=a_commit(state=bytes(3_000_001), push=step))
        mail = {"session": "s", "created": at(0), "due": at(0)}
        store.outgoing.add(OutgoingMail(id=f"mail of {number}", body={"raw": bytes(1_000_000)}, **mail))
    for name in ("a", "big 2 and more", "z"):
        store.sessions.create(a_session(name))
        step = Step(uid=1, number=1, previous=None, delta=b"d")
        assert store.sessions.commit(name, version=0, commit=a_commit(state=b"s", push=step))
    for ask in (
        *(lambda name=name: store.sessions.load(name) for name in ("a", "big 2 and more", "z", "nobody")),
        *(lambda name=name: store.sessions.step(name, 1) for name in ("a", "big 2 and more", "z")),
        *(lambda name=name: store.outgoing.get(name) for name in ("mail", "mail of 2 and more", "z")),
    ):
        before = bytes_read()
        ask()
        assert bytes_read() - before < 200_000
    store.close()
