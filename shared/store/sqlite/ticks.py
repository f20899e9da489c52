"""How far sessions have come with their scheduled events, in SQLite."""

from __future__ import annotations

import sqlite3

from shared.store import checks
from shared.store.packing import from_ms, pack, to_ms, unpack
from shared.store.records import TickMark
from shared.store.sqlite.database import Database


class SqliteTicks:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, session_id: str, event: str) -> TickMark | None:
        if not checks.known_id(session_id, event):
            return None
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT * FROM ticks WHERE session = ? AND event = ?", (session_id, event)
            ).fetchone()
        return None if row is None else _mark(row)

    def put(self, mark: TickMark) -> None:
        checks.check_tick_mark(mark)
        with self._database.write(durable=False) as connection:
            if connection.execute("SELECT 1 FROM sessions WHERE id = ?", (mark.session,)).fetchone() is None:
                return  # nobody would ever remove it
            connection.execute(
                "INSERT INTO ticks (session, event, period, at, outcome, failures, until, digest, error) "
                "VALUES (:session, :event, :period, :at, :outcome, :failures, :until, :digest, :error) "
                "ON CONFLICT (session, event) DO UPDATE SET period = :period, at = :at, outcome = :outcome, "
                "failures = :failures, until = :until, digest = :digest, error = :error WHERE period <= :period",
                {
                    "session": mark.session,
                    "event": mark.event,
                    "period": mark.period,
                    "at": to_ms(mark.at),
                    "outcome": mark.outcome,
                    "failures": mark.failures,
                    "until": None if mark.until is None else to_ms(mark.until),
                    "digest": mark.digest,
                    "error": pack("error", mark.error, limit=checks.EXTRA_BYTES),
                },
            )

    def of_session(self, session_id: str) -> list[TickMark]:
        if not checks.known_id(session_id):
            return []
        with self._database.read() as connection:
            rows = connection.execute("SELECT * FROM ticks WHERE session = ? ORDER BY event", (session_id,)).fetchall()
        return [_mark(row) for row in rows]

    def failing(self, event: str, *, after: str = "", limit: int = 100) -> list[TickMark]:
        checks.check_limit(limit)
        if not checks.known_id(event) or not checks.known_start(after):
            return []
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM ticks WHERE event = ? AND failures > 0 AND session > ? ORDER BY session LIMIT ?",
                (event, after, limit),
            ).fetchall()
        return [_mark(row) for row in rows]


def _mark(row: sqlite3.Row) -> TickMark:
    return TickMark(
        session=row["session"],
        event=row["event"],
        period=row["period"],
        at=from_ms(row["at"]),
        outcome=row["outcome"],
        failures=row["failures"],
        until=None if row["until"] is None else from_ms(row["until"]),
        digest=row["digest"],
        error=unpack("error", row["error"]),
    )
