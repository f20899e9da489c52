"""Mail addresses of sessions, and mails received, in SQLite."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

from shared.store import checks
from shared.store.packing import from_ms, pack, to_ms, unpack
from shared.store.records import Address, Mail
from shared.store.sqlite.database import Database, row_dict


class SqliteMails:
    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, address: Address) -> bool:
        checks.check_address(address)
        user = pack("user", address.user, limit=checks.EXTRA_BYTES)
        return self._insert(
            "INSERT INTO addresses (address, session, key, ordinal, user, created) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (address) DO NOTHING",
            (address.address, address.session, address.key, address.index, user, to_ms(address.created)),
        )

    def find(self, address: str) -> Address | None:
        if not checks.known_id(address):
            return None
        rows = self._rows("SELECT * FROM addresses WHERE address = ?", (address,))
        return _address(rows[0]) if rows else None

    def addresses(self, session_id: str) -> list[Address]:
        if not checks.known_id(session_id):
            return []
        rows = self._rows("SELECT * FROM addresses WHERE session = ? ORDER BY created, address", (session_id,))
        return [_address(row) for row in rows]

    def keep(self, mail: Mail) -> bool:
        checks.check_mail(mail)
        return self._insert(
            "INSERT INTO mails (id, address, session, sender, received, status, raw) VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO NOTHING",
            (mail.id, mail.address, mail.session, mail.sender, to_ms(mail.received), mail.status, mail.raw),
        )

    def get(self, mail_id: str) -> Mail | None:
        if not checks.known_id(mail_id):
            return None
        rows = self._rows("SELECT * FROM mails WHERE id = ?", (mail_id,))
        return _mail(rows[0]) if rows else None

    def of_session(self, session_id: str) -> list[Mail]:
        if not checks.known_id(session_id):
            return []
        return [
            _mail(row)
            for row in self._rows("SELECT * FROM mails WHERE session = ? ORDER BY received, id", (session_id,))
        ]

    def done(self, mail_id: str) -> None:
        if not checks.known_id(mail_id):
            return
        with self._database.write(durable=False) as connection:
            connection.execute("UPDATE mails SET status = 'done' WHERE id = ?", (mail_id,))

    def waiting(self, *, older_than: datetime, limit: int) -> list[str]:
        checks.check_time("older_than", older_than)
        checks.check_limit(limit)
        query = "SELECT id FROM mails WHERE status = 'received' AND received <= ? ORDER BY received, id LIMIT ?"
        return [row["id"] for row in self._rows(query, (to_ms(older_than), limit))]

    def _insert(self, statement: str, arguments: tuple[Any, ...]) -> bool:
        with self._database.write() as connection:
            return connection.execute(statement, arguments).rowcount == 1

    def _rows(self, query: str, arguments: tuple[Any, ...]) -> list[sqlite3.Row]:
        with self._database.read() as connection:
            return connection.execute(query, arguments).fetchall()


def _address(row: sqlite3.Row) -> Address:
    return Address(
        address=row["address"],
        session=row["session"],
        key=row["key"],
        index=row["ordinal"],
        user=unpack("user", row["user"]),
        created=from_ms(row["created"]),
    )


def _mail(row: sqlite3.Row) -> Mail:
    return Mail(**(row_dict(row) | {"received": from_ms(row["received"])}))
