"""Background tasks in SQLite: one row each; every change names the lease it is made under."""

# ruff: noqa: S608 - statements are put together from constants of this module; values are always bound
from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from shared.store import checks
from shared.store.packing import from_ms, pack, to_ms, unpack
from shared.store.ports import BadRecord
from shared.store.records import Task
from shared.store.sqlite.database import Database, row_dict

_MAPPINGS: Final = ("user", "browser", "response", "result")
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
        arguments = {"id": task_id, "lease": lease, "now": moment, "until": to_ms(now + length)}
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
                    f"WHERE id = :id AND (status = 'queued' OR {_LIVE} AND lease_until <= :now) RETURNING *",
                    arguments,
                ).fetchone()
        return None if row is None else _task(row)

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

    def finish(self, task_id: str, *, lease: str | None, status: str, result: Mapping[str, Any], now: datetime) -> bool:
        if not checks.known_id(task_id, *([] if lease is None else [lease])):
            return False
        if status not in checks.ENDED:
            raise BadRecord(f"a task ends done, failed or revoked, not {status!r}")
        checks.check_mapping("result", result)
        checks.check_time("now", now)
        return self._change(
            "UPDATE tasks SET status = ?, result = ?, finished = ?, lease = NULL, lease_until = NULL "
            "WHERE id = ? AND (lease = ? OR ?) AND status IN ('queued', 'running', 'responding')",
            (status, pack("result", result, limit=checks.BODY_BYTES), to_ms(now), task_id, lease, lease is None),
        )

    def release(self, task_id: str, *, lease: str, counted: bool = True) -> bool:
        if not checks.known_id(task_id, lease):
            return False
        return self._change(
            "UPDATE tasks SET status = CASE status WHEN 'running' THEN 'queued' ELSE status END, lease = NULL, "
            "lease_until = CASE status WHEN 'running' THEN NULL ELSE 0 END, attempts = max(0, attempts - ?) "
            f"WHERE id = ? AND lease = ? AND {_LIVE}",
            (0 if counted else 1, task_id, lease),
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

    def mark_delivered(self, task_id: str) -> bool:
        if not checks.known_id(task_id):
            return False
        return self._change("UPDATE tasks SET delivered = 1 WHERE id = ? AND NOT delivered", (task_id,))

    def due(self, *, now: datetime, queued_before: datetime, limit: int) -> list[Task]:
        checks.check_time("now", now)
        checks.check_time("queued_before", queued_before)
        checks.check_limit(limit)
        return self._many(
            "SELECT * FROM tasks WHERE status = 'queued' AND created < ? OR "
            f"{_LIVE} AND lease_until <= ? ORDER BY created, id LIMIT ?",
            (to_ms(queued_before), to_ms(now), limit),
        )

    def counts(self) -> dict[str, int]:
        with self._database.read() as connection:
            found = dict(connection.execute("SELECT status, count(*) FROM tasks GROUP BY status").fetchall())
        return {status: found.get(status, 0) for status in checks.TASK_STATUSES}

    def _change(self, statement: str, arguments: tuple[Any, ...], *, durable: bool = True) -> bool:
        with self._database.write(durable=durable) as connection:
            return connection.execute(statement, arguments).rowcount == 1

    def _one(self, query: str, arguments: tuple[Any, ...]) -> Task | None:
        found = self._many(query, arguments)
        return found[0] if found else None

    def _many(self, query: str, arguments: tuple[Any, ...]) -> list[Task]:
        with self._database.read() as connection:
            rows = connection.execute(query, arguments).fetchall()
        return [_task(row) for row in rows]


def _task(row: sqlite3.Row) -> Task:
    values = row_dict(row)
    values |= {name: unpack(name, values[name]) for name in _MAPPINGS}
    values |= {name: from_ms(values[name]) for name in _TIMES if values[name] is not None}
    if values["lease"] is None:
        values["lease_until"] = None
    values["delivered"] = bool(values["delivered"])
    return Task(**values)
