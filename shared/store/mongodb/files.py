"""Files of sessions in MongoDB, in chunks. The file's own document comes last, so a file is there whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from pymongo import ASCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from shared.store import checks
from shared.store.chunks import CHUNK_BYTES, Measure, pieces
from shared.store.mongodb.connection import Connection, Document, repeat
from shared.store.packing import from_ms, to_ms
from shared.store.readers import is_lasting, session_of
from shared.store.records import FileInfo

#: A document without it holds no more than the place of a number.
_WHOLE: Final = {"sha256": {"$gte": ""}}


class MongoFiles:
    def __init__(self, connection: Connection) -> None:
        self._files = connection.collection("files")
        self._chunks = connection.collection("file_chunks")
        self._counters = connection.collection("counters")

    def put(self, *, session: str, filename: str, mimetype: str, content: Iterable[bytes], now: datetime) -> FileInfo:
        checks.check_id("session", session)
        checks.check_text("filename", filename)
        checks.check_text("mimetype", mimetype)
        checks.check_time("now", now)
        measure = Measure(limit=checks.FILE_BYTES)
        # Only those that outlast their sessions have it: the index of it holds no others.
        used = {"used": from_ms(to_ms(now))} if is_lasting(session) else {}
        number = self._next_number(session, used)
        try:
            for position, data in enumerate(pieces(content, measure)):
                self._put_chunk(
                    {
                        "_id": f"{number}/{position}",
                        "number": number,
                        "position": position,
                        "session": session,
                        "data": data,
                    }
                )
        except BaseException:
            repeat(lambda: self._chunks.delete_many({"number": number}))
            repeat(lambda: self._files.delete_one({"_id": number}))
            raise
        info = FileInfo(
            number=number,
            session=session,
            filename=filename,
            mimetype=mimetype,
            size=measure.size,
            sha256=measure.sha256,
            created=from_ms(to_ms(now)),
            **used,
        )
        fields = FileInfo.__dataclass_fields__.keys() - {"number", "used"}
        document = {**{name: getattr(info, name) for name in fields}, **used}
        repeat(lambda: self._files.replace_one({"_id": number}, document, upsert=True))
        return info

    def _next_number(self, session: str, used: Document) -> int:
        # Not every server that speaks MongoDB's protocol counts for many at once without ever giving a number twice; a
        # unique key holds everywhere. What a broken connection makes uncertain leaves a number unused: no harm.
        while True:
            try:
                number = self._count()
                self._take(number, session, used)
                return number
            except DuplicateKeyError:  # another took it (or both made the counter itself, for the first files ever)
                continue

    def _take(self, number: int, session: str, used: Document) -> None:
        """Hold the number's place until the file is there whole. What a crash leaves goes with the session, or as unused."""
        repeat(lambda: self._files.insert_one({"_id": number, "session": session, **used}))

    def _count(self) -> int:
        counter = repeat(
            lambda: self._counters.find_one_and_update(
                {"_id": "files"}, {"$inc": {"last": 1}}, upsert=True, return_document=ReturnDocument.AFTER
            )
        )
        return int(counter["last"])

    def _put_chunk(self, chunk: Document) -> None:
        repeat(lambda: self._chunks.replace_one({"_id": chunk["_id"]}, chunk, upsert=True))

    def info(self, number: int) -> FileInfo | None:
        checks.check_number("file number", number)
        found = self._infos({"_id": number})
        return found[0] if found else None

    def read(self, number: int, *, offset: int = 0) -> Iterator[bytes]:
        position, skip = divmod(offset, CHUNK_BYTES)
        while self.info(number) is not None:
            chunk = self._chunk(f"{number}/{position}")
            if chunk is None:
                return
            yield bytes(chunk["data"])[skip:]
            position, skip = position + 1, 0

    def _chunk(self, chunk_id: str) -> Document | None:
        return repeat(lambda: self._chunks.find_one({"_id": chunk_id}, {"data": 1}))

    def of_session(self, session_id: str) -> list[FileInfo]:
        if not checks.known_id(session_id):
            return []
        return self._infos({"session": session_id})

    def use(self, number: int, *, now: datetime) -> None:
        checks.check_number("file number", number)
        checks.check_time("now", now)
        where = {"_id": number, "used": {"$gte": checks.EPOCH}}
        repeat(lambda: self._files.update_one(where, {"$set": {"used": from_ms(to_ms(now))}}))

    def unused(self, *, before: datetime, limit: int = 100) -> list[tuple[int, str]]:
        checks.check_time("before", before)
        checks.check_limit(limit)
        order = [("used", ASCENDING), ("_id", ASCENDING)]
        found = repeat(
            lambda: list(self._files.find({"used": {"$lt": before}}, {"session": 1}).sort(order).limit(limit))
        )
        return [(one["_id"], session_of(one["session"])) for one in found]

    def delete(self, number: int) -> bool:
        checks.check_number("file number", number)
        gone = repeat(lambda: self._files.delete_one({"_id": number, **_WHOLE})).deleted_count == 1
        if not gone:  # the place of one that a crash kept from becoming whole
            repeat(lambda: self._files.delete_one({"_id": number}))
        repeat(lambda: self._chunks.delete_many({"number": number}))
        return gone

    def _infos(self, where: Document) -> list[FileInfo]:
        found = repeat(lambda: list(self._files.find({**where, **_WHOLE}).sort([("_id", ASCENDING)])))
        return [FileInfo(number=document.pop("_id"), **document) for document in found]
