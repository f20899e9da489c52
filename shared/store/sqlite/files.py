"""Files of sessions in SQLite, in chunks: neither a reader nor a writer holds a whole file, or the lock while it waits."""

# ruff: noqa: S608 - statements are put together from constants of this module; values are always bound
from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from shared.store import checks
from shared.store.chunks import CHUNK_BYTES, Measure, pieces
from shared.store.packing import from_ms, to_ms
from shared.store.readers import is_lasting, session_of
from shared.store.records import FileInfo
from shared.store.sqlite.database import Database


class SqliteFiles:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, *, session: str, filename: str, mimetype: str, content: Iterable[bytes], now: datetime) -> FileInfo:
        checks.check_id("session", session)
        checks.check_text("filename", filename)
        checks.check_text("mimetype", mimetype)
        checks.check_time("now", now)
        measure = Measure(limit=checks.FILE_BYTES)
        number: int | None = None
        try:
            held: list[tuple[int, bytes]] = []
            for position, chunk in enumerate(pieces(content, measure)):
                if held:  # one chunk is always left for the transaction that makes the file visible
                    number = self._write(number, held, session, filename, mimetype, now)
                held = [(position, chunk)]
            number = self._write(number, held, session, filename, mimetype, now, measure)
        except BaseException:
            if number is not None:
                self._remove(number)
            raise
        return FileInfo(
            number=number,
            session=session,
            filename=filename,
            mimetype=mimetype,
            size=measure.size,
            sha256=measure.sha256,
            created=from_ms(to_ms(now)),
            used=from_ms(to_ms(now)) if is_lasting(session) else None,
        )

    def _write(
        self,
        number: int | None,
        chunks: list[tuple[int, bytes]],
        session: str,
        filename: str,
        mimetype: str,
        now: datetime,
        done: Measure | None = None,
    ) -> int:
        with self._database.write() as connection:
            if number is None:
                number = connection.execute(
                    "INSERT INTO files (session, filename, mimetype, created, used) VALUES (?, ?, ?, ?, ?) RETURNING number",
                    (session, filename, mimetype, to_ms(now), to_ms(now) if is_lasting(session) else None),
                ).fetchone()[0]
            connection.executemany("INSERT INTO file_chunks VALUES (?, ?, ?)", [(number, *one) for one in chunks])
            if done is not None:
                connection.execute(
                    "UPDATE files SET size = ?, sha256 = ? WHERE number = ?", (done.size, done.sha256, number)
                )
        assert number is not None
        return number

    def info(self, number: int) -> FileInfo | None:
        found = self._infos("number = ?", (_number(number),))
        return found[0] if found else None

    def read(self, number: int, *, offset: int = 0) -> Iterator[bytes]:
        position, skip = divmod(offset, CHUNK_BYTES)
        while self.info(number) is not None:
            with self._database.read() as connection:
                row = connection.execute(
                    "SELECT data FROM file_chunks WHERE number = ? AND position = ?", (number, position)
                ).fetchone()
            if row is None:
                return
            yield row["data"][skip:]
            position, skip = position + 1, 0

    def of_session(self, session_id: str) -> list[FileInfo]:
        if not checks.known_id(session_id):
            return []
        return self._infos("session = ? ORDER BY number", (session_id,))

    def use(self, number: int, *, now: datetime) -> None:
        checks.check_time("now", now)
        with self._database.write(durable=False) as connection:
            connection.execute(
                "UPDATE files SET used = ? WHERE number = ? AND used IS NOT NULL", (to_ms(now), _number(number))
            )

    def unused(self, *, before: datetime, limit: int = 100) -> list[tuple[int, str]]:
        checks.check_time("before", before)
        checks.check_limit(limit)
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT number, session FROM files WHERE used IS NOT NULL AND used < ? ORDER BY used, number LIMIT ?",
                (to_ms(before), limit),
            ).fetchall()
        return [(row["number"], session_of(row["session"])) for row in rows]

    def delete(self, number: int) -> bool:
        return self._remove(_number(number))

    def _remove(self, number: int) -> bool:
        with self._database.write() as connection:
            connection.execute("DELETE FROM file_chunks WHERE number = ?", (number,))
            return connection.execute("DELETE FROM files WHERE number = ?", (number,)).rowcount == 1

    def _infos(self, condition: str, arguments: tuple[Any, ...]) -> list[FileInfo]:
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT * FROM files WHERE sha256 IS NOT NULL AND {condition}",
                arguments,
            ).fetchall()
        return [_info(row) for row in rows]


def _number(value: int) -> int:
    checks.check_number("file number", value)
    return value


def _info(row: sqlite3.Row) -> FileInfo:
    return FileInfo(
        number=row["number"],
        session=row["session"],
        filename=row["filename"],
        mimetype=row["mimetype"],
        size=row["size"],
        sha256=row["sha256"],
        created=from_ms(row["created"]),
        used=None if row["used"] is None else from_ms(row["used"]),
    )
