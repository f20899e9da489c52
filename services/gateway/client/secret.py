"""The one secret a browser keeps, and what is derived from it (docs/adr/0021-browser-cookie.md). Not for how it is kept: http/browser.py.

Everything is HKDF-SHA256 of the secret under a name of its own, so that one says nothing of another: the browser's id, its
token against forged requests, the key of each session, the ids of sessions it begins.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SIZE = 32
#: What a browser with a few open interviews needs again and again; each new session derives some more.
_MOST_KNOWN = 32
_TEXT = 43  #: letters of `SIZE` bytes in base64 without padding


class BadSecret(ValueError):
    """The text is not that of a secret."""


class BrowserSecret:
    """Never shows in a repr; compared and hashed as its bytes. What was derived last it keeps for as long as it lives."""

    __slots__ = ("_bytes", "_known")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SIZE:
            raise BadSecret(f"a secret has {SIZE} bytes")
        self._bytes = secret
        self._known: dict[tuple[str, str], str] = {}

    @classmethod
    def random(cls) -> BrowserSecret:
        return cls(secrets.token_bytes(SIZE))

    @classmethod
    def parse(cls, text: str) -> BrowserSecret:
        """From `text`, its base64 as addresses have it. Raises `BadSecret`."""
        if len(text) != _TEXT or not text.isascii():
            raise BadSecret(f"a secret is written with {_TEXT} letters")
        try:
            made = cls(base64.b64decode(text + "=", altchars=b"-_", validate=True))
        except ValueError:
            raise BadSecret("a secret is written in base64") from None
        if made.text != text:  # the last letter has bits to spare
            raise BadSecret("a secret is written in one way")
        return made

    @property
    def text(self) -> str:
        """To be kept by the browser; never to be logged."""
        return _base64(self._bytes)

    @property
    def name(self) -> str:
        """Tells the secrets of one browser apart; six letters that say nothing else."""
        return self._derived("parley cookie 1", _base32, length=4)[:6]

    @property
    def browser(self) -> str:
        """The id of the browser."""
        return self._derived("parley browser 1", length=18)

    @property
    def csrf(self) -> str:
        """What a page of ours sends with a form, and no other site can know."""
        return self._derived("parley csrf 1", length=18)

    def key(self, session: str) -> str:
        """The key to `session`, in base64."""
        return self._derived("parley session 1", salt=session)

    def new_session(self, interview: str, request_id: str) -> str:
        """The id of the session that a request begins: the same again for the same request, and not to be guessed."""
        return self._derived("parley session id 1", _base32, salt=f"{interview}\0{request_id}", length=20)

    def _derived(
        self, info: str, written: Callable[[bytes], str] | None = None, *, salt: str = "", length: int = SIZE
    ) -> str:
        """In base64, unless `written` says otherwise. Each `info` has one length and one way to be written."""
        asked = info, salt
        if (known := self._known.get(asked)) is None:
            salted = salt.encode("utf-8", "surrogatepass")
            raw = HKDF(algorithm=SHA256(), length=length, salt=salted, info=info.encode()).derive(self._bytes)
            known = (written or _base64)(raw)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[asked] = known
        return known

    def __repr__(self) -> str:
        return "BrowserSecret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BrowserSecret) and other._bytes == self._bytes

    def __hash__(self) -> int:
        return hash((BrowserSecret, self._bytes))


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode("ascii").lower()


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
