"""Counts what a question makes a database read, and makes many records out of one. Not for how long it takes.

Of SQLite: rows given, and steps of its virtual machine, which also show what is looked at and not given; and that no plan scans a
table or sorts. Of MongoDB: commands and documents that come over the wire, and that an index begins with what is asked for.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pymongo import MongoClient, monitoring

from shared.store.ports import Store

#: The virtual machine reports every so many steps.
_STEPS = 10
#: What pymongo asks of itself, when its own thread comes round to it, for cursors and sessions that nobody uses any more.
_TIDYING = ("killCursors", "endSessions")


@dataclass
class Reads:
    """`rows` are rows or documents; `steps` of SQLite's machine; `commands` to MongoDB."""

    rows: int = 0
    steps: int = 0
    commands: int = 0
    plans: list[str] = field(default_factory=list)
    #: What MongoDB was asked for: the collection, and the fields by which it finds or sorts.
    finds: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    #: The same whole: the collection, a filter without ``$or``, and how it sorts.
    shapes: list[tuple[str, Mapping[str, Any], tuple[tuple[str, int], ...]]] = field(default_factory=list)

    @property
    def bad_plans(self) -> list[str]:
        """Parts of plans that read what is not asked for."""
        return [one for one in self.plans if one.startswith("SCAN") or "TEMP B-TREE" in one]


class _Listener(monitoring.CommandListener):
    """Counts for whoever is counting; there is one for all clients, because pymongo takes them before a client is made."""

    counting: Reads | None = None

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if self.counting is not None and event.command_name not in _TIDYING:
            self.counting.commands += 1
            for collection, filters, sort in _shapes(event.command_name, event.command):
                self.counting.shapes.append((collection, filters, sort))
                self.counting.finds.append((collection, (*filters, *(name for name, _ in sort[:1]))))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        cursor = event.reply.get("cursor", {})
        if self.counting is not None:
            self.counting.rows += len(cursor.get("firstBatch", cursor.get("nextBatch", ())))

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


def _shapes(
    name: str, command: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any], tuple[tuple[str, int], ...]]]:
    """Each way in which a command looks for documents: their collection, the filter, what it sorts by."""
    filters: list[Mapping[str, Any]] = []
    if name in ("update", "delete"):
        filters = [one["q"] for one in command["updates" if name == "update" else "deletes"]]
    elif name == "aggregate":
        filters = [command["pipeline"][0].get("$match", {})]
    elif name in ("find", "findAndModify", "count", "distinct"):
        filters = [command.get("filter", command.get("query", {}))]
    sort = tuple(command.get("sort", {}).items())
    for one in filters:
        for branch in one.get("$or", [{}]):
            yield str(command[name]), {**{key: value for key, value in one.items() if key != "$or"}, **branch}, sort


_LISTENER = _Listener()
monitoring.register(_LISTENER)


@contextmanager
def counted(store: Any) -> Iterator[Reads]:
    """What `store` (an adapter itself) reads within."""
    reads = Reads()
    database = getattr(store, "_database", None)
    if database is None:
        _LISTENER.counting = reads
        try:
            yield reads
        finally:
            _LISTENER.counting = None
        return
    statements: list[str] = []
    connect = database._connect

    def row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        reads.rows += 1
        return sqlite3.Row(cursor, values)

    def step() -> int:
        reads.steps += _STEPS
        return 0

    def counting() -> sqlite3.Connection:
        connection: sqlite3.Connection = connect()
        connection.row_factory = row
        connection.set_progress_handler(step, _STEPS)
        connection.set_trace_callback(statements.append)
        return connection

    database._free.clear()
    database._connect = counting
    try:
        yield reads
    finally:
        database._connect = connect
        database._free.clear()
    with database.read() as connection:
        for statement in statements:
            if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
                reads.plans += [one["detail"] for one in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]


def copy(store: Any, store_uri: str, table: str, count: int, change: Callable[[int], Mapping[str, Any]]) -> None:
    """Put `count` copies of the one record of `table` beside it; `change` says what is different in number n."""
    if store_uri.startswith("sqlite"):
        with store._database.write() as connection:
            one = dict(connection.execute(f"SELECT * FROM {table} LIMIT 1").fetchone())
            rows = [{**one, **change(number)} for number in range(count)]
            marks = ", ".join(f":{name}" for name in one)
            connection.executemany(f"INSERT INTO {table} ({', '.join(one)}) VALUES ({marks})", rows)
        return
    with MongoClient[dict[str, Any]](store_uri, tz_aware=True) as client:
        collection = client.get_default_database()[table]
        found = collection.find_one()
        assert found is not None
        rows = [{**found, "_id": f"copy {number}", **change(number)} for number in range(count)]
        if "id" not in found:
            for row in rows:
                row["_id"] = row.pop("id", row["_id"])
        collection.insert_many(rows)


def indexes(store_uri: str, collection: str) -> list[tuple[str, ...]]:
    """The names of the fields of each index of a collection in MongoDB."""
    with MongoClient[dict[str, Any]](store_uri) as client:
        found = client.get_default_database()[collection].index_information()
    return [tuple(name for name, _ in index["key"]) for index in found.values()]


def tables(store: Any, store_uri: str) -> list[str]:
    """The tables or collections that hold something."""
    if is_sqlite(store_uri):
        with store._database.read() as connection:
            rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            names = [row["name"] for row in rows if not row["name"].startswith("sqlite_")]
            return [name for name in names if connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()]
    with MongoClient[dict[str, Any]](store_uri) as client:
        database = client.get_default_database()
        return [name for name in database.list_collection_names() if database[name].find_one()]


def drop(store_uri: str) -> None:
    with MongoClient[dict[str, Any]](store_uri) as client:
        client.drop_database(client.get_default_database().name)


def is_sqlite(store_uri: str) -> bool:
    return urlsplit(store_uri).scheme == "sqlite"


__all__ = ["Reads", "Store", "copy", "counted", "drop", "indexes", "is_sqlite", "tables"]
