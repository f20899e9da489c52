"""What interviews share between sessions, in SQLite."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from shared.store import checks
from shared.store.overview import Page
from shared.store.packing import from_ms, pack, to_ms, unpack
from shared.store.records import StoredItem
from shared.store.sqlite.database import Database


class SqliteStorage:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, scope: str, key: str, *, session: str | None = None) -> StoredItem | None:
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM stored WHERE scope = ? AND key = ?", (scope, key)).fetchone()
        return None if row is None else _item(row)

    def put(self, item: StoredItem) -> bool:
        checks.check_stored(item)
        values = {
            "scope": item.scope,
            "key": item.key,
            "session": item.session,
            "until": None if item.until is None else to_ms(item.until),
            "version": item.version,
            "applied": pack("applied", list(item.applied), limit=checks.EXTRA_BYTES),
            "body": pack("body", item.body, limit=checks.STORED_BYTES),
        }
        there = "SELECT 1 FROM sessions WHERE id = :session"
        with self._database.write() as connection:
            if item.session is not None and connection.execute(there, values).fetchone() is None:
                return False  # nobody would ever remove it
            if item.version == 0:
                return (
                    connection.execute(
                        "INSERT OR IGNORE INTO stored (scope, key, session, until, version, applied, body) "
                        "VALUES (:scope, :key, :session, :until, 1, :applied, :body)",
                        values,
                    ).rowcount
                    > 0
                )
            return (
                connection.execute(
                    "UPDATE stored SET session = :session, until = :until, version = version + 1, applied = :applied, "
                    "body = :body WHERE scope = :scope AND key = :key AND version = :version",
                    values,
                ).rowcount
                > 0
            )

    def remove(self, scope: str, key: str, *, version: int, session: str | None = None) -> bool:
        with self._database.write() as connection:
            where = "scope = ? AND key = ? AND version = ?"
            return connection.execute(f"DELETE FROM stored WHERE {where}", (scope, key, version)).rowcount > 0  # noqa: S608 (a constant)

    def keys(self, scope: str, *, after: str = "", limit: int = 200, session: str | None = None) -> list[str]:
        checks.check_limit(limit)
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT key FROM stored WHERE scope = ? AND key > ? ORDER BY key LIMIT ?", (scope, after, limit)
            ).fetchall()
        return [row["key"] for row in rows]

    def every(self, *, after: str = "", limit: int = 200) -> Page[tuple[str, str]]:
        checks.check_limit(limit)
        at = json.loads(after) if after else ("", "")
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT scope, key, session FROM stored WHERE (scope, key) > (?, ?) ORDER BY scope, key LIMIT ?",
                (*at, limit),
            ).fetchall()
        found = tuple((row["scope"], row["key"]) for row in rows if row["session"] is None)
        return Page(found, json.dumps([rows[-1]["scope"], rows[-1]["key"]]) if len(rows) == limit else None)

    def reseal(self, scope: str, key: str) -> bool:
        return False  # nothing is sealed here (`shared.vault.storage`)

    def expire(self, *, before: datetime, limit: int) -> int:
        checks.check_time("before", before)
        checks.check_limit(limit)
        with self._database.write(durable=False) as connection:
            return connection.execute(
                "DELETE FROM stored WHERE (scope, key) IN "
                "(SELECT scope, key FROM stored WHERE until IS NOT NULL AND until < ? LIMIT ?)",
                (to_ms(before), limit),
            ).rowcount


def _item(row: sqlite3.Row) -> StoredItem:
    return StoredItem(
        scope=row["scope"],
        key=row["key"],
        body=unpack("body", row["body"]),
        session=row["session"],
        until=None if row["until"] is None else from_ms(row["until"]),
        version=row["version"],
        applied=tuple(unpack("applied", row["applied"])),
    )
