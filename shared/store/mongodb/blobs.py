"""Large values beside the document they belong to, in immutable chunks, so that no document nears 16 MB.

A writer puts the chunks first and then names them in its document, by an id that no other writer ever uses. So whoever
replaces the reference may remove the chunks, and a writer whose compare-and-set was lost removes its own. (Keyed by content
instead, a writer could refer to chunks that another is just removing.) What a crash leaves goes with the session.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Final

from shared.store.chunks import CHUNK_BYTES
from shared.store.mongodb.connection import Connection, Document, new_id, repeat
from shared.store.ports import StoreError

#: A value up to this size stays in its document.
INLINE_BYTES: Final = 256 * 1024


class Missing(StoreError):
    """A chunk is gone: the document was replaced since it was read. Reading the document again helps."""


class Blobs:
    def __init__(self, connection: Connection) -> None:
        self._chunks = connection.collection("blobs")

    def wrap(self, session: str, data: bytes, *, inline: int = INLINE_BYTES) -> Any:
        """What a document holds for `data`: itself, or (its chunks being written now) a reference."""
        if len(data) <= inline:
            return data
        blob = new_id()
        count = 0
        for count, start in enumerate(range(0, len(data), CHUNK_BYTES), 1):
            chunk = {
                "_id": f"{blob}/{count - 1}",
                "session": session,
                "data": data[start : start + CHUNK_BYTES],
            }
            repeat(lambda chunk=chunk: self._chunks.replace_one({"_id": chunk["_id"]}, chunk, upsert=True))  # type: ignore[misc]
        return {"blob": blob, "chunks": count, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}

    def unwrap(self, held: Any) -> bytes:
        """The bytes again. Raises `Missing`."""
        if isinstance(held, bytes):
            return held
        ids = _ids(held)
        found: dict[str, bytes] = repeat(
            lambda: {one["_id"]: bytes(one["data"]) for one in self._chunks.find({"_id": {"$in": ids}})}
        )
        data = b"".join(found.get(one, b"") for one in ids)
        if len(found) != len(ids) or hashlib.sha256(data).hexdigest() != held["sha256"]:
            raise Missing(f"chunks of the large value {held['blob']} are missing or damaged")
        return data

    def drop(self, held: Iterable[Any]) -> None:
        """Remove the chunks of those that are references; again is harmless."""
        ids = [one for reference in held if isinstance(reference, dict) for one in _ids(reference)]
        if ids:
            repeat(lambda: self._chunks.delete_many({"_id": {"$in": ids}}))


def _ids(reference: Document) -> list[str]:
    return [f"{reference['blob']}/{number}" for number in range(reference["chunks"])]
