"""Files of sessions, in pieces over the bus. Not for how they are served: http/files.py."""

from __future__ import annotations

import mimetypes
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import IO

from services.gateway.client.interview import InterviewClient, Opened
from shared.contract.caller import Caller

#: Bytes of a file in one message. Base64 makes it a third more; brokers are happiest well below a megabyte.
CHUNK = 384 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInfo:
    filename: str
    mimetype: str
    size: int  #: bytes


@dataclass(frozen=True, slots=True)
class Field:
    """Where a file was sent: the token of the screen, and the field's name."""

    token: str
    name: str


class ScreenDocument:
    """A document of a session's screen, which is made when its first piece is asked for. Raises `CallFailed`; `NoFile`."""

    def __init__(self, client: InterviewClient, at: Opened, *, number: int, format: str, caller: Caller) -> None:
        self._client = client
        self._at = at
        self._number, self._format = number, format
        self._caller = caller
        self._first = client.document(at, number=number, format=format, offset=0, length=CHUNK, caller=caller)

    @property
    def ready(self) -> bool:
        """False while it is being made: ask again in a second."""
        return self._first.ready

    @property
    def info(self) -> FileInfo:
        return FileInfo(filename=self._first.filename, mimetype=self._first.mimetype, size=self._first.size)

    def read(self, *, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` up to `end`, in pieces."""
        known = self._first.chunk[start:end]
        if known:
            yield known
            start += len(known)
        while start < end:
            got = self._client.document(
                self._at,
                number=self._number,
                format=self._format,
                offset=start,
                length=min(CHUNK, end - start),
                caller=self._caller,
            )
            if not got.chunk:
                return
            start += len(got.chunk)
            yield got.chunk


class SharedFile:
    """A file that everybody may read. Raises `CallFailed`; `NoFile` if there is no such file."""

    def __init__(self, client: InterviewClient, number: int) -> None:
        self._client = client
        self._number = number
        found = client.shared_file(number=number, offset=0, length=0)
        self.info = FileInfo(filename=found.filename, mimetype=found.mimetype, size=found.size)

    def read(self, *, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` up to `end`, in pieces."""
        while start < end:
            got = self._client.shared_file(number=self._number, offset=start, length=min(CHUNK, end - start))
            if not got.chunk:
                return
            start += len(got.chunk)
            yield got.chunk


class SessionFiles:
    """Puts files into sessions and gets them out. Raises `CallFailed`; `NoFile` if the session has no such file."""

    def __init__(self, client: InterviewClient) -> None:
        self._client = client
        self._known = lru_cache(maxsize=2048)(self.fetch_info)

    def keep(self, at: Opened, stream: IO[bytes], *, filename: str, mimetype: str, field: Field) -> int:
        """The number of the file once all of it is saved. Raises `BadValue` if the screen takes none in that field."""
        filename = PurePosixPath((filename or "file").replace("\\", "/")).name[:200] or "file"
        mimetype = mimetype or mimetypes.guess_type(filename)[0] or "application/octet-stream"
        upload, offset = uuid.uuid4().hex, 0
        chunk = stream.read(CHUNK)
        while True:
            following = stream.read(CHUNK) if len(chunk) == CHUNK else b""
            number = self._client.upload(
                at,
                upload=upload,
                filename=filename,
                mimetype=mimetype,
                offset=offset,
                chunk=chunk,
                last=not following,
                token=field.token,
                field=field.name,
            )
            if not following:
                assert number is not None
                return number
            offset += len(chunk)
            chunk = following

    def info(self, at: Opened, number: int) -> FileInfo:
        """As `fetch_info`, remembered: a file does not change."""
        return self._known(at, number)

    def fetch_info(self, at: Opened, number: int) -> FileInfo:
        found = self._client.download(at, number=number, offset=0, length=0)
        return FileInfo(filename=found.filename, mimetype=found.mimetype, size=found.size)

    def read(self, at: Opened, number: int, *, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` up to `end`, in pieces."""
        while start < end:
            got = self._client.download(at, number=number, offset=start, length=min(CHUNK, end - start))
            if not got.chunk:
                return
            start += len(got.chunk)
            yield got.chunk
