"""What became of each tick of each schedule, in SQLite."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from shared.store import checks
from shared.store.ledger_entry import packed, unpacked
from shared.store.overview import Page
from shared.store.packing import pack, to_ms, unpack
from shared.store.records import LedgerEntry
from shared.store.sqlite.database import Database

_LEADER = "ledger/leader"
#: The query says it in the words of the index, or SQLite would not use it.
_OPEN = "outcome IN ('waiting', 'running')"


class SqliteLedger:
    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, entry: LedgerEntry) -> bool:
        held = packed(entry)
        with self._database.write() as connection:
            added = connection.execute(
                "INSERT INTO ledger (schedule, period, due, outcome, by, entry) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (schedule, period) DO NOTHING",
                (entry.schedule, entry.period, to_ms(entry.due), entry.outcome, entry.by, held),
            )
        return added.rowcount == 1

    def open(self, *, schedule: str | None = None, limit: int = 1000) -> list[LedgerEntry]:
        checks.check_limit(limit)
        of, given = ("", ()) if schedule is None else ("schedule = ? AND ", (schedule,))
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT entry, by FROM ledger WHERE {of}{_OPEN} ORDER BY due, schedule LIMIT ?",  # noqa: S608 (constants)
                (*given, limit),
            ).fetchall()
        return [_entry(row["entry"], by=row["by"]) for row in rows]

    def take(self, schedule: str, period: str, *, by: str, was: str) -> bool:
        checks.check_id("by", by)
        with self._database.write() as connection:
            taken = connection.execute(
                f"UPDATE ledger SET by = ? WHERE schedule = ? AND period = ? AND by = ? AND {_OPEN}",  # noqa: S608 (a constant)
                (by, schedule, period, was),
            )
        return taken.rowcount == 1

    def save(self, entry: LedgerEntry) -> bool:
        held = packed(entry)
        with self._database.write() as connection:
            saved = connection.execute(
                f"UPDATE ledger SET outcome = ?, entry = ? WHERE schedule = ? AND period = ? AND by = ? AND {_OPEN}",  # noqa: S608 (a constant)
                (entry.outcome, held, entry.schedule, entry.period, entry.by),
            )
        return saved.rowcount == 1

    def page(self, schedule: str, *, after: str = "", limit: int = 100) -> Page[LedgerEntry]:
        checks.check_limit(limit)
        checks.check_text("after", after, limit=checks.ID_LENGTH)
        query, arguments = "SELECT entry, by FROM ledger WHERE schedule = ?", [schedule]
        if after:
            query += " AND period < ?"
            arguments.append(after)
        with self._database.read() as connection:
            rows = connection.execute(f"{query} ORDER BY period DESC LIMIT ?", (*arguments, limit + 1)).fetchall()
        found = [_entry(row["entry"], by=row["by"]) for row in rows]
        return Page(tuple(found[:limit]), found[limit - 1].period if len(found) > limit else None)

    def schedules(self) -> list[str]:
        found: list[str] = []
        with self._database.read() as connection:
            while True:
                row = connection.execute(
                    "SELECT min(schedule) AS next FROM ledger WHERE schedule > ?", (found[-1] if found else "",)
                ).fetchone()
                if row["next"] is None:
                    return found
                found.append(row["next"])

    def forget(self, schedule: str, *, before: datetime, keep: int) -> int:
        checks.check_time("before", before)
        checks.check_limit(keep)
        with self._database.write(durable=False) as connection:
            last = connection.execute(
                "SELECT period FROM ledger WHERE schedule = ? ORDER BY period DESC LIMIT 1 OFFSET ?", (schedule, keep)
            ).fetchone()
            return connection.execute(
                f"DELETE FROM ledger WHERE schedule = ? AND (due < ? OR period <= ?) AND NOT {_OPEN}",  # noqa: S608 (a constant)
                (schedule, to_ms(before), "" if last is None else last["period"]),
            ).rowcount

    def lead(self, by: str, *, now: datetime, length: timedelta) -> bool:
        checks.check_id("by", by)
        checks.check_time("now", now)
        with self._database.write(durable=False) as connection:
            row = connection.execute("SELECT value FROM notes WHERE name = ?", (_LEADER,)).fetchone()
            held = {} if row is None else unpack("leader", row["value"])
            if held and held["by"] != by and held["until"] > now:
                return False
            value = pack("leader", {"by": by, "until": now + length}, limit=checks.EXTRA_BYTES)
            connection.execute("INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)", (_LEADER, value))
        return True


def _entry(held: bytes, *, by: str) -> LedgerEntry:
    return replace(unpacked(held), by=by)
