"""A store in memory: all of the SQLite store over one connection that has no file. For tests of what services do with a store.

What it does not show is what comes of files and of several connections: locks, crashes, durability (tests/contract/store, tests/faults).
"""

from __future__ import annotations

import functools
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from shared.store.sqlite import SqliteStore
from shared.store.sqlite.database import Database


class MemoryDatabase(Database):
    """One connection, used by one thread at a time."""

    def __init__(self) -> None:
        super().__init__("in memory", busy_seconds=0)
        self._alone = threading.RLock()
        self._only = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._only.row_factory = sqlite3.Row

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._alone:
            if not self._free:
                self._free.append(self._only)
            with super()._connection() as connection:
                yield connection

    def become(self, content: bytes) -> None:
        """Hold what `content`, the image of a database, holds."""
        self._only.deserialize(content)

    def image(self) -> bytes:
        return self._only.serialize()


def memory_store() -> SqliteStore:
    """An empty store with its tables; the caller closes it."""
    database = MemoryDatabase()
    database.become(_tables())
    return SqliteStore(database)


@functools.cache
def _tables() -> bytes:
    """Tables take longer to make than most tests do: they are made once."""
    database = MemoryDatabase()
    database.migrate()
    image = database.image()
    database.close()
    return image
