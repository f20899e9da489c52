"""A stream of bytes cut into chunks of one size, and measured on the way. Not for where the chunks go."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final

from shared.store.ports import BadRecord, TooLarge

#: 1 MiB: far below a document's 16 MB, and few round trips for a photograph.
CHUNK_BYTES: Final = 1024 * 1024


class Measure:
    """Size and SHA-256 of what went through; refuses more than `limit` bytes."""

    def __init__(self, *, limit: int) -> None:
        self.size = 0
        self._limit = limit
        self._hash = hashlib.sha256()

    def add(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self._limit:
            raise TooLarge(f"the file is over the limit of {self._limit} bytes")
        self._hash.update(data)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def pieces(content: Iterable[bytes], measure: Measure) -> Iterator[bytes]:
    """Chunks of `CHUNK_BYTES`, the last shorter; none for no content."""
    if isinstance(content, bytes | str):
        raise BadRecord("content is an iterable of bytes, such as [data]")
    held = bytearray()
    for piece in content:
        if not isinstance(piece, bytes):
            raise BadRecord(f"content holds bytes, not {type(piece).__name__}")
        measure.add(piece)
        held += piece
        while len(held) >= CHUNK_BYTES:
            yield bytes(held[:CHUNK_BYTES])
            del held[:CHUNK_BYTES]
    if held:
        yield bytes(held)
