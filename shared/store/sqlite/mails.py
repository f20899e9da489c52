"""Mail addresses of sessions, and mails received, in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shared.store import checks, paging
from shared.store.delivery import Delivery, Destination
from shared.store.overview import Page
from shared.store.packing import from_ms, pack, to_ms, unpack
from shared.store.records import Address, Mail, MailHead, digest_of, head_of
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

    def destination(self, address: str) -> Destination | None:
        if not checks.known_id(address):
            return None
        rows = self._rows(
            "SELECT addresses.*, bytes FROM addresses LEFT JOIN mail_sizes ON mail_sizes.session = addresses.session WHERE address = ?",
            (address,),
        )
        return Destination(address=_address(rows[0]), size=rows[0]["bytes"] or 0) if rows else None

    def addresses(self, session_id: str) -> list[Address]:
        if not checks.known_id(session_id):
            return []
        rows = self._rows("SELECT * FROM addresses WHERE session = ? ORDER BY created, address", (session_id,))
        return [_address(row) for row in rows]

    def keep(self, mail: Mail, *, head: bytes | None = None) -> bool:
        checks.check_mail(mail)
        with self._database.write() as connection:
            return _insert(connection, mail, head_of(mail.raw) if head is None else head)

    def deliver(self, mail: Mail, *, to: Address, head: bytes | None = None) -> Delivery:
        checks.check_mail(mail)
        head = head_of(mail.raw) if head is None else head
        with self._database.write() as connection:
            if connection.execute("SELECT 1 FROM addresses WHERE address = ?", (to.address,)).fetchone() is None:
                return Delivery.GONE
            return Delivery.KEPT if _insert(connection, mail, head) else Delivery.KNOWN

    def known(self, ids: Sequence[str], *, since: datetime) -> str | None:
        checks.check_time("since", since)
        asked = [one for one in ids if checks.known_id(one)]
        query = f"SELECT id FROM mails WHERE id IN ({', '.join('?' * len(asked))}) AND received > ?"  # noqa: S608
        found = {row["id"] for row in self._rows(query, (*asked, to_ms(since)))}
        return next((one for one in asked if one in found), None)

    def heads(self, session_id: str, *, after: str = "", limit: int = 100) -> Page[MailHead]:
        checks.check_limit(limit)
        begin = paging.cursor(after)
        if not checks.known_id(session_id):
            return Page((), None)
        query, arguments = "SELECT * FROM mail_heads WHERE session = ?", [session_id]
        if begin is not None:
            query += " AND (received, id) > (?, ?)"
            arguments += [to_ms(begin.at), begin.id]  # type: ignore[list-item]
        rows = self._rows(f"{query} ORDER BY received, id LIMIT ?", (*arguments, limit + 1))
        found = [MailHead(**(row_dict(row) | {"received": from_ms(row["received"])})) for row in rows]
        return paging.page(found, limit, paging.head_cursor)

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

    def remove(self, mail_id: str) -> bool:
        if not checks.known_id(mail_id):
            return False
        with self._database.write() as connection:
            found = connection.execute(
                "SELECT session, received, length(raw) AS bytes FROM mails WHERE id = ?", (mail_id,)
            ).fetchone()
            if found is None:
                return False
            session = found["session"]
            connection.execute("DELETE FROM mails WHERE id = ?", (mail_id,))
            connection.execute(
                "DELETE FROM mail_heads WHERE session = ? AND received = ? AND id = ?",
                (session, found["received"], mail_id),
            )
            connection.execute("DELETE FROM mail_parts WHERE mail = ?", (mail_id,))
            connection.execute(
                "UPDATE mail_sizes SET bytes = max(0, bytes - ?) WHERE session = ?", (found["bytes"], session)
            )
        return True

    def dissected(self, mail_id: str, *, session: str, parts: bytes) -> bool:
        checks.check_id("mail", mail_id)
        checks.check_id("session", session)
        checks.check_bytes(f"mail {mail_id}: parts", parts, limit=checks.PARTS_BYTES)
        return self._insert(
            "INSERT INTO mail_parts (mail, session, parts) VALUES (?, ?, ?) ON CONFLICT (mail) DO NOTHING",
            (mail_id, session, parts),
        )

    def parts(self, mail_id: str, *, session: str) -> bytes | None:
        if not checks.known_id(mail_id, session):
            return None
        rows = self._rows("SELECT parts FROM mail_parts WHERE mail = ? AND session = ?", (mail_id, session))
        return rows[0]["parts"] if rows else None

    def retire(self, session_id: str, *, now: datetime) -> None:
        checks.check_time("now", now)
        digests = [(digest_of(one.address), to_ms(now)) for one in self.addresses(session_id)]
        if digests:
            with self._database.write() as connection:
                connection.executemany("INSERT OR IGNORE INTO gone_addresses (digest, at) VALUES (?, ?)", digests)

    def gone(self, address: str) -> bool:
        if not checks.known_id(address):
            return False
        return bool(self._rows("SELECT 1 FROM gone_addresses WHERE digest = ?", (digest_of(address),)))

    def forget_gone(self, *, before: datetime, limit: int) -> int:
        checks.check_time("before", before)
        checks.check_limit(limit)
        with self._database.write() as connection:
            return connection.execute(
                "DELETE FROM gone_addresses WHERE digest IN (SELECT digest FROM gone_addresses WHERE at < ? LIMIT ?)",
                (to_ms(before), limit),
            ).rowcount

    def waiting_of(self, session_id: str, *, limit: int) -> list[str]:
        checks.check_limit(limit)
        if not checks.known_id(session_id):
            return []
        query = "SELECT id FROM mails WHERE session = ? AND status = 'received' ORDER BY received, id LIMIT ?"
        return [row["id"] for row in self._rows(query, (session_id, limit))]

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


def _insert(connection: sqlite3.Connection, mail: Mail, head: bytes) -> bool:
    received = to_ms(mail.received)
    added = connection.execute(
        "INSERT INTO mails (id, address, session, sender, received, status, raw, front) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO NOTHING",
        (mail.id, mail.address, mail.session, mail.sender, received, mail.status, mail.raw, mail.front),
    )
    if added.rowcount != 1:
        return False
    connection.execute(
        "INSERT INTO mail_heads (session, received, id, address, sender, head) VALUES (?, ?, ?, ?, ?, ?)",
        (mail.session, received, mail.id, mail.address, mail.sender, head),
    )
    connection.execute(
        "INSERT INTO mail_sizes (session, bytes) VALUES (?, ?) ON CONFLICT (session) DO UPDATE SET bytes = bytes + excluded.bytes",
        (mail.session, len(mail.raw)),
    )
    return True


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
    return Mail(**(row_dict(row) | {"received": from_ms(row["received"]), "front": bool(row["front"])}))
