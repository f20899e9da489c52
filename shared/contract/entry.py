"""How a browser shows that it may enter a session (docs/adr/0021-browser-cookie.md). Not for: who the user is (caller)."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from shared.contract import typed
from shared.contract.errors import BadValue
from shared.contract.reply import Reply

#: Of a key of 32 bytes, in base64 as addresses have it.
KeyText = Annotated[str, Meta(min_length=43, max_length=43, pattern=r"^[A-Za-z0-9_-]{43}$")]
Identifier = Annotated[str, Meta(min_length=8, max_length=128)]


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`browsers` and `keys` go together: a browser has one of each, and more only until it has settled on the first."""

    browsers: tuple[Identifier, ...] = ()
    keys: tuple[KeyText, ...] = ()  #: each derived from that browser's secret and the session's id
    vouched: bool = False  #: a cookie of an earlier version, signed by the gateway, lists the session
    #: Ids of other sessions that the step looks into, each with keys: as many as there are `browsers`, in their order.
    others: tuple[tuple[Identifier, tuple[KeyText, ...]], ...] = ()
    session: Identifier | None = None  #: to `open`: the id that the new session shall have

    def __repr__(self) -> str:
        return "Entry(…)"

    @classmethod
    def parse(cls, given: object) -> Entry:
        """From the ``entry`` of a call. Raises `BadValue`."""
        try:
            made = typed.convert(given, cls)
        except msgspec.ValidationError as error:
            raise BadValue(f"entry: {error}") from None
        if len(made.keys) != len(made.browsers) or len(made.keys) > MOST:
            raise BadValue(f"entry: as many keys as browsers, and at most {MOST}")
        if len(made.others) > MOST_OTHERS or any(len(keys) > MOST for _, keys in made.others):
            raise BadValue(f"entry: keys to at most {MOST_OTHERS} other sessions")
        return made


#: How many secrets of one browser are tried.
MOST = 8
#: Other sessions that one request may look into.
MOST_OTHERS = 100


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    """To `enter`, and each of those to `find`: a session that the browser may enter."""

    session: str
    interview: str
    guest: bool = False  #: to `enter`: only because everybody may
    stranger: bool = False  #: to `enter`: a guest that has not been there before


class Show(msgspec.Struct, frozen=True, kw_only=True):
    """To `find`: show this session, if it is the first that is found."""

    session: str
    entry: Entry

    @classmethod
    def parse(cls, given: object) -> Show:
        """From the ``show`` of a call. Raises `BadValue`."""
        try:
            made = typed.convert(given, cls)
        except msgspec.ValidationError as error:
            raise BadValue(f"show: {error}") from None
        Entry.parse(msgspec.to_builtins(made.entry))
        return made


class Found(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """To `find`: sessions in which the browser has been, the one used last first."""

    sessions: tuple[Entered, ...] = ()
    shown: Reply | None = None  #: the first one's screen, if that is the session that was to be shown
