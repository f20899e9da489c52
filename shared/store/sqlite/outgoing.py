"""Mails that leave, in SQLite."""

# ruff: noqa: S608 - statements are put together from constants of this module; values are always bound
from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from shared.store import checks, paging
from shared.store.overview import COUNTED, Page
from shared.store.packing import from_ms, pack, to_ms, unpack
from shared.store.records import OUTGOING_STATUSES, OutgoingMail
from shared.store.sqlite.database import Database

_WITHOUT_BODY: Final = "id, session, task, server, status, created, due, attempts, lease, lease_until, finished, last"
_MINE: Final = "id = ? AND lease = ? AND status = 'sending'"
_FREE: Final = "lease = NULL, lease_until = NULL"


class SqliteOutgoing:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, mail: OutgoingMail) -> bool:
        checks.check_outgoing(mail)
        return self._change(
            f"INSERT INTO outgoing ({_WITHOUT_BODY}, body) VALUES (?, ?, ?, ?, 'queued', ?, ?, 0, NULL, NULL, NULL, ?, ?) "
            "ON CONFLICT (id) DO NOTHING",
            *(mail.id, mail.session, mail.task, mail.server, to_ms(mail.created), to_ms(mail.due)),
            *(_last(mail.last), _body(mail.body)),
        )

    def get(self, mail_id: str) -> OutgoingMail | None:
        if not checks.known_id(mail_id):
            return None
        rows = self._rows("SELECT * FROM outgoing WHERE id = ?", mail_id)
        return _mail(rows[0]) if rows else None

    def claim(
        self, mail_id: str, *, lease: str, now: datetime, length: timedelta, ahead: timedelta = timedelta(0)
    ) -> OutgoingMail | None:
        if not checks.known_id(mail_id):
            return None
        checks.check_time("now", now)
        checks.check_lease(lease, length)
        taken = self._change(
            "UPDATE outgoing SET status = 'sending', lease = ?, lease_until = ?, attempts = attempts + 1 WHERE id = ? "
            "AND ((status = 'queued' AND due <= ?) OR (status = 'sending' AND lease_until <= ?))",
            *(lease, to_ms(now + length), mail_id, to_ms(now + ahead), to_ms(now)),
        )
        return self.get(mail_id) if taken else None

    def heartbeat(self, mail_id: str, *, lease: str, now: datetime, length: timedelta) -> bool:
        if not checks.known_id(mail_id, lease):
            return False
        checks.check_lease(lease, length)
        return self._change(
            f"UPDATE outgoing SET lease_until = ? WHERE {_MINE}", to_ms(now + length), mail_id, lease, durable=False
        )

    def later(
        self, mail_id: str, *, lease: str, due: datetime, last: Mapping[str, Any], body: Mapping[str, Any] | None = None
    ) -> bool:
        if not checks.known_id(mail_id, lease):
            return False
        checks.check_time("due", due)
        checks.check_mapping("last", last)
        new_body = () if body is None else (_body(body),)
        return self._change(
            f"UPDATE outgoing SET status = 'queued', due = ?, last = ?, {_FREE}{', body = ?' if new_body else ''} WHERE {_MINE}",
            *(to_ms(due), _last(last), *new_body, mail_id, lease),
        )

    def renew(self, mail_id: str, *, body: Mapping[str, Any]) -> bool:
        return checks.known_id(mail_id) and self._change(
            "UPDATE outgoing SET body = ? WHERE id = ? AND status = 'queued'", _body(body), mail_id
        )

    def put_off(self, mail_id: str, *, lease: str, due: datetime) -> bool:
        if not checks.known_id(mail_id, lease):
            return False
        return self._change(
            f"UPDATE outgoing SET status = 'queued', due = ?, attempts = attempts - 1, {_FREE} WHERE {_MINE}",
            *(to_ms(due), mail_id, lease),
        )

    def finish(self, mail_id: str, *, lease: str, status: str, last: Mapping[str, Any], now: datetime) -> bool:
        if not checks.known_id(mail_id, lease):
            return False
        paging.check_status(status, ("sent", "failed"))
        checks.check_mapping("last", last)
        empty = (_body({}),) if status == "sent" else ()
        return self._change(
            f"UPDATE outgoing SET status = ?, finished = ?, last = ?, {_FREE}{', body = ?' if empty else ''} WHERE {_MINE}",
            *(status, to_ms(now), _last(last), *empty, mail_id, lease),
        )

    def bounce(self, mail_id: str, *, last: Mapping[str, Any], now: datetime) -> bool:
        if not checks.known_id(mail_id):
            return False
        return self._change(
            "UPDATE outgoing SET status = 'bounced', finished = ?, last = ? WHERE id = ? AND status = 'sent'",
            *(to_ms(now), _last(last), mail_id),
        )

    def again(self, mail_id: str, *, now: datetime) -> bool:
        if not checks.known_id(mail_id):
            return False
        return self._change(
            "UPDATE outgoing SET status = 'queued', due = ?, created = CASE status WHEN 'failed' THEN ? ELSE created END, "
            f"attempts = 0, finished = NULL, {_FREE} WHERE id = ? AND status IN ('queued', 'failed')",
            *(to_ms(now), to_ms(now), mail_id),
        )

    def remove(self, mail_id: str) -> bool:
        return checks.known_id(mail_id) and self._change("DELETE FROM outgoing WHERE id = ?", mail_id)

    def due(self, *, now: datetime, limit: int) -> list[str]:
        checks.check_time("now", now)
        checks.check_limit(limit)
        rows = self._rows(
            "SELECT id FROM (SELECT id, due AS at FROM outgoing WHERE status = 'queued' AND due <= ? UNION ALL "
            "SELECT id, lease_until AS at FROM outgoing WHERE status = 'sending' AND lease_until <= ?) ORDER BY at, id LIMIT ?",
            *(to_ms(now), to_ms(now), limit),
        )
        return [row["id"] for row in rows]

    def waiting_of(self, session: str, *, limit: int = 1000) -> list[OutgoingMail]:
        checks.check_limit(limit)
        if not checks.known_id(session):
            return []
        # The plus keeps it from an index of all that wait, of whomever.
        query = "SELECT * FROM outgoing WHERE session = ? AND +status IN ('queued', 'sending') LIMIT ?"
        return [_mail(row) for row in self._rows(query, session, limit)]

    def latest(self, session: str, task: str) -> OutgoingMail | None:
        if not checks.known_id(session, task):
            return None
        rows = self._rows(
            f"SELECT {_WITHOUT_BODY} FROM outgoing WHERE session = ? AND task = ? ORDER BY created DESC, id DESC LIMIT 1",
            *(session, task),
        )
        return _mail(rows[0]) if rows else None

    def page(self, status: str, *, after: str = "", limit: int = 100) -> Page[OutgoingMail]:
        paging.check_status(status, OUTGOING_STATUSES)
        checks.check_limit(limit)
        begin = paging.cursor(after)
        where, arguments = "status = ?", [status]
        if begin is not None:
            where += " AND (created, id) > (?, ?)"
            arguments += [to_ms(begin.at), begin.id]  # type: ignore[list-item]
        query = f"SELECT {_WITHOUT_BODY} FROM outgoing WHERE {where} ORDER BY created, id LIMIT ?"
        return paging.page(
            [_mail(row) for row in self._rows(query, *arguments, limit + 1)], limit, paging.outgoing_cursor
        )

    def counts(self, *, most: int = COUNTED) -> dict[str, int]:
        checks.check_limit(most)
        query = "SELECT count(*) AS n FROM (SELECT 1 FROM outgoing WHERE status = ? LIMIT ?)"
        return {status: self._rows(query, status, most)[0]["n"] for status in OUTGOING_STATUSES}

    def forget(self, *, before: datetime, limit: int) -> int:
        checks.check_time("before", before)
        checks.check_limit(limit)
        with self._database.write() as connection:
            return connection.execute(
                "DELETE FROM outgoing WHERE id IN (SELECT id FROM outgoing WHERE finished < ? LIMIT ?)",
                (to_ms(before), limit),
            ).rowcount

    def _change(self, statement: str, *arguments: Any, durable: bool = True) -> bool:
        with self._database.write(durable=durable) as connection:
            return connection.execute(statement, arguments).rowcount == 1

    def _rows(self, query: str, *arguments: Any) -> list[sqlite3.Row]:
        with self._database.read() as connection:
            return connection.execute(query, arguments).fetchall()


def _last(last: Mapping[str, Any]) -> bytes:
    return pack("last", last, limit=checks.EXTRA_BYTES)


def _body(body: Mapping[str, Any]) -> bytes:
    return pack("body", body, limit=checks.BODY_BYTES)


def _mail(row: sqlite3.Row) -> OutgoingMail:
    return OutgoingMail(
        id=row["id"],
        session=row["session"],
        task=row["task"],
        server=row["server"],
        status=row["status"],
        created=from_ms(row["created"]),
        due=from_ms(row["due"]),
        attempts=row["attempts"],
        lease=row["lease"],
        lease_until=None if row["lease_until"] is None else from_ms(row["lease_until"]),
        finished=None if row["finished"] is None else from_ms(row["finished"]),
        last=unpack("last", row["last"]),
        body=unpack("body", row["body"]) if "body" in row.keys() else {},  # noqa: SIM118 (a Row contains values)
    )
