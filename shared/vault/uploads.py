"""Files on their way behind a vault: each piece sealed by itself, for its place in its upload."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from shared.store import checks
from shared.store.ports import Uploads
from shared.store.records import Upload
from shared.vault.ports import Kind, Place, Vault


class VaultedUploads:
    def __init__(self, inner: Uploads, vault: Vault) -> None:
        self._inner = inner
        self._vault = vault

    def append(self, session: str, upload: str, *, offset: int, piece: bytes, now: datetime) -> None:
        checks.check_piece(session, upload, offset=offset, piece=piece)
        sealed = self._vault.seal(piece, _place(session, upload, offset))
        self._inner.append(session, upload, offset=offset, piece=sealed, now=now)

    def find(self, session: str, upload: str) -> Upload | None:
        return self._inner.find(session, upload)

    def pieces(self, session: str, upload: str) -> Iterator[tuple[int, bytes]]:
        for offset, piece in self._inner.pieces(session, upload):
            yield offset, self._vault.open(piece, _place(session, upload, offset))

    def finish(self, session: str, upload: str, *, number: int) -> int | None:
        return self._inner.finish(session, upload, number=number)

    def old(self, *, before: datetime, limit: int = 100) -> list[Upload]:
        return self._inner.old(before=before, limit=limit)

    def remove(self, session: str, upload: str) -> None:
        self._inner.remove(session, upload)


def _place(session: str, upload: str, offset: int) -> Place:
    return Place(session, Kind.UPLOAD, f"{upload}/{offset}")
