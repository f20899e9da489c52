"""What interviews share between sessions, in MongoDB."""

from __future__ import annotations

from datetime import datetime

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from shared.store import checks
from shared.store.mongodb.connection import Connection, Document, repeat
from shared.store.overview import Page
from shared.store.packing import pack, unpack
from shared.store.records import StoredItem


class MongoStorage:
    def __init__(self, connection: Connection) -> None:
        self._stored = connection.collection("stored")
        self._sessions = connection.collection("sessions")

    def get(self, scope: str, key: str, *, session: str | None = None) -> StoredItem | None:
        found = repeat(lambda: self._stored.find_one({"_id": _id(scope, key)}))
        return None if found is None else _item(found)

    def put(self, item: StoredItem) -> bool:
        checks.check_stored(item)
        if item.session is not None:
            where = {"_id": item.session, "deleted": None}
            if repeat(lambda: self._sessions.find_one(where, {"_id": 1})) is None:
                return False  # nobody would ever remove it
        document: Document = {
            "scope": item.scope,
            "key": item.key,
            "session": item.session,
            "version": item.version + 1,
            "applied": list(item.applied),
            "body": pack("body", item.body, limit=checks.STORED_BYTES),
        }
        # Absent rather than null: the index that finds what is over holds the others only.
        over = {"until": item.until} if item.until is not None else {}
        whole = {"_id": _id(item.scope, item.key), **document, **over}
        if item.version == 0:
            try:
                repeat(lambda: self._stored.insert_one(dict(whole)))
            except DuplicateKeyError:
                return self._is_ours(item)
            return True
        before = {"_id": whole["_id"], "version": item.version}
        won = repeat(lambda: self._stored.replace_one(before, dict(whole))).matched_count > 0
        return won or self._is_ours(item)

    def _is_ours(self, item: StoredItem) -> bool:
        """Whether what stands there is what was to be written: by a try whose answer was lost."""
        found = self.get(item.scope, item.key)
        return found is not None and found.version == item.version + 1 and found.applied == item.applied != ()

    def remove(self, scope: str, key: str, *, version: int, session: str | None = None) -> bool:
        where = {"_id": _id(scope, key), "version": version}
        return repeat(lambda: self._stored.delete_one(where)).deleted_count > 0

    def keys(self, scope: str, *, after: str = "", limit: int = 200, session: str | None = None) -> list[str]:
        checks.check_limit(limit)
        where = {"scope": scope, "key": {"$gt": after}}
        found = repeat(lambda: list(self._stored.find(where, {"key": 1}).sort([("key", ASCENDING)]).limit(limit)))
        return [one["key"] for one in found]

    def every(self, *, after: str = "", limit: int = 200) -> Page[tuple[str, str]]:
        checks.check_limit(limit)
        where, fields = {"_id": {"$gt": after}}, {"scope": 1, "key": 1, "session": 1}
        found = repeat(lambda: list(self._stored.find(where, fields).sort([("_id", ASCENDING)]).limit(limit)))
        names = tuple((one["scope"], one["key"]) for one in found if one["session"] is None)
        return Page(names, found[-1]["_id"] if len(found) == limit else None)

    def reseal(self, scope: str, key: str) -> bool:
        return False  # nothing is sealed here (`shared.vault.storage`)

    def expire(self, *, before: datetime, limit: int) -> int:
        checks.check_time("before", before)
        checks.check_limit(limit)
        where = {"until": {"$lt": before}}
        ids = [one["_id"] for one in repeat(lambda: list(self._stored.find(where, {"_id": 1}).limit(limit)))]
        if not ids:
            return 0
        return repeat(lambda: self._stored.delete_many({"_id": {"$in": ids}, **where})).deleted_count


def _id(scope: str, key: str) -> str:
    return f"{scope}\n{key}"


def _item(document: Document) -> StoredItem:
    return StoredItem(
        scope=document["scope"],
        key=document["key"],
        body=unpack("body", document["body"]),
        session=document["session"],
        until=document.get("until"),
        version=document["version"],
        applied=tuple(document["applied"]),
    )
