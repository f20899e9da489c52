"""Collections and their indexes. Not for what the documents hold: that is said by the module of each port."""

from __future__ import annotations

import logging
from typing import Final

from pymongo import ASCENDING, DESCENDING

from shared.store.checks import EPOCH
from shared.store.mongodb.connection import Connection, repeat
from shared.store.packing import quarter
from shared.store.ports import StoreError

log = logging.getLogger(__name__)

#: Raised with a change that older code could not read; `prepare` then brings the documents up to it.
SCHEMA_VERSION: Final = 1

#: Documents that are brought up to date between two looks for more of them.
_AT_ONCE: Final = 1000

_UP: Final = ASCENDING
_INDEXES: Final[dict[str, list[list[tuple[str, int]]]]] = {
    "sessions": [
        [("scheduled", _UP), ("interview", _UP), ("_id", _UP)],
        # Times to a quarter of an hour: an index is not written where what it holds stays.
        [("scheduled", _UP), ("interview", _UP), ("modified_quarter", _UP), ("_id", _UP)],
        [("interview", _UP), ("accessed_quarter", _UP), ("_id", _UP)],
        [("modified_quarter", _UP), ("_id", _UP)],
        [("browsers", _UP), ("interview", _UP), ("modified", DESCENDING)],
    ],
    "steps": [[("session", _UP), ("uid", _UP)]],
    "blobs": [[("session", _UP)]],
    "tasks": [
        [("session", _UP), ("created", _UP), ("_id", _UP)],
        [("session", _UP), ("delivered", _UP), ("ui", _UP), ("status", _UP)],
        [("trimmed", _UP), ("finished", _UP), ("_id", _UP)],
        [("status", _UP), ("created", _UP), ("_id", _UP)],
        [("status", _UP), ("queue", _UP), ("priority", DESCENDING), ("created", _UP)],
        [("status", _UP), ("lease_until", _UP), ("_id", _UP)],
    ],
    "runs": [[("kind", _UP), ("at", _UP), ("_id", _UP)], [("session", _UP)]],
    "files": [[("session", _UP), ("_id", _UP)]],
    "file_chunks": [[("session", _UP)], [("number", _UP), ("position", _UP)]],
    "uploads": [[("session", _UP)], [("changed", _UP)]],
    "upload_pieces": [[("session", _UP)], [("upload", _UP), ("offset", _UP)]],
    "claims": [[("at", _UP)]],
    "ticks": [[("session", _UP), ("event", _UP)], [("failing", _UP), ("session", _UP)]],
    "stored": [[("scope", _UP), ("key", _UP)], [("session", _UP)]],
    "ledger": [[("schedule", _UP), ("period", DESCENDING)], [("open", _UP), ("due", _UP), ("_id", _UP)]],
    "addresses": [[("session", _UP), ("created", _UP), ("_id", _UP)]],
    "mail_parts": [[("session", _UP)]],
    "outgoing": [
        [("status", _UP), ("due", _UP), ("_id", _UP)],
        [("status", _UP), ("lease_until", _UP), ("_id", _UP)],
        [("status", _UP), ("created", _UP), ("_id", _UP)],
        [("session", _UP), ("task", _UP), ("created", DESCENDING), ("_id", DESCENDING)],
        [("finished", _UP)],
    ],
    "mail_sizes": [[("session", _UP)]],
    "gone_addresses": [[("at", _UP)]],
    "mails": [
        [("session", _UP), ("received", _UP), ("_id", _UP)],
        [("session", _UP), ("status", _UP), ("received", _UP), ("_id", _UP)],
        [("status", _UP), ("received", _UP), ("_id", _UP)],
    ],
}
#: Of earlier versions, in whose place others stand above that give what is asked for in order as well.
_SUPERSEDED: Final[dict[str, list[list[tuple[str, int]]]]] = {
    "sessions": [
        [("scheduled", _UP), ("interview", _UP), ("modified", _UP), ("_id", _UP)],
        [("interview", _UP), ("accessed", _UP), ("_id", _UP)],
        [("modified", _UP), ("_id", _UP)],
    ],
    "tasks": [
        [("session", _UP), ("created", _UP)],
        [("status", _UP), ("created", _UP)],
        [("status", _UP), ("lease_until", _UP)],
    ],
    "files": [[("session", _UP)]],
    "ticks": [[("session", _UP)]],
    "addresses": [[("session", _UP)]],
    "outgoing": [[("status", _UP), ("lease_until", _UP)], [("session", _UP), ("task", _UP), ("created", _UP)]],
    "mails": [[("status", _UP), ("received", _UP)]],
}
#: Indexes that only hold the documents which have the field.
_SPARSE: Final[dict[str, list[list[tuple[str, int]]]]] = {
    "stored": [[("until", _UP)]],
    "files": [[("used", _UP), ("_id", _UP)]],
    "sessions": [[("deleted", _UP)], [("outbox.at", _UP)], [("owner", _UP), ("modified", DESCENDING)]],
}


def is_prepared(connection: Connection) -> bool:
    """Whether `create_indexes` has been here."""
    return repeat(lambda: connection.collection("meta").find_one({"_id": "schema"}, {"_id": 1})) is not None


def create_indexes(connection: Connection) -> None:
    """Create what is missing; several services may do so at once. Raises `StoreError` if the data is of a newer Parley."""
    meta = connection.collection("meta")
    repeat(lambda: meta.update_one({"_id": "schema"}, {"$setOnInsert": {"version": SCHEMA_VERSION}}, upsert=True))
    found = repeat(lambda: meta.find_one({"_id": "schema"}))
    if found is not None and found["version"] > SCHEMA_VERSION:
        raise StoreError(
            f"the database was written by a newer Parley (schema {found['version']}, this one knows {SCHEMA_VERSION})"
        )
    # Before 0.3 each number of a file had a record of its own here, for ever; now the file's document holds it.
    repeat(lambda: connection.collection("counters").delete_many({"_id": {"$regex": "^file/"}}))
    for indexes, sparse in ((_INDEXES, False), (_SPARSE, True)):
        for collection, wanted in indexes.items():
            for keys in wanted:
                _create(connection, collection, keys, sparse=sparse)
    _say_when_used(connection)
    _drop_superseded(connection)
    _say_who_is_scheduled(connection)
    _say_what_is_used(connection)


def _say_who_is_scheduled(connection: Connection) -> None:
    """Sessions of before 0.2 do not say whether they take part in scheduled tasks."""
    sessions = connection.collection("sessions")
    before = {"scheduled": None, "deleted": None}
    taking_part = {**before, "allow_cron": True, "multi_user": True}
    repeat(lambda: sessions.update_many(taking_part, {"$set": {"scheduled": True}}))
    repeat(lambda: sessions.update_many(before, {"$set": {"scheduled": False}}))


def _say_when_used(connection: Connection) -> None:
    """Sessions of before 0.6 do not say in which quarter of an hour they were changed and used; those that are written meanwhile do."""
    sessions = connection.collection("sessions")
    times = {"modified": 1, "accessed": 1}
    while before := repeat(lambda: list(sessions.find({"modified_quarter": None}, times).limit(_AT_ONCE))):
        for one in before:
            made = {f"{name}_quarter": quarter(one.get(name, EPOCH)) for name in times}
            where = {"_id": one["_id"], "modified_quarter": None}
            repeat(lambda where=where, made=made: sessions.update_one(where, {"$set": made}))  # type: ignore[misc]


def _say_what_is_used(connection: Connection) -> None:
    """Files of before 0.5 that outlast their sessions do not say when they were last of use: when they were kept."""
    files = connection.collection("files")
    before = {"session": {"$gte": "lasting:", "$lt": "lasting;"}, "used": None}
    for one in repeat(lambda: list(files.find(before, {"created": 1}))):
        change = {"$set": {"used": one.get("created", EPOCH)}}
        repeat(lambda one=one, change=change: files.update_one({"_id": one["_id"], "used": None}, change))  # type: ignore[misc]


def _create(connection: Connection, collection: str, keys: list[tuple[str, int]], *, sparse: bool) -> None:
    repeat(lambda: connection.collection(collection).create_index(keys, sparse=sparse))


def _drop_superseded(connection: Connection) -> None:
    """Each index costs every write. Several services may do so at once."""
    for name, superseded in _SUPERSEDED.items():
        collection = connection.collection(name)
        for index, about in repeat(collection.index_information).items():
            if [(field, int(way)) for field, way in about["key"]] in superseded:
                try:
                    repeat(lambda index=index, collection=collection: collection.drop_index(index))  # type: ignore[misc]
                except StoreError as error:  # another service was faster; one that stays costs only time
                    log.info("index_stays", extra={"index": index, "error": type(error).__name__})
