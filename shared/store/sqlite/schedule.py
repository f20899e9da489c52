"""What happened when, in SQLite: the last period of each schedule, and notes of services."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.store import checks
from shared.store.packing import pack, to_ms, unpack
from shared.store.sqlite.database import Database


class SqliteSchedule:
    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, key: str, *, period: str, now: datetime) -> bool:
        checks.check_id("key", key)
        checks.check_id("period", period)
        checks.check_time("now", now)
        with self._database.write() as connection:
            claimed = connection.execute(
                "INSERT INTO claims (key, period, at) VALUES (:key, :period, :at) ON CONFLICT (key) "
                "DO UPDATE SET period = :period, at = :at WHERE period < :period",
                {"key": key, "period": period, "at": to_ms(now)},
            )
        return claimed.rowcount == 1

    def move(self, key: str, *, was: str | None, to: str, now: datetime) -> bool:
        checks.check_id("key", key)
        checks.check_id("to", to)
        checks.check_time("now", now)
        statement = (
            "INSERT INTO claims (key, period, at) VALUES (:key, :to, :at) ON CONFLICT (key) DO NOTHING"
            if was is None
            else "UPDATE claims SET period = :to, at = :at WHERE key = :key AND period = :was"
        )
        with self._database.write() as connection:
            moved = connection.execute(statement, {"key": key, "was": was, "to": to, "at": to_ms(now)})
        return moved.rowcount == 1

    def last(self, key: str) -> str | None:
        if not checks.known_id(key):
            return None
        with self._database.read() as connection:
            row = connection.execute("SELECT period FROM claims WHERE key = ?", (key,)).fetchone()
        return None if row is None else row["period"]

    def expire(self, prefix: str, *, before: datetime, limit: int) -> int:
        checks.check_id("prefix", prefix)
        checks.check_time("before", before)
        checks.check_limit(limit)
        with self._database.write(durable=False) as connection:
            return connection.execute(
                "DELETE FROM claims WHERE key IN (SELECT key FROM claims WHERE at < ? AND substr(key, 1, ?) = ? "
                "ORDER BY at LIMIT ?)",
                (to_ms(before), len(prefix), prefix, limit),
            ).rowcount

    def note(self, name: str, value: Mapping[str, Any]) -> None:
        checks.check_id("note", name)
        checks.check_mapping(f"note {name}", value)
        packed = pack(f"note {name}", value, limit=checks.EXTRA_BYTES)
        with self._database.write(durable=False) as connection:
            connection.execute("INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)", (name, packed))

    def forget(self, name: str) -> None:
        if checks.known_id(name):
            with self._database.write(durable=False) as connection:
                connection.execute("DELETE FROM notes WHERE name = ?", (name,))

    def notes(self, prefix: str) -> dict[str, Mapping[str, Any]]:
        checks.check_text("prefix", prefix, limit=checks.ID_LENGTH)
        found: dict[str, Mapping[str, Any]] = {}
        with self._database.read() as connection:
            rows = connection.execute("SELECT name, value FROM notes WHERE name >= ? ORDER BY name", (prefix,))
            for row in rows:
                if not row["name"].startswith(prefix):
                    break  # they are in order: none of the others does
                found[row["name"]] = unpack("note", row["value"])
            rows.close()
        return found
