"""Slots and tickets: a session's key wrapped by something else, so that whoever has that gets the key. Pure.

A slot stays in the session's record, under a name that says by what: ``b:<hash>`` a browser's key, ``s:<id>`` a key of the
installation. Slots of other names (a link's, a person's: later) are left as they are. A ticket goes with one piece of work (an effect
on its way, a task, a mail), is wrapped by a key of the installation, and counts for `TICKET_AGE`. Adding or removing either
re-encrypts nothing else. Not for: who may have one (`held`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.runner.kept import Kept
from shared.vault import sealing
from shared.vault.sealing import KEY_SIZE, Key, NotSealed

#: So long work may open its session while nobody is there. What has not ended by then waits for its browser, or has failed.
TICKET_AGE: Final = timedelta(days=2)

BROWSER: Final = "b:"
SERVICE: Final = "s:"
_TIME: Final = 8


@dataclass(frozen=True, slots=True)
class SessionKey:
    """A session's key. `lenient`: it was begun before there was sealing, and what was written then stands as it is."""

    key: Key
    lenient: bool = False

    @classmethod
    def random(cls, *, lenient: bool = False) -> SessionKey:
        return cls(Key.random(), lenient)

    def packed(self) -> bytes:
        return self.key.exposed() + bytes([self.lenient])

    @classmethod
    def unpacked(cls, packed: bytes) -> SessionKey:
        """Raises `NotSealed` for what no version wrote."""
        if len(packed) != KEY_SIZE + 1 or packed[-1] > 1:
            raise NotSealed("this is no key of a session")
        return cls(Key(packed[:KEY_SIZE]), bool(packed[-1]))


@dataclass(frozen=True, slots=True)
class ServiceKeys:
    """The installation's keys by their ids: the first wraps, all open. A service that opens nothing by itself has none."""

    keys: Mapping[str, Key] = field(repr=False)

    @property
    def current(self) -> tuple[str, Key] | None:
        return next(iter(self.keys.items()), None)


def browser_slot(key: Key) -> str:
    """The name of the slot that a browser's key opens."""
    return BROWSER + hashlib.sha256(b"parley slot 1\0" + key.exposed()).hexdigest()


def wrapped(key: SessionKey, by: Key, *, session: str, slot: str) -> bytes:
    return sealing.seal(key.packed(), by, bound=("slot", session, slot))


def unwrapped(content: bytes, by: Key, *, session: str, slot: str) -> SessionKey:
    """Raises `NotSealed`."""
    return SessionKey.unpacked(sealing.unseal(content, by, bound=("slot", session, slot)))


#: Keys of sessions that browsers opened lately, by what they opened: the session, the slot (which says by what key), what stood in it.
Lately = Kept[tuple[str, str, bytes], SessionKey]


def lately(*, most: int = 2000) -> Lately:
    """For `by_browser`: a minute, as all that is kept in the clear."""
    return Kept(lambda _: KEY_SIZE, most_bytes=most * KEY_SIZE)


def by_browser(
    slots: Mapping[str, bytes], keys: Iterable[Key], *, session: str, opened: Lately | None = None
) -> SessionKey | None:
    """The session's key, if one of a browser's `keys` opens a slot. Raises `NotSealed` if that slot was changed."""
    for key in keys:
        name = browser_slot(key)
        content = slots.get(name)
        if not content:
            continue
        # Who has the key that the slot's name is the hash of may have what stands in it.
        known = None if opened is None else opened.get((session, name, content))
        if known is not None:
            return known
        found = unwrapped(content, key, session=session, slot=name)
        if opened is not None:
            opened.put((session, name, content), found)
        return found
    return None


def by_service(slots: Mapping[str, bytes], service: ServiceKeys, *, session: str) -> SessionKey | None:
    """The session's key, if the installation has a slot. Raises `NotSealed` if that was changed."""
    for name, content in slots.items():
        by = service.keys.get(name.removeprefix(SERVICE)) if name.startswith(SERVICE) else None
        if by is not None:
            return unwrapped(content, by, session=session, slot=name)
    return None


def ticket(key: SessionKey, service: ServiceKeys, *, session: str, work: str, now: datetime) -> bytes:
    """For the work with the id `work` alone. Empty without a key to wrap it."""
    if service.current is None:
        return b""
    until = int((now + TICKET_AGE).timestamp()).to_bytes(_TIME)
    return sealing.seal(until + key.packed(), service.current[1], bound=("ticket", session, work))


def redeemed(content: bytes, service: ServiceKeys, *, session: str, work: str, now: datetime) -> SessionKey | None:
    """What `ticket` wrapped. None if its time is over, if it is another's, or if the key that wrapped it is not here any more."""
    for by in service.keys.values():
        try:
            packed = sealing.unseal(content, by, bound=("ticket", session, work))
        except NotSealed:
            continue
        if datetime.fromtimestamp(int.from_bytes(packed[:_TIME]), UTC) < now:
            return None
        return SessionKey.unpacked(packed[_TIME:])
    return None
