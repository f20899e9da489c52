"""Collections and their indexes. Not for what the documents hold: that is said by the module of each port."""

from __future__ import annotations

from typing import Final

from pymongo import ASCENDING, DESCENDING

from shared.store.mongodb.connection import Connection, repeat
from shared.store.ports import StoreError

#: Raised with a change that older code could not read; `prepare` then brings the documents up to it.
SCHEMA_VERSION: Final = 1

_UP: Final = ASCENDING
_INDEXES: Final[dict[str, list[list[tuple[str, int]]]]] = {
    "sessions": [
        [("events", _UP), ("allow_cron", _UP), ("multi_user", _UP), ("_id", _UP)],
        [("modified", _UP), ("_id", _UP)],
    ],
    "steps": [[("session", _UP), ("uid", _UP)]],
    "blobs": [[("session", _UP)]],
    "tasks": [
        [("session", _UP), ("created", _UP)],
        [("status", _UP), ("created", _UP)],
        [("status", _UP), ("lease_until", _UP)],
    ],
    "files": [[("session", _UP)]],
    "file_chunks": [[("session", _UP)], [("number", _UP), ("position", _UP)]],
    "addresses": [[("session", _UP)]],
    "mails": [[("session", _UP), ("received", _UP)], [("status", _UP), ("received", _UP)]],
}
#: Indexes that only hold the documents which have the field.
_SPARSE: Final[dict[str, list[list[tuple[str, int]]]]] = {
    "sessions": [[("outbox.at", _UP)], [("owner", _UP), ("modified", DESCENDING)]],
}


def create_indexes(connection: Connection) -> None:
    """Create what is missing; several services may do so at once. Raises `StoreError` if the data is of a newer Parley."""
    meta = connection.collection("meta")
    repeat(lambda: meta.update_one({"_id": "schema"}, {"$setOnInsert": {"version": SCHEMA_VERSION}}, upsert=True))
    found = repeat(lambda: meta.find_one({"_id": "schema"}))
    if found is not None and found["version"] > SCHEMA_VERSION:
        raise StoreError(
            f"the database was written by a newer Parley (schema {found['version']}, this one knows {SCHEMA_VERSION})"
        )
    for indexes, sparse in ((_INDEXES, False), (_SPARSE, True)):
        for collection, wanted in indexes.items():
            for keys in wanted:
                _create(connection, collection, keys, sparse=sparse)


def _create(connection: Connection, collection: str, keys: list[tuple[str, int]], *, sparse: bool) -> None:
    repeat(lambda: connection.collection(collection).create_index(keys, sparse=sparse))
