"""What an operator's console reads, in SQLite."""

# ruff: noqa: S608 - statements are put together from constants of this module; values are always bound
from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any, Final

from shared.contract.tasks import TaskStatus
from shared.store import checks, paging
from shared.store.overview import COUNTED, Counts, MailLine, OutboxLine, Page, TaskLine, TickLine
from shared.store.packing import from_ms, to_ms, unpack
from shared.store.sqlite.database import Database

_TASK: Final = (
    "id, session, interview, action, origin, status, created, started, finished, lease, lease_until, attempts, "
    "CASE status WHEN 'failed' THEN result END AS result"
)
_LIVE: Final = ("running", "responding")
_LAPSED: Final = "status IN ('running', 'responding') AND lease_until <= ?"


class SqliteOverview:
    def __init__(self, database: Database) -> None:
        self._database = database

    def counts(self, *, now: datetime, queued_before: datetime, most: int = COUNTED) -> Counts:
        checks.check_time("now", now)
        checks.check_time("queued_before", queued_before)
        checks.check_limit(most)
        with self._database.read() as connection:

            def count(what: str, *arguments: Any) -> int:
                counted = connection.execute(f"SELECT count(*) FROM (SELECT 1 FROM {what} LIMIT ?)", (*arguments, most))
                return int(counted.fetchone()[0])

            lapsed = sum(count(f"tasks WHERE status = '{one}' AND lease_until <= ?", to_ms(now)) for one in _LIVE)
            return Counts(
                tasks={str(status): count("tasks WHERE status = ?", status) for status in TaskStatus},
                late=count("tasks WHERE status = 'queued' AND created < ?", to_ms(queued_before)),
                lapsed=min(lapsed, most),
                mails=count("mails WHERE status = 'received'"),
                outboxes=count("(SELECT DISTINCT session FROM outbox)"),
            )

    def tasks(
        self,
        status: str,
        *,
        before: datetime | None = None,
        newest_first: bool = False,
        after: str = "",
        limit: int = 100,
    ) -> Page[TaskLine]:
        paging.check_status(status, tuple(TaskStatus))
        checks.check_time("before", before, optional=True)
        where: str = "status = ?"
        arguments: list[Any] = [status]
        if before is not None:
            where, arguments = f"{where} AND created < ?", [*arguments, to_ms(before)]
        rows = self._rows(
            f"SELECT {_TASK} FROM tasks WHERE {where}", arguments, ("created", "id"), after, limit, down=newest_first
        )
        return paging.page([_task(row) for row in rows], limit, paging.task_cursor)

    def lapsed(self, *, now: datetime, after: str = "", limit: int = 100) -> Page[TaskLine]:
        checks.check_time("now", now)
        rows = self._rows(
            f"SELECT {_TASK} FROM tasks WHERE {_LAPSED}", [to_ms(now)], ("lease_until", "id"), after, limit
        )
        return paging.page([_task(row, lapsed=True) for row in rows], limit, paging.lease_cursor)

    def mails(self, status: str, *, newest_first: bool = False, after: str = "", limit: int = 100) -> Page[MailLine]:
        paging.check_status(status, paging.MAIL_STATUSES)
        rows = self._rows(
            "SELECT id, session, status, received FROM mails WHERE status = ?",
            [status],
            ("received", "id"),
            after,
            limit,
            down=newest_first,
        )
        lines = [
            MailLine(id=row["id"], session=row["session"], status=row["status"], received=from_ms(row["received"]))
            for row in rows
        ]
        return paging.page(lines, limit, paging.mail_cursor)

    def outboxes(self, *, before: datetime, after: str = "", limit: int = 100) -> Page[OutboxLine]:
        """Reads all that has waited since `before`: what is published is gone."""
        checks.check_time("before", before)
        rows = self._rows(
            "SELECT * FROM (SELECT session, min(added) AS oldest, count(*) AS entries, group_concat(DISTINCT kind) AS kinds "
            "FROM outbox WHERE session IN (SELECT session FROM outbox WHERE added <= ?) GROUP BY session) WHERE TRUE",
            [to_ms(before)],
            ("oldest", "session"),
            after,
            limit,
        )
        lines = [
            OutboxLine(
                session=row["session"],
                oldest=from_ms(row["oldest"]),
                entries=row["entries"],
                kinds=tuple(sorted(row["kinds"].split(","))),
            )
            for row in rows
        ]
        return paging.page(lines, limit, paging.outbox_cursor)

    def ticks(self, *, after: str = "", limit: int = 100) -> Page[TickLine]:
        checks.check_limit(limit)
        if not checks.known_start(after):
            return Page((), None)
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT key, period, at FROM claims WHERE key > ? ORDER BY key LIMIT ?", (after, limit + 1)
            ).fetchall()
        lines = [TickLine(key=row["key"], period=row["period"], at=from_ms(row["at"])) for row in rows]
        return Page(tuple(lines[:limit]), lines[limit - 1].key if len(lines) > limit else None)

    def _rows(
        self,
        query: str,
        arguments: list[Any],
        order: tuple[str, str],
        after: str,
        limit: int,
        *,
        down: bool = False,
    ) -> list[sqlite3.Row]:
        """One more than `limit`, if there are so many."""
        checks.check_limit(limit)
        begin = paging.cursor(after)
        if begin is not None:
            query += f" AND ({order[0]}, {order[1]}) {'<' if down else '>'} (?, ?)"
            arguments = [*arguments, to_ms(begin.at), begin.id]
        way = "DESC" if down else "ASC"
        query += f" ORDER BY {order[0]} {way}, {order[1]} {way} LIMIT ?"
        with self._database.read() as connection:
            return connection.execute(query, [*arguments, limit + 1]).fetchall()


def _task(row: sqlite3.Row, *, lapsed: bool = False) -> TaskLine:
    def moment(name: str) -> datetime | None:
        return None if row[name] is None else from_ms(row[name])

    return TaskLine(
        id=row["id"],
        session=row["session"],
        interview=row["interview"],
        action=row["action"],
        origin=row["origin"],
        status=row["status"],
        created=from_ms(row["created"]),
        started=moment("started"),
        finished=moment("finished"),
        lease_until=moment("lease_until") if row["lease"] is not None or lapsed else None,
        attempts=row["attempts"],
        error_type=None if row["result"] is None else paging.error_type(unpack("result", row["result"])),
    )
