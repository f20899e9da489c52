"""Connections and transactions of one SQLite file. Not for what is in its tables.

Connections are pooled, not bound to threads: under eventlet or gevent a thread-local is one per greenlet, which would
make thousands. Between processes SQLite's own lock decides; within one, a lock in front of it keeps writers in line.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from shared.store.packing import from_ms
from shared.store.ports import BadRecord, StoreDamaged, StoreError, StoreUnavailable
from shared.store.sqlite.schema import MIGRATIONS

#: SQLite waits this long by itself, holding the thread (and with eventlet the whole process); longer waits are ours.
_SHORT_WAIT_MS: Final = 50
_PAUSE: Final = 0.005
_KEPT_CONNECTIONS: Final = 8
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class Database:
    def __init__(self, path: str, *, busy_seconds: float) -> None:
        if path == ":memory:" or not path:
            raise BadRecord("the SQLite store needs a file: sqlite:///path/to/parley.sqlite")
        self._path = path
        self._busy_seconds = busy_seconds
        self._forked_from: list[sqlite3.Connection] = []
        self._start()

    def _start(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._free: deque[sqlite3.Connection] = deque()
        self._closed = False

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection in a read transaction: all that is read with it is of one moment."""
        with self._connection() as connection:
            self._execute_when_free(connection, "BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """A connection in a write transaction, durable on exit, undone by an exception.

        Without `durable` it does not wait for the disk: only a loss of power can lose it, and not alone, for the log is
        kept in order: what was written later is lost with it, and the next durable write makes it durable too. That is
        for what repeats itself if it is found undone, like the removal of a published entry.
        """
        self._after_fork()
        with self._lock, self._connection() as connection:
            if not durable:
                connection.execute("PRAGMA synchronous = NORMAL")
            try:
                with self._transaction(connection):
                    yield connection
            finally:
                if not durable:
                    connection.execute("PRAGMA synchronous = FULL")

    @contextmanager
    def _transaction(self, connection: sqlite3.Connection) -> Iterator[None]:
        self._execute_when_free(connection, "BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def migrate(self) -> None:
        with self._connection() as connection:
            version = self._version(connection)
            if version == len(MIGRATIONS):
                return
        # Python's sqlite3 commits before a script, so its statements run one by one.
        with self.write() as connection:
            for number in range(self._version(connection), len(MIGRATIONS)):
                for statement in MIGRATIONS[number].split(";"):
                    if statement.strip():
                        connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number + 1}")

    def migrated(self) -> bool:
        """Whether `migrate` has been here. A file that is not there is not made."""
        if not os.path.exists(self._path):
            return False
        with self._connection() as connection:
            return self._version(connection) > 0

    def ping(self) -> None:
        with self.read() as connection:
            connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()

    def time(self) -> datetime:
        with self._connection() as connection:
            (milliseconds,) = connection.execute("SELECT round((julianday('now') - 2440587.5) * 86400000)").fetchone()
        return from_ms(int(milliseconds))

    def check(self) -> None:
        """Raise `StoreDamaged` unless every page is what it should be; takes about as long as reading the file once."""
        with self.read() as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise _damaged(self._path, " ".join(found.split()))

    def close(self) -> None:
        self._closed = True
        while self._free:
            self._free.pop().close()

    def _version(self, connection: sqlite3.Connection) -> int:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise StoreError(
                f"{self._path} was written by a newer Parley (schema {version}, this one knows {len(MIGRATIONS)}); "
                "start that version, or choose another file"
            )
        return version

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        self._after_fork()
        if self._closed:
            raise StoreUnavailable(f"the store over {self._path} is closed")
        try:
            connection = self._free.pop() if self._free else self._connect()
        except IndexError:  # another thread took it between the look and the pop
            connection = self._connect()
        except sqlite3.Error as error:
            raise _translated(self._path, error) from error
        broken = False
        try:
            yield connection
        except sqlite3.IntegrityError:
            raise
        except sqlite3.Error as error:
            broken = True
            raise _translated(self._path, error) from error
        finally:
            if broken or self._closed or connection.in_transaction or len(self._free) >= _KEPT_CONNECTIONS:
                connection.close()
            else:
                self._free.append(connection)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=_SHORT_WAIT_MS / 1000, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        deadline = time.monotonic() + self._busy_seconds
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL").fetchone()
                break
            except sqlite3.OperationalError as error:  # two processes create the file at once
                if not _busy(error) or time.monotonic() > deadline:
                    connection.close()
                    raise
                time.sleep(_PAUSE)
        connection.execute("PRAGMA synchronous = FULL")
        # Four times the default: the answer that happens to bring the log over it waits for two more syncs.
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        # Deleted answers do not stay readable in free pages; FAST costs no extra writes.
        connection.execute("PRAGMA secure_delete = FAST")
        return connection

    def _execute_when_free(self, connection: sqlite3.Connection, statement: str) -> None:
        deadline = time.monotonic() + self._busy_seconds
        while True:
            try:
                connection.execute(statement)
                return
            except sqlite3.OperationalError as error:
                if not _busy(error):
                    raise
                if time.monotonic() > deadline:
                    raise StoreUnavailable(
                        f"{self._path} has been locked by another process for {self._busy_seconds:g} s"
                    ) from error
            time.sleep(_PAUSE)

    def _after_fork(self) -> None:
        """A connection must not cross a fork: a child begins anew, and never closes what is its parent's."""
        if self._pid != os.getpid():
            self._forked_from.extend(self._free)
            self._start()


def _busy(error: sqlite3.Error) -> bool:
    return _code(error) in _BUSY


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _damaged(path: str, found: str) -> StoreDamaged:
    return StoreDamaged(
        f"{path} is damaged ({found}). Nothing was changed in it. Keep a copy of it and of what stands beside it "
        f"(-wal, -shm), then put back your last good copy, or save what can be read: "
        f"sqlite3 {path} .recover | sqlite3 recovered.sqlite"
    )


def _translated(path: str, error: sqlite3.Error) -> StoreError:
    if _code(error) in _DAMAGED:
        return _damaged(path, str(error))
    if isinstance(error, sqlite3.OperationalError):
        # Busy, disk full, read-only, not to be opened, I/O error: nothing was saved, and it may work later.
        return StoreUnavailable(f"{path}: {error}")
    return StoreError(f"{path}: {type(error).__name__}: {error}")


def row_dict(row: Any) -> dict[str, Any]:
    return {key: row[key] for key in row.keys()}  # noqa: SIM118 - a Row iterates over its values
