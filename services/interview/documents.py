"""Documents of a screen, as files that a browser downloads: made when one asks, out of the session as it stands; nothing is saved.

What was made is remembered for a while, so that its pieces, its ranges and its picture do not make it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from services.interview import requests
from services.interview.checks import identifier
from services.interview.files import PIECE
from services.interview.unit_of_work import UnitOfWork
from shared.contract import typed
from shared.contract.caller import Caller
from shared.contract.errors import BadValue, NoFile, StepFailed
from shared.contract.outcome import StepResult
from shared.contract.reply import Piece
from shared.runner.kept import Kept
from shared.store.records import FileInfo

#: Bytes of documents that are remembered.
_KEPT: Final = 32 * 2**20
_Key = tuple[str, int, str, int, str]


@dataclass(frozen=True, slots=True)
class _Made:
    filename: str
    mimetype: str
    content: bytes


class _File(msgspec.Struct):
    number: int


class _Response(msgspec.Struct):
    file: _File | None = None


class _Screen(msgspec.Struct):
    response: _Response = msgspec.field(default_factory=_Response)


class Documents:
    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._known: Kept[_Key, _Made] = Kept(lambda made: len(made.content), most_bytes=_KEPT)

    def document(
        self,
        *,
        session: str,
        number: int,
        format: str,
        caller: Mapping[str, object],
        offset: int = 0,
        length: int = PIECE,
    ) -> Piece:
        """A piece of document `number` of the screen in `format`; ``png``: of its picture; ``zip``: of all of them. Raises `NoFile`.

        One that is being made is not `ready`: it goes on, and is given to whoever asks again.
        """
        asker = Caller.parse(caller)
        identifier("format", format, limit=20)
        if (
            not all(isinstance(one, int) and not isinstance(one, bool) for one in (number, offset, length))
            or offset < 0
        ):
            raise BadValue("number, offset and length must be numbers")
        # No turn is taken: an answer never waits for a document.
        found = self._work.load(session, fresh=True)
        key = (session, found.version, asker.client, number, format)
        made = self._known.get(key)
        if made is None:
            read: list[_Made] = []
            result = self._work.steps.look(
                found,
                requests.document(found, number=number, format=format),
                asker,
                then=lambda one: read.extend(self._of(one)),
            )
            if not read:
                if result.screen is not None and result.screen.kind == "wait":
                    return Piece(filename="", mimetype="", size=0, chunk=b"", ready=False)
                if result.failure is not None:
                    raise StepFailed(result.failure.message, result.failure)
                raise NoFile("the screen has no such document")
            made = read[0]
            self._known.put(key, made)
        piece = made.content[offset : offset + max(0, min(length, PIECE))]
        return Piece(filename=made.filename, mimetype=made.mimetype, size=len(made.content), chunk=piece)

    def _of(self, result: StepResult) -> list[_Made]:
        """The file that the step wrote, read before it goes again."""
        screen = result.screen
        if screen is None or screen.kind != "response":
            return []
        file = typed.from_json(screen.json, _Screen).response.file
        info: FileInfo | None = None if file is None else self._work.store.files.info(file.number)
        if info is None:
            return []
        return [_Made(info.filename, info.mimetype, b"".join(self._work.store.files.read(info.number)))]
