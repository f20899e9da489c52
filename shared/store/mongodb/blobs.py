"""Large values beside the document they belong to, in immutable chunks, so that no document nears 16 MB.

A writer puts the chunks first and then names them in its document, by an id that no other writer ever uses. So whoever
replaces the reference may remove the chunks, and a writer whose compare-and-set was lost removes its own. (Keyed by content
instead, a writer could refer to chunks that another is just removing.) What a crash leaves goes with the session.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Final

from pymongo import ReplaceOne

from shared.store.chunks import CHUNK_BYTES
from shared.store.mongodb.connection import Connection, Document, new_id, repeat
from shared.store.ports import StoreError

#: A value up to this size stays in its document.
INLINE_BYTES: Final = 256 * 1024
#: Chunks that are written or read in one message, which has a largest size.
_AT_ONCE: Final = 8


#: In the place of the sum that versions before 0.3 count: with this they refuse a state behind which there are changes that they do not know.
CHANGED: Final = "changes follow"


class Missing(StoreError):
    """A chunk is gone: the document was replaced since it was read. Reading the document again helps."""


class Blobs:
    def __init__(self, connection: Connection) -> None:
        self._chunks = connection.collection("blobs")

    def wrap(self, session: str, data: bytes, *, inline: int = INLINE_BYTES) -> Any:
        """What a document holds for `data`: itself, or (its chunks being written now) a reference."""
        if len(data) <= inline:
            return data
        made: Document = {
            "blob": new_id(),
            "chunks": -(-len(data) // CHUNK_BYTES),
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        made["sum"] = made["sha256"]  # that a version counts that knows of changes behind a value (`CHANGED`)
        ids = _ids(made)
        for first in range(0, len(ids), _AT_ONCE):
            writes = [
                ReplaceOne(
                    {"_id": one},
                    {"_id": one, "session": session, "data": data[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES]},
                    upsert=True,
                )
                for number, one in enumerate(ids[first : first + _AT_ONCE], first)
            ]
            repeat(lambda writes=writes: self._chunks.bulk_write(writes, ordered=False))  # type: ignore[misc]
        return made

    def unwrap(self, held: Any) -> bytes:
        """The bytes again. Raises `Missing`."""
        if isinstance(held, bytes):
            return held
        ids = _ids(held)
        found: dict[str, bytes] = repeat(
            lambda: {
                one["_id"]: bytes(one["data"]) for one in self._chunks.find({"_id": {"$in": ids}}, batch_size=_AT_ONCE)
            }
        )
        data = b"".join(found.get(one, b"") for one in ids)
        if len(found) != len(ids) or hashlib.sha256(data).hexdigest() != held.get("sum", held["sha256"]):
            raise Missing(f"chunks of the large value {held['blob']} are missing or damaged")
        return data

    def drop(self, held: Iterable[Any]) -> None:
        """Remove the chunks of those that are references; again is harmless."""
        ids = [one for reference in held if isinstance(reference, dict) for one in _ids(reference)]
        if ids:
            repeat(lambda: self._chunks.delete_many({"_id": {"$in": ids}}))


def _ids(reference: Document) -> list[str]:
    return [f"{reference['blob']}/{number}" for number in range(reference["chunks"])]
