"""Files on their way, in MongoDB: one document each, written before the first of its pieces, which are documents of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from pymongo import ASCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from shared.store import checks
from shared.store.mongodb.connection import Connection, Document, repeat
from shared.store.records import Upload


class MongoUploads:
    def __init__(self, connection: Connection) -> None:
        self._uploads = connection.collection("uploads")
        self._pieces = connection.collection("upload_pieces")

    def append(self, session: str, upload: str, *, offset: int, piece: bytes, now: datetime) -> None:
        checks.check_piece(session, upload, offset=offset, piece=piece)
        checks.check_time("now", now)
        key = _key(session, upload)
        if self._touch(key, session, upload, now).get("number") is not None:
            return
        document = {"_id": f"{key}/{offset}", "session": session, "upload": key, "offset": offset, "data": piece}
        repeat(lambda: self._pieces.replace_one({"_id": document["_id"]}, document, upsert=True))

    def _touch(self, key: str, session: str, upload: str, now: datetime) -> Document:
        change = {"$set": {"changed": now}, "$setOnInsert": {"session": session, "id": upload}}
        while True:
            try:
                found: Document = repeat(
                    lambda: self._uploads.find_one_and_update(
                        {"_id": key}, change, upsert=True, return_document=ReturnDocument.AFTER
                    )
                )
                return found
            except DuplicateKeyError:  # two first pieces at once
                continue

    def find(self, session: str, upload: str) -> Upload | None:
        if not checks.known_id(session, upload):
            return None
        found = repeat(lambda: self._uploads.find_one({"_id": _key(session, upload)}))
        return None if found is None else _upload(found)

    def pieces(self, session: str, upload: str) -> Iterator[tuple[int, bytes]]:
        if not checks.known_id(session, upload):
            return
        last = -1
        while True:
            where = {"upload": _key(session, upload), "offset": {"$gt": last}}
            found = repeat(
                lambda where=where: list(self._pieces.find(where).sort([("offset", ASCENDING)]).limit(1))  # type: ignore[misc]
            )
            if not found:
                return
            last = found[0]["offset"]
            yield last, bytes(found[0]["data"])

    def finish(self, session: str, upload: str, *, number: int) -> int | None:
        checks.check_number("file number", number)
        if not checks.known_id(session, upload):
            return None
        key = _key(session, upload)
        repeat(lambda: self._uploads.update_one({"_id": key, "number": None}, {"$set": {"number": number}}))
        found = repeat(lambda: self._uploads.find_one({"_id": key}))
        repeat(lambda: self._pieces.delete_many({"upload": key}))
        return None if found is None else int(found["number"])

    def old(self, *, before: datetime, limit: int = 100) -> list[Upload]:
        checks.check_time("before", before)
        checks.check_limit(limit)
        where = {"changed": {"$lt": before}}
        return [
            _upload(one)
            for one in repeat(lambda: list(self._uploads.find(where).sort([("changed", ASCENDING)]).limit(limit)))
        ]

    def remove(self, session: str, upload: str) -> None:
        if not checks.known_id(session, upload):
            return
        key = _key(session, upload)
        repeat(lambda: self._pieces.delete_many({"upload": key}))
        repeat(lambda: self._uploads.delete_one({"_id": key}))


def _key(session: str, upload: str) -> str:
    """Two ids together may be longer than an index takes, and either may hold whatever would stand between them."""
    return hashlib.sha256(f"{len(session)}/{session}/{upload}".encode()).hexdigest()


def _upload(document: Document) -> Upload:
    return Upload(
        session=document["session"], id=document["id"], number=document.get("number"), changed=document["changed"]
    )
