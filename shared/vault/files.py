"""Files behind a vault: contents in sealed pieces, names and types sealed. `FileInfo.sha256` is that of what is kept.

A file has no number before its content is written, so its pieces are bound to each other and to the session, not to the number.
What jobs of the system keep belongs to no session, and nobody's answers are in it. What an author lets everybody read is under keys of the
installation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from shared.store import checks
from shared.store.ports import Files
from shared.store.readers import is_for_everybody
from shared.store.records import NO_SESSIONS, FileInfo
from shared.vault.ports import CannotUnseal, KeyAway, Kind, Place, Vault


class VaultedFiles:
    def __init__(self, inner: Files, vault: Vault, *shared: Vault) -> None:
        """`shared`: vaults of what everybody may read; the first seals, each may open."""
        self._inner = inner
        self._vault = vault
        self._shared = shared

    def put(self, *, session: str, filename: str, mimetype: str, content: Iterable[bytes], now: datetime) -> FileInfo:
        checks.check_id("session", session)
        checks.check_text("filename", filename)
        checks.check_text("mimetype", mimetype)
        if session in NO_SESSIONS:
            return self._inner.put(session=session, filename=filename, mimetype=mimetype, content=content, now=now)
        vault = self._shared[0] if is_for_everybody(session) and self._shared else self._vault
        info = self._inner.put(
            session=session,
            filename=vault.seal_text(filename, Place(session, Kind.FILE_NAME)),
            mimetype=vault.seal_text(mimetype, Place(session, Kind.FILE_TYPE)),
            content=vault.seal_stream(content, Place(session, Kind.FILE)),
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

        yield from self._of(kept).open_stream(read, Place(kept.session, Kind.FILE), size=kept.size, offset=offset)

    def of_session(self, session_id: str) -> list[FileInfo]:
        return [self._opened(one) for one in self._inner.of_session(session_id)]

    def use(self, number: int, *, now: datetime) -> None:
        self._inner.use(number, now=now)

    def unused(self, *, before: datetime, limit: int = 100) -> list[tuple[int, str]]:
        return self._inner.unused(before=before, limit=limit)

    def delete(self, number: int) -> bool:
        return self._inner.delete(number)

    def _of(self, info: FileInfo) -> Vault:
        """The vault that opens the file."""
        if not is_for_everybody(info.session) or not self._shared:
            return self._vault
        for vault in self._shared[:-1]:
            try:
                vault.open_text(info.filename, Place(info.session, Kind.FILE_NAME))
            except (KeyAway, CannotUnseal):
                continue
            return vault
        return self._shared[-1]

    def _opened(self, info: FileInfo) -> FileInfo:
        if info.session in NO_SESSIONS:
            return info
        vault = self._of(info)
        return replace(
            info,
            filename=vault.open_text(info.filename, Place(info.session, Kind.FILE_NAME)),
            mimetype=vault.open_text(info.mimetype, Place(info.session, Kind.FILE_TYPE)),
            size=info.size if self._in_clear(info) else vault.clear_size(info.size),
        )

    def _in_clear(self, info: FileInfo) -> bool:
        """Whether it was kept before its session was sealed; whether that may be says who opens its name."""
        if info.session in NO_SESSIONS:
            return True
        if is_for_everybody(info.session):
            return False
        return not self._vault.is_sealed_text(info.filename) and self._vault.lenient(info.session)
