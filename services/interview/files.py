"""Files that travel over the bus in pieces: up from the browser, down to it.

Pieces are kept in the store until the last one arrives, so that those of one upload may pass through different processes of
this service. The upload remembers which file it became: its last piece sent again makes no second one.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from services.interview import tokens
from services.interview.checks import identifier
from services.interview.quota import Quota
from services.lasting_files import note_use
from shared.contract.errors import BadToken, BadValue, NoFile, NoSession, TooLarge
from shared.contract.reply import Piece, Uploaded
from shared.store.ports import Store
from shared.store.readers import is_for_everybody, is_of
from shared.store.records import FileInfo

#: Of one piece, before base64. RabbitMQ moves messages of this size without harm to the others.
PIECE = 1024 * 1024


def _clean(filename: Any) -> Any:
    """A file's name without what cannot be printed: screenshots of Macs have a space of a kind of its own in theirs."""
    if not isinstance(filename, str):
        return filename
    kept = "".join(one if one.isprintable() else " " if one.isspace() else "" for one in filename)
    return kept.strip() or "file"


def _unnumbered(name: str) -> str:
    return re.sub(r"\[\d{1,9}\]", "[]", name)


class SessionFiles:
    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], datetime],
        limit: int = 256 * 1024 * 1024,
        of_session: int = 0,
        per_hour: int = 0,
    ) -> None:
        """`limit` is that of one file, `of_session` of all files of a session, `per_hour` of what this process takes; bytes, 0: any."""
        self._store = store
        self._clock = clock
        self._limit = limit
        self._of_session = of_session
        self._quota = Quota(per_hour, clock=clock)

    def upload(
        self,
        *,
        session: str,
        upload: str,
        filename: str,
        mimetype: str,
        offset: int,
        chunk: str,
        last: bool,
        token: str | None = None,
        field: str | None = None,
    ) -> Uploaded:
        """Take the piece of `upload` that starts at byte `offset`. Returns ``{"file": number}`` with the last one, else null.

        `token` names the screen on which it is sent, as for an answer, and `field` the field: a screen takes files only in those that are
        made for them. The gateway always names both.
        """
        identifier("session", session)
        identifier("upload", upload, limit=80)
        filename = _clean(filename)
        identifier("filename", filename, limit=255)
        identifier("mimetype", mimetype, limit=255)
        if not isinstance(offset, int) or isinstance(offset, bool) or offset < 0:
            raise BadValue("offset must be a number of bytes")
        try:
            content = base64.b64decode(chunk, validate=True)
        except (binascii.Error, ValueError, TypeError) as error:
            raise BadValue("chunk must be base64") from error
        if len(content) > PIECE or offset + len(content) > self._limit:
            raise TooLarge(f"a file may have at most {self._limit // 2**20} MB, in pieces of at most 1 MB")
        self._check(session)
        if not isinstance(field, str | None):
            raise BadValue("field must be the name of a field")
        if token is not None:
            self._check_field(session, token, field)
        self._check_room(session, len(content), first=offset == 0)
        if last and offset == 0:
            return Uploaded(self._put(session, filename, mimetype, iter([content])))
        self._store.uploads.append(session, upload, offset=offset, piece=content, now=self._clock())
        if not last:
            try:
                self._check(session)
            except NoSession:  # deleted meanwhile: nobody would ever remove the piece
                self._store.uploads.remove(session, upload)
                raise
            return Uploaded(None)
        return Uploaded(self._finish(session, upload, filename, mimetype, size=offset + len(content)))

    def _finish(self, session: str, upload: str, filename: str, mimetype: str, *, size: int) -> int:
        """The number of the file that the upload is now, or has been made before."""
        known = self._became(session, upload)
        if known is not None:
            return known
        try:
            number = self._put(session, filename, mimetype, self._joined(session, upload, size=size))
        except BadValue:  # perhaps because somebody else was faster, and its pieces went while we read them
            known = self._became(session, upload)
            if known is None:
                raise
            return known
        first = self._store.uploads.finish(session, upload, number=number)
        if first is None or first == number:
            return number
        self._store.files.delete(number)
        return first

    def _became(self, session: str, upload: str) -> int | None:
        known = self._store.uploads.find(session, upload)
        return None if known is None else known.number

    def download(self, *, session: str, number: int, offset: int = 0, length: int = PIECE) -> Piece:
        """A piece of file `number`, with what a browser must know of it. Raises ``NoFile`` if it is not the session's."""
        identifier("session", session)
        info = self._info(number)
        if info is None or not (is_of(info, session) or is_for_everybody(info.session)):
            raise NoFile("this session has no such file")
        return self._piece(info, offset, length)

    def shared_file(self, *, number: int, offset: int = 0, length: int = PIECE) -> Piece:
        """A piece of a file that everybody may read. Raises ``NoFile`` if it is none."""
        info = self._info(number)
        if info is None or not is_for_everybody(info.session):
            raise NoFile("there is no such file for everybody")
        return self._piece(info, offset, length)

    def _info(self, number: int) -> FileInfo | None:
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**62:
            raise BadValue("number must be a file number")
        return self._store.files.info(number)

    def _piece(self, info: FileInfo, offset: int, length: int) -> Piece:
        if not isinstance(offset, int) or not isinstance(length, int) or offset < 0:
            raise BadValue("offset and length must be numbers of bytes")
        length = max(0, min(int(length), PIECE))
        wanted = bytearray()
        if length and offset < info.size:
            for content in self._store.files.read(info.number, offset=offset):
                wanted += content[: length - len(wanted)]
                if len(wanted) >= length:
                    break
        if offset == 0:
            note_use(self._store.files, info, now=self._clock())
        return Piece(filename=info.filename, mimetype=info.mimetype, size=info.size, chunk=bytes(wanted))

    def _check_field(self, session: str, token: str, field: str | None) -> None:
        found = self._store.sessions.load(session)
        if found is None:
            raise NoSession("this session does not exist (any more)")
        try:
            taking = tokens.verify(found.secret, token).files
        except tokens.BadToken as error:
            raise BadToken(str(error)) from error
        # Items of a list that the page itself added have numbers that the screen did not have yet.
        if taking is not None and _unnumbered(field or "") not in map(_unnumbered, taking):
            raise BadValue("the screen has no such field for files")

    def _check_room(self, session: str, size: int, *, first: bool) -> None:
        """Raises `TooLarge` if the session holds what it may already, and `Busy` if all of them together sent too much just now."""
        if first and self._of_session:
            held = sum(info.size for info in self._store.files.of_session(session))
            if held + size > self._of_session:
                raise TooLarge(f"the files of a session may have at most {self._of_session // 2**20} MB")
        self._quota.take(size)

    def _check(self, session: str) -> None:
        if not self._store.sessions.exists(session):
            raise NoSession("this session does not exist (any more)")

    def _joined(self, session: str, upload: str, *, size: int) -> Iterator[bytes]:
        position = 0
        for offset, piece in self._store.uploads.pieces(session, upload):
            if offset != position:
                raise BadValue(f"a piece of the file is missing at byte {position}; send the file again")
            position += len(piece)
            yield piece
        if position != size:
            raise BadValue(f"pieces of the file are missing from byte {position} on; send the file again")

    def _put(self, session: str, filename: str, mimetype: str, content: Iterator[bytes]) -> int:
        """The number of a new file."""
        info = self._store.files.put(
            session=session, filename=filename, mimetype=mimetype, content=content, now=self._clock()
        )
        try:
            self._check(session)
        except NoSession:  # deleted meanwhile: nobody would ever remove the file
            self._store.files.delete(info.number)
            raise
        return info.number
