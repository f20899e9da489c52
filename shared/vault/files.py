"""Files behind a vault: contents in sealed pieces, names and types sealed. `FileInfo.sha256` is that of what is kept.

A file has no number before its content is written, so its pieces are bound to each other and to the session, not to the number.
What jobs of the system keep belongs to no session, and nobody's answers are in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from shared.store import checks
from shared.store.ports import Files
from shared.store.records import NO_SESSIONS, FileInfo
from shared.vault.ports import KeyAway, Kind, Place, Vault


class VaultedFiles:
    def __init__(self, inner: Files, vault: Vault) -> None:
        self._inner = inner
        self._vault = vault

    def put(self, *, session: str, filename: str, mimetype: str, content: Iterable[bytes], now: datetime) -> FileInfo:
        checks.check_id("session", session)
        checks.check_text("filename", filename)
        checks.check_text("mimetype", mimetype)
        if session in NO_SESSIONS:
            return self._inner.put(session=session, filename=filename, mimetype=mimetype, content=content, now=now)
        info = self._inner.put(
            session=session,
            filename=self._vault.seal_text(filename, Place(session, Kind.FILE_NAME)),
            mimetype=self._vault.seal_text(mimetype, Place(session, Kind.FILE_TYPE)),
            content=self._vault.seal_stream(content, Place(session, Kind.FILE)),
            now=now,
        )
        return self._opened(info)

    def info(self, number: int) -> FileInfo | None:
        """Without its name and type where the key is away: whose it is must be known before."""
        found = self._inner.info(number)
        if found is None:
            return None
        try:
            return self._opened(found)
        except KeyAway:
            return replace(found, filename="", mimetype="")

    def read(self, number: int, *, offset: int = 0) -> Iterator[bytes]:
        kept = self._inner.info(number)
        if kept is None:
            return
        if self._in_clear(kept):
            yield from self._inner.read(number, offset=offset)
            return

        def read(start: int) -> Iterator[bytes]:
            return self._inner.read(number, offset=start)

        yield from self._vault.open_stream(read, Place(kept.session, Kind.FILE), size=kept.size, offset=offset)

    def of_session(self, session_id: str) -> list[FileInfo]:
        return [self._opened(one) for one in self._inner.of_session(session_id)]

    def delete(self, number: int) -> bool:
        return self._inner.delete(number)

    def _opened(self, info: FileInfo) -> FileInfo:
        if info.session in NO_SESSIONS:
            return info
        return replace(
            info,
            filename=self._vault.open_text(info.filename, Place(info.session, Kind.FILE_NAME)),
            mimetype=self._vault.open_text(info.mimetype, Place(info.session, Kind.FILE_TYPE)),
            size=info.size if self._in_clear(info) else self._vault.clear_size(info.size),
        )

    def _in_clear(self, info: FileInfo) -> bool:
        """Whether it was kept before its session was sealed; whether that may be says who opens its name."""
        if info.session in NO_SESSIONS:
            return True
        return not self._vault.is_sealed_text(info.filename) and self._vault.lenient(info.session)
