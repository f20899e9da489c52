"""Files on their way, in SQLite: one row each, and one for each piece."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from shared.store import checks
from shared.store.packing import from_ms, to_ms
from shared.store.records import Upload
from shared.store.sqlite.database import Database


class SqliteUploads:
    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, session: str, upload: str, *, offset: int, piece: bytes, now: datetime) -> None:
        checks.check_piece(session, upload, offset=offset, piece=piece)
        checks.check_time("now", now)
        with self._database.write() as connection:
            row = connection.execute(
                "INSERT INTO uploads (session, id, changed) VALUES (?, ?, ?) "
                "ON CONFLICT (session, id) DO UPDATE SET changed = excluded.changed RETURNING number",
                (session, upload, to_ms(now)),
            ).fetchone()
            if row["number"] is None:
                connection.execute(
                    "INSERT OR REPLACE INTO upload_pieces (session, upload, position, data) VALUES (?, ?, ?, ?)",
                    (session, upload, offset, piece),
                )

    def find(self, session: str, upload: str) -> Upload | None:
        if not checks.known_id(session, upload):
            return None
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM uploads WHERE session = ? AND id = ?", (session, upload)).fetchone()
        return None if row is None else Upload(**{**dict(row), "changed": from_ms(row["changed"])})

    def pieces(self, session: str, upload: str) -> Iterator[tuple[int, bytes]]:
        if not checks.known_id(session, upload):
            return
        last = -1
        while True:
            with self._database.read() as connection:
                row = connection.execute(
                    "SELECT position, data FROM upload_pieces WHERE session = ? AND upload = ? AND position > ? "
                    "ORDER BY position LIMIT 1",
                    (session, upload, last),
                ).fetchone()
            if row is None:
                return
            last = row["position"]
            yield last, row["data"]

    def finish(self, session: str, upload: str, *, number: int) -> int | None:
        checks.check_number("file number", number)
        if not checks.known_id(session, upload):
            return None
        with self._database.write() as connection:
            row = connection.execute(
                "UPDATE uploads SET number = coalesce(number, ?) WHERE session = ? AND id = ? RETURNING number",
                (number, session, upload),
            ).fetchone()
            connection.execute("DELETE FROM upload_pieces WHERE session = ? AND upload = ?", (session, upload))
        return None if row is None else int(row["number"])

    def old(self, *, before: datetime, limit: int = 100) -> list[Upload]:
        checks.check_time("before", before)
        checks.check_limit(limit)
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM uploads WHERE changed < ? ORDER BY changed LIMIT ?", (to_ms(before), limit)
            ).fetchall()
        return [Upload(**{**dict(row), "changed": from_ms(row["changed"])}) for row in rows]

    def remove(self, session: str, upload: str) -> None:
        if not checks.known_id(session, upload):
            return
        with self._database.write(durable=False) as connection:
            connection.execute("DELETE FROM upload_pieces WHERE session = ? AND upload = ?", (session, upload))
            connection.execute("DELETE FROM uploads WHERE session = ? AND id = ?", (session, upload))
