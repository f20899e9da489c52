"""Contents of any size: files of sessions, and those that are on their way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from shared.store.records import FileInfo, Upload


class Files(Protocol):
    """Contents of any size, in chunks. A file is visible (`info`, `read`) only once `put` has returned."""

    def put(self, *, session: str, filename: str, mimetype: str, content: Iterable[bytes], now: datetime) -> FileInfo:
        """Keep `content`, in pieces of any size. Raises `TooLarge`; then, and if `content` raises, nothing stays."""
        ...

    def info(self, number: int) -> FileInfo | None: ...
    def read(self, number: int, *, offset: int = 0) -> Iterator[bytes]:
        """The content from byte `offset` on, in pieces; nothing if there is no such file or no more of it."""
        ...

    def of_session(self, session_id: str) -> list[FileInfo]: ...
    def use(self, number: int, *, now: datetime) -> None:
        """Note that a file which outlasts its session was of use at `now`. Nothing happens to others."""
        ...

    def unused(self, *, before: datetime, limit: int = 100) -> list[tuple[int, str]]:
        """Numbers of files that outlast their sessions and were of no use since `before`, with these sessions' ids; the longest unused first."""
        ...

    def delete(self, number: int) -> bool: ...


class Uploads(Protocol):
    """Files on their way, in pieces that may arrive through different processes, repeated and in any order."""

    def append(self, session: str, upload: str, *, offset: int, piece: bytes, now: datetime) -> None:
        """Keep the piece that begins at byte `offset`; again replaces it. Nothing happens once the upload became a file."""
        ...

    def find(self, session: str, upload: str) -> Upload | None: ...
    def pieces(self, session: str, upload: str) -> Iterator[tuple[int, bytes]]:
        """The pieces with their offsets, in order, read one by one."""
        ...

    def finish(self, session: str, upload: str, *, number: int) -> int | None:
        """It has become file `number`: drop its pieces. The number of whoever was first; None if it is not there (any more)."""
        ...

    def old(self, *, before: datetime, limit: int = 100) -> list[Upload]:
        """Those that nothing was added to since `before`, whatever became of them, the oldest first."""
        ...

    def remove(self, session: str, upload: str) -> None: ...
