"""Which sessions there are in SQLite: by interview, time, owner, browser. Not for: what stands in one, and writing it (`sessions`)."""

# ruff: noqa: S608 - statements are put together from constants of this module; values are always bound
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from shared.store import checks
from shared.store.overview import Page
from shared.store.packing import from_ms, to_ms, unpack
from shared.store.records import SessionName, Summary, Visit
from shared.store.sqlite.database import Database
from shared.store.sqlite.keyset import page_of_ids


class SqliteSessionLists:
    def __init__(self, database: Database) -> None:
        self._database = database

    def unpublished(self, *, older_than: datetime, limit: int) -> list[str]:
        checks.check_time("older_than", older_than)
        checks.check_limit(limit)
        found: dict[str, None] = {}
        with self._database.read() as connection:
            # Read only as far as is needed: grouped by the database, all entries would be looked at first.
            rows = connection.execute(
                "SELECT session FROM outbox WHERE added <= ? ORDER BY added", (to_ms(older_than),)
            )
            for row in rows:
                found[row["session"]] = None
                if len(found) == limit:
                    break
            rows.close()
        return list(found)

    def scheduled(self, interview: str, *, after: str = "", limit: int = 200) -> list[str]:
        if not checks.known_start(after):
            return []
        return self._ids(
            "SELECT id FROM sessions WHERE scheduled = 1 AND interview = ? AND id > ? ORDER BY id LIMIT ?",
            (interview, after, limit),
        )

    def interviews(self, *, scheduled: bool, after: str = "", limit: int = 200) -> list[str]:
        checks.check_limit(limit)
        found: list[str] = []
        with self._database.read() as connection:
            # One look into the index for each: grouped by the database, all sessions would be looked at.
            while len(found) < limit:
                row = connection.execute(
                    "SELECT min(interview) AS next FROM sessions WHERE scheduled = ? AND interview > ?",
                    (int(scheduled), found[-1] if found else after),
                ).fetchone()
                if row["next"] is None:
                    break
                found.append(row["next"])
        return found

    def visits(self, session_id: str) -> tuple[Visit, ...]:
        if not checks.known_id(session_id):
            return ()
        with self._database.read() as connection:
            rows = connection.execute("SELECT * FROM visits WHERE session = ? ORDER BY who", (session_id,)).fetchall()
        return tuple(
            Visit(who=row["who"], at=from_ms(row["at"]), privileges=tuple(unpack("privileges", row["privileges"])))
            for row in rows
        )

    def exists(self, session_id: str) -> bool:
        if not checks.known_id(session_id):
            return False
        with self._database.read() as connection:
            return connection.execute("SELECT 1 FROM sessions WHERE id = ?", (session_id,)).fetchone() is not None

    def used(self, session_id: str) -> tuple[datetime, datetime] | None:
        if not checks.known_id(session_id):
            return None
        with self._database.read() as connection:
            row = connection.execute("SELECT modified, accessed FROM sessions WHERE id = ?", (session_id,)).fetchone()
        return None if row is None else (from_ms(row["modified"]), from_ms(row["accessed"]))

    def idle(
        self, interview: str, *, scheduled: bool, before: datetime, after: str = "", limit: int = 200
    ) -> Page[str]:
        which = "scheduled = ? AND interview = ?"
        return self._since("modified", which, (int(scheduled), interview), before=before, after=after, limit=limit)

    def unvisited(self, interview: str, *, before: datetime, after: str = "", limit: int = 200) -> Page[str]:
        return self._since("accessed", "interview = ?", (interview,), before=before, after=after, limit=limit)

    def every(self, *, before: datetime, after: str = "", limit: int = 200) -> Page[str]:
        return self._since("modified", "TRUE", (), before=before, after=after, limit=limit)

    def remains(self, *, limit: int = 200) -> list[str]:
        checks.check_limit(limit)
        return []  # a deletion is one transaction

    def _since(
        self, field: str, which: str, given: tuple[Any, ...], *, before: datetime, after: str, limit: int
    ) -> Page[str]:
        checks.check_time("before", before)
        exactly, arguments = f"{which} AND {field} < ?", (*given, to_ms(before))
        return page_of_ids(
            self._database, "sessions", f"{field}_quarter", exactly, arguments, before=before, after=after, limit=limit
        )

    def owned(self, owner: str, *, limit: int = 200) -> list[Summary]:
        if not checks.known_id(owner):
            return []
        checks.check_limit(limit)
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT id, interview, title, tags, progress, created, modified FROM sessions "
                "WHERE owner = ? ORDER BY modified DESC LIMIT ?",
                (owner, limit),
            ).fetchall()
        return [
            Summary(
                id=row["id"],
                interview=row["interview"],
                title=row["title"],
                tags=tuple(unpack("tags", row["tags"])),
                progress=row["progress"],
                created=from_ms(row["created"]),
                modified=from_ms(row["modified"]),
            )
            for row in rows
        ]

    def of_browsers(
        self, browsers: Iterable[str], *, interview: str | None = None, session: str | None = None, limit: int = 24
    ) -> list[SessionName]:
        known = [one for one in browsers if checks.known_id(one)]
        checks.check_limit(limit)
        marks = ", ".join("?" * len(known))
        query = (
            f"SELECT id, interview, version FROM sessions WHERE id IN "
            f"(SELECT session FROM browsers WHERE browser IN ({marks}))"
        )
        arguments: list[Any] = [*known]
        if interview is not None:
            query += " AND interview = ?"
            arguments.append(interview)
        if session is not None:
            query += " AND id = ?"
            arguments.append(session)
        with self._database.read() as connection:
            rows = connection.execute(f"{query} ORDER BY modified DESC LIMIT ?", (*arguments, limit)).fetchall()
        return [SessionName(id=row["id"], interview=row["interview"], version=row["version"]) for row in rows]

    def _ids(self, query: str, arguments: tuple[Any, ...]) -> list[str]:
        checks.check_limit(arguments[-1])
        with self._database.read() as connection:
            return [row[0] for row in connection.execute(query, arguments)]
