"""`Print`: what a screen is printed as, with blanks for what every page has of its own. `Prints` keeps those that many sessions show.

Most screens of an interview are the same for everybody who comes to them, but for the question, which may name them: their HTML is
made once. Nobody's answers are kept: a print is only when a second session showed the very same, within minutes. What a print is made
from is its name, so that no language, host or change of an interview can be mistaken for another. Not for: the values in the blanks
(`services.gateway.web.screens`).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.gateway.client.reply import Reply
from shared.contract.encoding import encode
from shared.runner.kept import Kept

#: What every page has of its own. `page`: members of the object that its script gets; the last three: where its texts can be left out.
BLANKS: Final = ("csrf", "session", "token", "request", "nonce", "page", "heading", "heading text", "subquestion")
#: Of a screen, what is no part of its print; and what is none either where the texts are left out.
_OWN: Final = frozenset({"token"})
_OWN_TEXTS: Final = frozenset({"token", "question", "subquestion"})
#: In nobody's text: it is another one in each process, and never leaves it.
_MARK: Final = "x" + secrets.token_hex(16)
#: Bytes of prints that are kept, of one of them, and seconds after its last use in which one is forgotten.
_BYTES: Final = 16 * 1024 * 1024
_LARGEST: Final = 256 * 1024
_SECONDS: Final = 600.0
#: Screens of which is known that one session has shown them.
_SEEN: Final = 10_000


def blank(name: str) -> str:
    """What stands in a text where the value of this name (of `BLANKS`) is to come."""
    return f"{_MARK}{BLANKS.index(name)}"


@dataclass(frozen=True, slots=True)
class Print:
    """`pieces`: of which blank comes first (by its place in `BLANKS`), and the text behind it."""

    head: bytes
    pieces: tuple[tuple[str, bytes], ...]

    @classmethod
    def of(cls, text: bytes) -> Print:
        head, *rest = text.split(_MARK.encode())
        return cls(head, tuple((BLANKS[int(piece[:1])], piece[1:]) for piece in rest))

    def filled(self, values: Mapping[str, bytes]) -> bytes:
        """With `values`, by their names and as they are to stand there, in all blanks. Raises KeyError if one is missing."""
        parts = [self.head]
        for name, text in self.pieces:
            parts += values[name], text
        return b"".join(parts)

    @property
    def size(self) -> int:
        return len(self.head) + sum(len(text) + 100 for _, text in self.pieces)


class Prints:
    """Bounded by bytes and by time. Threads may share it."""

    def __init__(self, *, most_bytes: int = _BYTES, seconds: float = _SECONDS) -> None:
        self._key = secrets.token_bytes(32)
        self._kept: Kept[bytes, Print] = Kept(lambda one: one.size, most_bytes=most_bytes, seconds=seconds)
        self._seen: Kept[bytes, bytes] = Kept(lambda _: 1, most_bytes=_SEEN, seconds=seconds)

    def name(self, reply: Reply, *beside: object, texts: bool = True) -> bytes | None:
        """What names the print of `reply`, made for `beside`; None if it is that session's alone. `texts`: with heading and subquestion."""
        screen = reply.screen
        # Documents have the session in their addresses.
        if reply.rejected or reply.notices or screen.get("attachments"):
            return None
        own = _OWN if texts else _OWN_TEXTS
        made_of = encode(
            ({name: part for name, part in screen.items() if name not in own}, reply.interview, texts, beside)
        )
        # What such a tag shows is asked of the interview service, for that session.
        return None if b"[FILE " in made_of else self._digest(made_of)

    def get(self, name: bytes) -> Print | None:
        return self._kept.get(name)

    def note(self, name: bytes, session: str, made: Print) -> None:
        """`session` has shown `made`: it is kept if another one did before."""
        first, here = self._seen.get(name), self._digest(session.encode())
        if first is None:
            self._seen.put(name, here)
        elif first != here and made.size <= _LARGEST:
            self._kept.put(name, made)

    def __len__(self) -> int:
        return len(self._kept)

    def _digest(self, text: bytes) -> bytes:
        """Tells nothing to whoever reads it: answers could be guessed and tried."""
        return hashlib.blake2b(text, digest_size=16, key=self._key).digest()
