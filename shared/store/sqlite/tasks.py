"""Background tasks in SQLite: one row each; every change names the lease it is made under."""

# ruff: noqa: S608 - statements are put together from constants of this module; values are always bound
from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from shared.contract.tasks import ENDED, TaskStatus
from shared.store import checks
from shared.store.overview import Page
from shared.store.packing import from_ms, pack, to_ms, unpack
from shared.store.ports import BadRecord
from shared.store.records import DueTask, Ended, Task
from shared.store.sqlite.database import Database, row_dict
from shared.store.sqlite.keyset import page_of_ids
from shared.store.sqlite.schema import UNDELIVERED

_MAPPINGS: Final = ("user", "browser", "response", "result", "options", "progress")
_TIMES: Final = ("created", "started", "finished", "lease_until")
_LIVE: Final = "status IN ('running', 'responding')"


class SqliteTasks:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, task: Task) -> bool:
        checks.check_task(task)
        row = {name: getattr(task, name) for name in Task.__dataclass_fields__}
        row |= {name: pack(name, row[name], limit=checks.BODY_BYTES) for name in _MAPPINGS}
        row |= {name: to_ms(row[name]) for name in _TIMES if row[name] is not None}
        marks = ", ".join(f":{name}" for name in row)
        # Durable before the outbox entry that asked for it is removed, because the log is kept in order.
        with self._database.write(durable=False) as connection:
            added = connection.execute(
                f"INSERT INTO tasks ({', '.join(row)}) VALUES ({marks}) ON CONFLICT (id) DO NOTHING",
                row,
            )
        return added.rowcount == 1

    def get(self, task_id: str) -> Task | None:
        return self._one("SELECT * FROM tasks WHERE id = ?", (task_id,)) if checks.known_id(task_id) else None

    def status(self, task_id: str, *, session: str) -> TaskStatus | None:
        if not checks.known_id(task_id, session):
            return None
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT status FROM tasks WHERE id = ? AND session = ?", (task_id, session)
            ).fetchone()
        return None if row is None else TaskStatus(row["status"])

    def undelivered(self, session_id: str, *, limit: int = 100) -> list[Task]:
        checks.check_limit(limit)
        if not checks.known_id(session_id):
            return []
        return self._many(
            f"SELECT * FROM tasks WHERE session = ? AND {UNDELIVERED} ORDER BY created, id LIMIT ?", (session_id, limit)
        )

    def tells(self, session_id: str) -> bool:
        if not checks.known_id(session_id):
            return False
        with self._database.read() as connection:
            asked = "SELECT 1 FROM tasks WHERE session = ? AND ui IS NOT NULL LIMIT 1"
            return connection.execute(asked, (session_id,)).fetchone() is not None

    def of_session(self, session_id: str) -> list[Task]:
        if not checks.known_id(session_id):
            return []
        return self._many("SELECT * FROM tasks WHERE session = ? ORDER BY created, id", (session_id,))

    def claim(self, task_id: str, *, lease: str, now: datetime, length: timedelta) -> Task | None:
        if not checks.known_id(task_id):
            return None
        checks.check_time("now", now)
        checks.check_lease(lease, length)
        moment = to_ms(now)
        arguments = {
            "id": task_id,
            "lease": lease,
            "now": moment,
            "until": to_ms(now + length),
            "far": to_ms(now + checks.LONGEST_LEASE),
        }
        # A loss of power ends the claimant too, and whatever it writes later is durable only together with this.
        with self._database.write(durable=False) as connection:
            row = connection.execute(
                f"SELECT * FROM tasks WHERE id = :id AND {_LIVE} AND lease = :lease AND lease_until > :now",
                arguments,
            ).fetchone()
            if row is None:
                row = connection.execute(
                    "UPDATE tasks SET status = CASE status WHEN 'queued' THEN 'running' ELSE status END, lease = :lease, "
                    "lease_until = :until, started = :now, attempts = attempts + 1 "
                    f"WHERE id = :id AND (status = 'queued' OR {_LIVE} AND (lease_until <= :now OR lease_until > :far)) RETURNING *",
                    arguments,
                ).fetchone()
        return None if row is None else _task(row)

    def urgent(self, queue: str, *, now: datetime, above: int | None = None, below: int | None = None) -> str | None:
        checks.check_time("now", now)
        over, under = (
            -checks.MOST_PRIORITY if above is None else above,
            checks.MOST_PRIORITY if below is None else below,
        )
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT id FROM tasks WHERE status = 'queued' AND queue = ? AND priority > ? AND priority < ? AND created <= ? "
                "ORDER BY priority DESC, created LIMIT 1",
                (queue, over, under, to_ms(now)),
            ).fetchone()
        return None if row is None else str(row["id"])

    def heartbeat(self, task_id: str, *, lease: str, now: datetime, length: timedelta) -> bool:
        if not checks.known_id(task_id, lease):
            return False
        checks.check_time("now", now)
        checks.check_lease(lease, length)
        return self._change(
            f"UPDATE tasks SET lease_until = ? WHERE id = ? AND lease = ? AND {_LIVE}",
            (to_ms(now + length), task_id, lease),
            durable=False,
        )

    def responding(self, task_id: str, *, lease: str, response: Mapping[str, Any]) -> bool:
        if not checks.known_id(task_id, lease):
            return False
        checks.check_mapping("response", response)
        return self._change(
            f"UPDATE tasks SET status = 'responding', response = ? WHERE id = ? AND lease = ? AND {_LIVE}",
            (pack("response", response, limit=checks.BODY_BYTES), task_id, lease),
        )

    def progress(self, task_id: str, *, lease: str, progress: Mapping[str, Any]) -> bool:
        if not checks.known_id(task_id, lease):
            return False
        checks.check_mapping("progress", progress)
        return self._change(
            f"UPDATE tasks SET progress = ? WHERE id = ? AND lease = ? AND {_LIVE}",
            (pack("progress", progress, limit=checks.BODY_BYTES), task_id, lease),
            durable=False,
        )

    def requeue(self, task_id: str, *, lease: str | None, at: datetime) -> Task | None:
        if not checks.known_id(task_id, *([] if lease is None else [lease])):
            return None
        checks.check_time("at", at)
        empty = pack("result", {}, limit=checks.BODY_BYTES)
        which = "status = 'failed' AND trimmed = 0" if lease is None else "status = 'running' AND lease = :lease"
        with self._database.write() as connection:
            row = connection.execute(
                "UPDATE tasks SET status = 'queued', created = :at, lease = NULL, lease_until = NULL, finished = NULL, "
                "response = :empty, progress = :empty, delivered = 0, result = CASE WHEN :again THEN :empty ELSE result END, "
                "attempts = CASE WHEN :again THEN 0 ELSE attempts END, deaths = CASE WHEN :again THEN 0 ELSE deaths END "
                f"WHERE id = :id AND {which} RETURNING *",
                {"id": task_id, "lease": lease, "at": to_ms(at), "empty": empty, "again": lease is None},
            ).fetchone()
        return None if row is None else _task(row)

    def finish(
        self, task_id: str, *, lease: str | None, status: TaskStatus, result: Mapping[str, Any], now: datetime
    ) -> bool:
        if not checks.known_id(task_id, *([] if lease is None else [lease])):
            return False
        if status not in ENDED:
            raise BadRecord(f"a task ends done, failed or revoked, not {status!r}")
        checks.check_mapping("result", result)
        checks.check_time("now", now)
        return self._change(
            "UPDATE tasks SET status = ?, result = ?, finished = ?, lease = NULL, lease_until = NULL "
            "WHERE id = ? AND (lease = ? OR ?) AND status IN ('queued', 'running', 'responding')",
            (status, pack("result", result, limit=checks.BODY_BYTES), to_ms(now), task_id, lease, lease is None),
        )

    def release(self, task_id: str, *, lease: str, ended: Ended = Ended.INTERRUPTED) -> bool:
        if not checks.known_id(task_id, lease):
            return False
        return self._change(
            "UPDATE tasks SET status = CASE status WHEN 'running' THEN 'queued' ELSE status END, lease = NULL, "
            "lease_until = CASE status WHEN 'running' THEN NULL ELSE 0 END, attempts = max(0, attempts - ?), "
            "deaths = deaths + ? "
            f"WHERE id = ? AND lease = ? AND {_LIVE}",
            (ended is Ended.UNBEGUN, ended is Ended.DIED, task_id, lease),
            durable=False,
        )

    def revoke(self, task_id: str, *, now: datetime, terminate: bool) -> Task | None:
        if not checks.known_id(task_id):
            return None
        checks.check_time("now", now)
        with self._database.write() as connection:
            row = connection.execute(
                "UPDATE tasks SET status = 'revoked', finished = ?, lease = NULL, lease_until = NULL "
                "WHERE id = ? AND (status = 'queued' OR status = 'running' AND ?) RETURNING *",
                (to_ms(now), task_id, terminate),
            ).fetchone()
        return None if row is None else _task(row)

    def revoke_all(self, session_id: str, *, now: datetime) -> list[str]:
        if not checks.known_id(session_id):
            return []
        checks.check_time("now", now)
        with self._database.write() as connection:
            rows = connection.execute(
                "UPDATE tasks SET status = 'revoked', finished = ?, lease = NULL, lease_until = NULL "
                "WHERE session = ? AND status IN ('queued', 'running', 'responding') RETURNING id",
                (to_ms(now), session_id),
            ).fetchall()
        return sorted(row[0] for row in rows)

    def mark_delivered(self, task_id: str) -> bool:
        if not checks.known_id(task_id):
            return False
        return self._change("UPDATE tasks SET delivered = 1 WHERE id = ? AND NOT delivered", (task_id,))

    def due(self, *, now: datetime, queued_before: datetime, limit: int) -> list[DueTask]:
        checks.check_time("now", now)
        checks.check_time("queued_before", queued_before)
        checks.check_limit(limit)
        # One question for each index: joined by OR, all that is due would be read and sorted to give the first few.
        found = self._due("status = 'queued' AND created < ?", queued_before, "created", limit)
        for status in ("running", "responding"):
            for lapsed, moment in (("lease_until <= ?", now), ("lease_until > ?", now + checks.LONGEST_LEASE)):
                found += self._due(f"status = '{status}' AND {lapsed}", moment, "lease_until", limit)
        return sorted(found, key=lambda task: (task.created, task.id))[:limit]

    def untrimmed(self, *, before: datetime, after: str = "", limit: int = 200) -> Page[str]:
        checks.check_time("before", before)
        condition = "trimmed = 0 AND finished IS NOT NULL"
        return page_of_ids(self._database, "tasks", "finished", condition, (), before=before, after=after, limit=limit)

    def trim(self, task_id: str, *, result: Mapping[str, Any] | None) -> bool:
        if not checks.known_id(task_id):
            return False
        kept = None
        if result is not None:
            checks.check_mapping("result", result)
            kept = pack("result", result, limit=checks.BODY_BYTES)
        return self._change(
            "UPDATE tasks SET arguments = X'', response = ?, result = coalesce(?, result), trimmed = 1 "
            "WHERE id = ? AND finished IS NOT NULL",
            (pack("response", {}, limit=checks.BODY_BYTES), kept, task_id),
            durable=False,
        )

    def _change(self, statement: str, arguments: tuple[Any, ...], *, durable: bool = True) -> bool:
        with self._database.write(durable=durable) as connection:
            return connection.execute(statement, arguments).rowcount == 1

    def _due(self, condition: str, moment: datetime, order: str, limit: int) -> list[DueTask]:
        query = f"SELECT id, status, created, queue, priority FROM tasks WHERE {condition} ORDER BY {order} LIMIT ?"
        with self._database.read() as connection:
            rows = connection.execute(query, (to_ms(moment), limit)).fetchall()
        return [
            DueTask(
                id=row["id"],
                status=TaskStatus(row["status"]),
                created=from_ms(row["created"]),
                queue=row["queue"],
                priority=row["priority"],
            )
            for row in rows
        ]

    def _one(self, query: str, arguments: tuple[Any, ...]) -> Task | None:
        found = self._many(query, arguments)
        return found[0] if found else None

    def _many(self, query: str, arguments: tuple[Any, ...]) -> list[Task]:
        with self._database.read() as connection:
            rows = connection.execute(query, arguments).fetchall()
        return [_task(row) for row in rows]


def _task(row: sqlite3.Row) -> Task:
    values = row_dict(row)
    values.pop("trimmed")
    values |= {name: unpack(name, values[name]) if values[name] else {} for name in _MAPPINGS}
    values |= {name: from_ms(values[name]) for name in _TIMES if values[name] is not None}
    if values["lease"] is None:
        values["lease_until"] = None
    values["status"] = TaskStatus(values["status"])
    values["delivered"] = bool(values["delivered"])
    return Task(**values)
