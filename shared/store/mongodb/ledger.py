"""What became of each tick of each schedule, in MongoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from shared.store import checks
from shared.store.ledger_entry import packed, unpacked
from shared.store.mongodb.connection import Connection, Document, insert_once, repeat
from shared.store.overview import Page
from shared.store.records import LedgerEntry

_LEADER = "leader"


class MongoLedger:
    def __init__(self, connection: Connection) -> None:
        self._ledger = connection.collection("ledger")
        self._leaders = connection.collection("leaders")

    def note(self, entry: LedgerEntry) -> bool:
        document: Document = {
            "schedule": entry.schedule,
            "period": entry.period,
            "due": entry.due,
            "open": entry.open,
            "by": entry.by,
            "entry": packed(entry),
        }
        return insert_once(self._ledger, _id(entry.schedule, entry.period), document)

    def open(self, *, schedule: str | None = None, limit: int = 1000) -> list[LedgerEntry]:
        checks.check_limit(limit)
        where: Document = {"open": True} if schedule is None else {"open": True, "schedule": schedule}
        order = [("due", ASCENDING), ("_id", ASCENDING)]
        found = repeat(lambda: list(self._ledger.find(where).sort(order).limit(limit)))
        return [_entry(one) for one in found]

    def take(self, schedule: str, period: str, *, by: str, was: str) -> bool:
        checks.check_id("by", by)
        name = _id(schedule, period)
        where = {"_id": name, "by": was, "open": True}
        changed = repeat(lambda: self._ledger.update_one(where, {"$set": {"by": by}})).matched_count == 1
        # After a broken connection it may have been taken by the try before. (`by` is one clock's, and no other's.)
        return changed or repeat(lambda: self._ledger.find_one({"_id": name, "by": by, "open": True})) is not None

    def save(self, entry: LedgerEntry) -> bool:
        change = {"$set": {"open": entry.open, "entry": packed(entry)}}
        where = {"_id": _id(entry.schedule, entry.period), "by": entry.by}
        saved = repeat(lambda: self._ledger.update_one({**where, "open": True}, change)).matched_count == 1
        if saved or entry.open:
            return saved
        # Ended by the try before, whose confirmation was lost?
        return (
            repeat(lambda: self._ledger.find_one({**where, "entry": change["$set"]["entry"]}, {"_id": 1})) is not None
        )

    def page(self, schedule: str, *, after: str = "", limit: int = 100) -> Page[LedgerEntry]:
        checks.check_limit(limit)
        checks.check_text("after", after, limit=checks.ID_LENGTH)
        where: Document = {"schedule": schedule}
        if after:
            where["period"] = {"$lt": after}
        found = repeat(lambda: list(self._ledger.find(where).sort([("period", DESCENDING)]).limit(limit + 1)))
        lines = [_entry(one) for one in found]
        return Page(tuple(lines[:limit]), lines[limit - 1].period if len(lines) > limit else None)

    def schedules(self) -> list[str]:
        found: list[str] = []
        while True:
            beyond = {"schedule": {"$gt": found[-1] if found else ""}}
            following = repeat(
                lambda beyond=beyond: list(  # type: ignore[misc]
                    self._ledger.find(beyond, {"schedule": 1}).sort([("schedule", ASCENDING)]).limit(1)
                )
            )
            if not following:
                return found
            found.append(following[0]["schedule"])

    def forget(self, schedule: str, *, before: datetime, keep: int) -> int:
        checks.check_time("before", before)
        checks.check_limit(keep)
        of = {"schedule": schedule}
        last = repeat(
            lambda: list(self._ledger.find(of, {"period": 1}).sort([("period", DESCENDING)]).skip(keep).limit(1))
        )
        removed = repeat(lambda: self._ledger.delete_many({**of, "open": False, "due": {"$lt": before}})).deleted_count
        for end in last:
            beyond = {**of, "open": False, "period": {"$lte": end["period"]}}
            removed += repeat(lambda beyond=beyond: self._ledger.delete_many(beyond)).deleted_count  # type: ignore[misc]
        return removed

    def lead(self, by: str, *, now: datetime, length: timedelta) -> bool:
        checks.check_id("by", by)
        checks.check_time("now", now)
        change = {"$set": {"by": by, "until": now + length}}
        where = {"_id": _LEADER, "$or": [{"by": by}, {"until": {"$lte": now}}]}
        try:
            repeat(lambda: self._leaders.update_one(where, change, upsert=True))
        except DuplicateKeyError:
            return False
        return True


def _id(schedule: str, period: str) -> str:
    return f"{schedule} {period}"


def _entry(document: Document) -> LedgerEntry:
    return replace(unpacked(document["entry"]), by=document["by"])
