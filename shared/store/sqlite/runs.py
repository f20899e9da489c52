"""What runs of interviews said, in SQLite."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from shared.store import checks
from shared.store.overview import Page
from shared.store.packing import from_ms, pack, to_ms, unpack
from shared.store.paging import cursor, page, run_cursor
from shared.store.records import RunRecord
from shared.store.sqlite.database import Database


class SqliteRuns:
    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, run: RunRecord) -> bool:
        checks.check_run(run)
        told = pack(f"run {run.id}", {"lines": run.lines, "failure": run.failure}, limit=checks.RUN_BYTES)
        with self._database.write(durable=False) as connection:
            added = connection.execute(
                "INSERT INTO runs (id, kind, at, session, interview, what, name, task, ok, told) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                (
                    *(run.id, run.kind, to_ms(run.at), run.session, run.interview),
                    *(run.what, run.name, run.task, run.ok, told),
                ),
            )
        return added.rowcount == 1

    def page(self, kind: str, *, after: str = "", limit: int = 100) -> Page[RunRecord]:
        checks.check_run_kind(kind)
        checks.check_limit(limit)
        query, arguments = "SELECT * FROM runs WHERE kind = ?", [kind]
        begin = cursor(after)
        if begin is not None:
            query += " AND (at, id) < (?, ?)"
            arguments += [to_ms(begin.at), begin.id]  # type: ignore[list-item]
        query += " ORDER BY at DESC, id DESC LIMIT ?"
        with self._database.read() as connection:
            rows = connection.execute(query, (*arguments, limit + 1)).fetchall()
        return page([_run(row) for row in rows], limit, run_cursor)

    def forget(self, kind: str, *, before: datetime, keep: int) -> int:
        checks.check_run_kind(kind)
        checks.check_time("before", before)
        checks.check_limit(keep)
        with self._database.write(durable=False) as connection:
            last = connection.execute(
                "SELECT at, id FROM runs WHERE kind = ? ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?", (kind, keep)
            ).fetchone()
            removed = connection.execute("DELETE FROM runs WHERE kind = ? AND at < ?", (kind, to_ms(before))).rowcount
            if last is not None:
                removed += connection.execute(
                    "DELETE FROM runs WHERE kind = ? AND (at, id) <= (?, ?)", (kind, last["at"], last["id"])
                ).rowcount
        return removed


def _run(row: sqlite3.Row) -> RunRecord:
    told = unpack("run", row["told"])
    return RunRecord(
        id=row["id"],
        kind=row["kind"],
        at=from_ms(row["at"]),
        session=row["session"],
        interview=row["interview"],
        what=row["what"],
        name=row["name"],
        task=row["task"],
        ok=bool(row["ok"]),
        lines=tuple(told["lines"]),
        failure=told["failure"],
    )
