"""Who may enter a session: browsers that hold a key to it, and everybody who knows its id while `multi_user` is true.

A browser derives a key for each session from one secret that it keeps in a cookie (docs/adr/0021-browser-cookie.md). Here only the
key's hash is kept, in a slot of the session's record; a wrong key and a session that never was end in the same way. Every
call that a browser causes passes here before anything is done. Not for: privileges of users.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from services.interview.change import Change
from services.interview.checks import identifier
from services.interview.shown import showing
from services.interview.unit_of_work import UnitOfWork
from shared.contract.caller import NOBODY
from shared.contract.entry import MOST, Entered, Entry
from shared.contract.errors import BadValue, NoFile, NoSession
from shared.store.records import Session, SessionName
from shared.vault.ports import KeyAway
from shared.vault.sealing import Key
from shared.vault.slots import browser_slot

#: Keys that open one session, and browsers remembered with it; the oldest go first.
SLOTS = 50
BROWSERS = 200
#: Sessions that one look for a browser's sessions gives.
LISTED = 24

#: In a session's `extra`: hash of the browser that is the first who may enter.
HEIR = "heir"

GONE = "this session does not exist (any more)"


def keys_of(entry: Entry) -> tuple[Key, ...]:
    """The keys that a browser shows, the lasting one first."""
    return tuple(map(_key, entry.keys))


def slot(key: str) -> str:
    """The name of the slot that `key` (base64) opens. What it holds is the vault's (`shared.vault.held`)."""
    return browser_slot(_key(key))


def _key(text: str) -> Key:
    return Key(base64.b64decode(text + "=", altchars=b"-_"))


def browser_hash(browser: str) -> str:
    """What is kept of a browser's id."""
    return hashlib.sha256(b"parley browser 1\0" + browser.encode()).hexdigest()


def first_fields(entry: Entry | None) -> dict[str, Any]:
    """Fields of a new session that the browser of `entry` opens."""
    if entry is None or not entry.keys:
        return {}
    return {"slots": {slot(entry.keys[0]): b""}, "browsers": (browser_hash(entry.browsers[0]),)}


@dataclass(frozen=True, slots=True)
class Admission:
    """Why somebody may enter. `by_id`: only because everybody may, so nothing of theirs is kept but that they were here."""

    by_id: bool


def admit(session: Session, entry: Entry | None) -> Admission | None:
    """Whether `entry` opens `session`. None for `entry` is a program on the bus: it enters what no browser has a key to."""
    if entry is None:
        return None if _keys_of(session) else Admission(by_id=True)
    opened = False
    for key in entry.keys:
        name = slot(key)
        for kept in session.slots:
            opened |= hmac.compare_digest(kept.encode(), name.encode())
    if opened or entry.vouched or _is_heir(session, entry):
        return Admission(by_id=False)
    return Admission(by_id=True) if session.multi_user else None


def _is_heir(session: Session, entry: Entry) -> bool:
    """A step begun for this browser, but without its keys, made the session, and no browser has come there since."""
    heir = session.extra.get(HEIR)
    return bool(heir) and not _keys_of(session) and heir in {browser_hash(one) for one in entry.browsers}


def settled(session: Session, entry: Entry | None, admission: Admission) -> dict[str, object]:
    """What a session's record must say so that the browser's lasting secret opens it by itself. Empty if it does."""
    if entry is None or not entry.keys or admission.by_id:
        return {}
    name = slot(entry.keys[0])
    if name in session.slots:
        return {}
    others = {one: kept for one, kept in session.slots.items() if not one.startswith("b:")}
    mine = {one: session.slots[one] for one in _keys_of(session)[-(SLOTS - 1) :]}
    return {"slots": {**others, **mine, name: b""}, **seen(session, entry)}


def seen(session: Session, entry: Entry) -> dict[str, object]:
    """That the browser of `entry` has been here."""
    if not entry.browsers:
        return {}
    name = browser_hash(entry.browsers[0])
    return {"browsers": (*(one for one in session.browsers if one != name), name)[-BROWSERS:]}


def _keys_of(session: Session) -> list[str]:
    return [name for name in session.slots if name.startswith("b:")]


class Access:
    """The calls about entering, and the check that stands before all others."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def guarded(self, call: Callable[..., object], *, system: bool = False) -> Callable[..., object]:
        """`call` (which has a `session`) with an `entry`, checked first. With `system` the system's own services need none."""

        @wraps(call)
        def entered(*, session: str, entry: object = None, **arguments: object) -> object:
            asked = None if entry is None else Entry.parse(entry)
            with self._work.vault.work(publishing=system), showing(asked):
                if entry is not None or not system:
                    self._admit(session, asked)
                return call(session=session, **arguments)

        signature = inspect.signature(call)
        more = inspect.Parameter("entry", inspect.Parameter.KEYWORD_ONLY, default=None)
        entered.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[*signature.parameters.values(), more]
        )
        return entered

    def within(self, call: Callable[..., object], *, publishing: bool = False) -> Callable[..., object]:
        """`call` as a piece of work of its own, which has no session's key but those it is given."""

        @wraps(call)
        def alone(**arguments: object) -> object:
            with self._work.vault.work(publishing=publishing), showing(arguments.get("entry")):
                return call(**arguments)

        return alone

    def enter(self, *, session: str, entry: Mapping[str, object], use: bool = False) -> Entered:
        """Whether the browser may enter. With `use` it is from now on the one of its interview that `find` gives first."""
        asked = Entry.parse(entry)
        found, admission = self._admit(session, asked)
        known = {browser_hash(one) for one in asked.browsers} & set(found.browsers)
        if use:
            self._use(found, asked)
        return Entered(
            session=session, interview=found.interview, guest=admission.by_id, stranger=admission.by_id and not known
        )

    def go_on(self, *, session: str, entry: Mapping[str, object]) -> int | None:
        """As `enter` with `use`: the version that the session has just been seen to have, if it was looked at."""
        asked = Entry.parse(entry)
        found, _ = self._admit(session, asked)
        return self._use(found, asked)

    def leave(self, *, session: str, entry: Mapping[str, object]) -> dict[str, object]:
        """The browser has done with the session: `find` does not give it any more. It could still enter."""
        asked = Entry.parse(entry)
        found, _ = self._admit(session, asked)
        mine = {browser_hash(one) for one in asked.browsers}
        if mine & set(found.browsers):
            self._write(found, lambda now: {"browsers": tuple(one for one in now.browsers if one not in mine)})
        return {}

    def named(self, browsers: object, interview: str | None) -> list[SessionName]:
        """The sessions (of `interview`) in which a browser has been, the one changed last first; at most `LISTED`."""
        if interview is not None:
            identifier("interview", interview, limit=500)
        return self._find(_browsers(browsers), interview, limit=LISTED)

    def whose(self, *, number: int, browsers: list[str]) -> Entered:
        """The session that file `number` belongs to, if the browser has been there. Raises `NoFile`."""
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**62:
            raise BadValue("number must be a file number")
        mine = {browser_hash(one) for one in _browsers(browsers)}
        info = self._work.store.files.info(number)
        there = [] if info is None else self._work.store.sessions.of_browsers(mine, session=info.session)
        if not there:
            raise NoFile("no session of this browser has such a file")
        return Entered(session=there[0].id, interview=there[0].interview)

    # ------------------------------------------------------------------ inside

    def _find(self, browsers: Iterable[str], interview: str | None, *, limit: int) -> list[SessionName]:
        hashes = [browser_hash(one) for one in browsers]
        return self._work.store.sessions.of_browsers(hashes, interview=interview, limit=limit)

    def _use(self, found: Session, asked: Entry) -> int | None:
        """Have `find` give `found` first. Its version, as it was just seen; None if nobody looked."""
        if not asked.browsers:
            return None
        newest = self._find(asked.browsers, found.interview, limit=1)
        if newest and newest[0].id == found.id:
            return newest[0].version
        return self._write(found, lambda now: seen(now, asked), accessed=True).version

    def _admit(self, session_id: str, entry: Entry | None) -> tuple[Session, Admission]:
        """The session, and why it may be entered. Raises `NoSession`, in the same words, if there is none and if it may not be entered."""
        identifier("session", session_id)
        if entry is not None:
            self._work.vault.offer(session_id, keys_of(entry))
        try:
            found = self._work.load(session_id)
            admission = admit(found, entry)
            if admission is None or admission.by_id:
                # A key may have come or `multi_user` gone in another process: only keys are believed without asking.
                found = self._work.load(session_id, fresh=True)
                admission = admit(found, entry)
        except KeyAway:
            raise NoSession(GONE) from None
        if admission is None:
            raise NoSession(GONE)
        if settled(found, entry, admission):
            found = self._write(found, lambda now: settled(now, entry, admission))
        return found, admission

    def _write(
        self, found: Session, fields: Callable[[Session], dict[str, object]], *, accessed: bool = False
    ) -> Session:
        """Save `fields` of the session as it then stands, if there are any."""

        def decide(now: Session) -> Change | None:
            changes = fields(now)
            return Change(fields=changes, accessed=accessed) if changes else None

        return self._work.do(found, decide, NOBODY).session


def _browsers(given: object) -> list[str]:
    if not isinstance(given, list) or len(given) > MOST or not all(isinstance(one, str) for one in given):
        raise BadValue(f"browsers must be a list of at most {MOST} ids")
    return given
