"""Files that travel over the bus in pieces: up from the browser, down to it.

A piece is kept as a file of the session under the upload's name until the last one arrives, so that the pieces of one
upload may pass through different processes of this service.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from services.interview.checks import identifier
from shared.bus.messages import CallFailed
from shared.store.ports import Store
from shared.store.records import FileInfo

#: Of one piece, before base64. RabbitMQ moves messages of this size without harm to the others.
PIECE = 1024 * 1024
_PART = "application/x-parley-part"


def _clean(filename: Any) -> Any:
    """A file's name without what cannot be printed: screenshots of Macs have a space of a kind of its own in theirs."""
    if not isinstance(filename, str):
        return filename
    kept = "".join(one if one.isprintable() else " " if one.isspace() else "" for one in filename)
    return kept.strip() or "file"


class Uploads:
    def __init__(self, store: Store, *, clock: Callable[[], datetime], limit: int = 256 * 1024 * 1024) -> None:
        self._store = store
        self._clock = clock
        self._limit = limit

    def upload(
        self, *, session: str, upload: str, filename: str, mimetype: str, offset: int, chunk: str, last: bool
    ) -> dict[str, Any]:
        """Take the piece of `upload` that starts at byte `offset`. Returns ``{"file": number}`` with the last one, else null."""
        identifier("session", session)
        identifier("upload", upload, limit=80)
        filename = _clean(filename)
        identifier("filename", filename, limit=255)
        identifier("mimetype", mimetype, limit=255)
        if not isinstance(offset, int) or isinstance(offset, bool) or offset < 0:
            raise CallFailed("BadValue", "offset must be a number of bytes")
        try:
            content = base64.b64decode(chunk, validate=True)
        except (binascii.Error, ValueError, TypeError) as error:
            raise CallFailed("BadValue", "chunk must be base64") from error
        if len(content) > PIECE or offset + len(content) > self._limit:
            raise CallFailed(
                "TooLarge", f"a file may have at most {self._limit // 2**20} MB, in pieces of at most 1 MB"
            )
        if self._store.sessions.load(session) is None:
            raise CallFailed("NoSession", "this session does not exist (any more)")
        if last and offset == 0:
            return {"file": self._put(session, filename, mimetype, iter([content])).number}
        name = f"{upload}:{offset}"
        if not any(part.filename == name for part in self._parts(session, upload)):
            self._put(session, name, _PART, iter([content]))
        if not last:
            return {"file": None}
        parts = sorted(self._parts(session, upload), key=lambda part: int(part.filename.rpartition(":")[2]))
        position = 0
        for part in parts:
            if int(part.filename.rpartition(":")[2]) != position:
                raise CallFailed("BadValue", f"a piece of the file is missing at byte {position}; send the file again")
            position += part.size
        whole = self._put(session, filename, mimetype, self._joined(parts))
        for part in parts:
            self._store.files.delete(part.number)
        return {"file": whole.number}

    def download(self, *, session: str, number: int, offset: int = 0, length: int = PIECE) -> dict[str, Any]:
        """A piece of file `number`, with what a browser must know of it. Raises ``NoFile`` if it is not the session's."""
        identifier("session", session)
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**62:
            raise CallFailed("BadValue", "number must be a file number")
        if not isinstance(offset, int) or not isinstance(length, int) or offset < 0:
            raise CallFailed("BadValue", "offset and length must be numbers of bytes")
        info = self._store.files.info(number)
        if info is None or info.session != session or info.mimetype == _PART:
            raise CallFailed("NoFile", "this session has no such file")
        length = max(0, min(int(length), PIECE))
        wanted = bytearray()
        if length and offset < info.size:
            for content in self._store.files.read(number, offset=offset):
                wanted += content[: length - len(wanted)]
                if len(wanted) >= length:
                    break
        return {
            "filename": info.filename,
            "mimetype": info.mimetype,
            "size": info.size,
            "chunk": base64.b64encode(bytes(wanted)).decode("ascii"),
        }

    def _parts(self, session: str, upload: str) -> list[FileInfo]:
        return [
            info
            for info in self._store.files.of_session(session)
            if info.mimetype == _PART and info.filename.startswith(upload + ":")
        ]

    def _joined(self, parts: list[FileInfo]) -> Iterator[bytes]:
        for part in parts:
            yield from self._store.files.read(part.number)

    def _put(self, session: str, filename: str, mimetype: str, content: Iterator[bytes]) -> FileInfo:
        info = self._store.files.put(
            session=session, filename=filename, mimetype=mimetype, content=content, now=self._clock()
        )
        if self._store.sessions.load(session) is None:  # deleted meanwhile: nobody would ever remove the file
            self._store.files.delete(info.number)
            raise CallFailed("NoSession", "this session does not exist (any more)")
        return info
