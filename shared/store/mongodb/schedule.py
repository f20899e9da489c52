"""What happened when, in MongoDB: the last period of each schedule, and notes of services."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from shared.store import checks
from shared.store.mongodb.connection import Connection, Document, insert_once, new_id, repeat, update_once
from shared.store.packing import pack, unpack


class MongoSchedule:
    def __init__(self, connection: Connection) -> None:
        self._claims = connection.collection("claims")
        self._notes = connection.collection("notes")

    def claim(self, key: str, *, period: str, now: datetime) -> bool:
        checks.check_id("key", key)
        checks.check_id("period", period)
        checks.check_time("now", now)
        write = new_id()
        change = {"$set": {"period": period, "at": now, "write": write}}
        # Where an earlier period is stored it is replaced; where none is, the upsert inserts; where this or a later one
        # is, the upsert meets its id.
        try:
            repeat(lambda: self._claims.update_one({"_id": key, "period": {"$lt": period}}, change, upsert=True))
            return True
        except DuplicateKeyError:
            return repeat(lambda: self._claims.find_one({"_id": key, "write": write}, {"_id": 1})) is not None

    def move(self, key: str, *, was: str | None, to: str, now: datetime) -> bool:
        checks.check_id("key", key)
        checks.check_id("to", to)
        checks.check_time("now", now)
        content: Document = {"period": to, "at": now}
        if was is None:
            return insert_once(self._claims, key, content)
        return update_once(self._claims, {"_id": key, "period": was}, {"$set": content}) is not None

    def last(self, key: str) -> str | None:
        if not checks.known_id(key):
            return None
        found = repeat(lambda: self._claims.find_one({"_id": key}))
        return None if found is None else found["period"]

    def expire(self, prefix: str, *, before: datetime, limit: int) -> int:
        checks.check_id("prefix", prefix)
        checks.check_time("before", before)
        checks.check_limit(limit)
        old: Document = {"at": {"$lt": before}, "_id": {"$regex": f"^{re.escape(prefix)}"}}
        found = repeat(lambda: list(self._claims.find(old, {"_id": 1}).sort([("at", ASCENDING)]).limit(limit)))
        these = {"at": {"$lt": before}, "_id": {"$in": [one["_id"] for one in found]}}
        return repeat(lambda: self._claims.delete_many(these)).deleted_count if found else 0

    def note(self, name: str, value: Mapping[str, Any]) -> None:
        checks.check_id("note", name)
        checks.check_mapping(f"note {name}", value)
        document = {"value": pack(f"note {name}", value, limit=checks.EXTRA_BYTES)}
        repeat(lambda: self._notes.replace_one({"_id": name}, document, upsert=True))

    def forget(self, name: str) -> None:
        if checks.known_id(name):
            repeat(lambda: self._notes.delete_one({"_id": name}))

    def notes(self, prefix: str) -> dict[str, Mapping[str, Any]]:
        checks.check_text("prefix", prefix, limit=checks.ID_LENGTH)
        where = {"_id": {"$regex": f"^{re.escape(prefix)}"}} if prefix else {}
        found = repeat(lambda: list(self._notes.find(where).sort([("_id", ASCENDING)])))
        return {document["_id"]: unpack("note", document["value"]) for document in found}
