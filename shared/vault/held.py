"""The keys of sessions that the work at hand has, and has no longer than that.

Work begins with nothing (`work`). A browser shows its keys (`offer`), a task its ticket (`redeem`); a session's record says which of them open
it (`unlock`), or that the installation may (a service slot). Sessions of versions before sealing have no key until their next write.
Not for: who may ask for what (services.interview.access); how keys are wrapped (`slots`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.store.records import Session
from shared.vault import slots
from shared.vault.ports import TICKET, KeyAway
from shared.vault.sealing import Key, NotSealed
from shared.vault.slots import ServiceKeys, SessionKey

#: Fields of a session's record that say who may open it.
_ABOUT_SLOTS = frozenset({"slots", "multi_user", "allow_cron", "events"})
#: What an operator may allow (`sealed sessions`), and the events that make a session one for it (background.md).
BACKGROUND, CRON, MAIL = "background", "cron", "mail"
_CRON, _INCOMING = "cron_", "incoming_email"


@dataclass(slots=True)
class _Held:
    key: SessionKey | None = None  #: None: nothing of the session is sealed yet
    kept: bool = False  #: a record or a ticket has it; else it was made for what is about to be written


@dataclass(slots=True)
class _Ring:
    publishing: bool
    held: dict[str, _Held] = field(default_factory=dict)
    offered: dict[str, tuple[Key, ...]] = field(default_factory=dict)


class HeldKeys:
    """Implements `ports.SessionKeys`. `look` gives a session's record as the database has it."""

    def __init__(
        self,
        service: ServiceKeys,
        *,
        look: Callable[[str], Session | None],
        clock: Callable[[], datetime],
        allowed: frozenset[str] = frozenset({BACKGROUND}),
    ) -> None:
        self._allowed = allowed
        self._service = service
        self._look = look
        self._clock = clock
        self._opened_lately = slots.lately()
        self._rings: ContextVar[_Ring | None] = ContextVar("rings", default=None)

    # -- Keyring

    @contextmanager
    def work(self, *, publishing: bool = False) -> Iterator[None]:
        token = self._rings.set(_Ring(publishing=publishing))
        try:
            yield
        finally:
            self._rings.reset(token)

    def begin(self, session: str) -> None:
        self._ring().held.setdefault(session, _Held(SessionKey.random()))

    def offer(self, session: str, keys: Iterable[Key]) -> None:
        self._ring().offered[session] = tuple(keys)

    def unlock(self, session: Session) -> None:
        ring = self._ring()
        held = ring.held.setdefault(session.id, _Held())
        if held.kept:
            return
        if not session.sealed:
            return  # a key made for the next write stays: this is what that write is about to change
        found = self._opened(session, ring)
        if found is None:
            del ring.held[session.id]
            raise KeyAway("nobody who may open this session is here")
        held.key, held.kept = found, True

    def settled(self, session: Session, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        if session.sealed and not fields.keys() & _ABOUT_SLOTS and self._as_it_should_be(session.slots):
            return fields
        held = self._held(session.id)
        if held.key is None:
            held.key = SessionKey.random(lenient=True)
        key = held.key
        before = fields.get("slots", session.slots)
        after = self._slots(session.id, key, before, ours=self._is_ours(session, fields))
        if session.sealed and after == session.slots and "slots" not in fields:
            return fields
        return {**fields, "slots": after, "sealed": True}

    def task_ticket(self, session: str, work: str) -> bytes:
        return self.ticket(session, work) if BACKGROUND in self._allowed else b""

    def ticket(self, session: str, work: str) -> bytes:
        key = self._held(session).key
        if key is None:
            return b""
        return slots.ticket(key, self._service, session=session, work=work, now=self._clock())

    def redeem(self, session: str, work: str, ticket: bytes) -> None:
        held = self._ring().held.setdefault(session, _Held())
        if held.kept:
            return
        found = slots.redeemed(ticket, self._service, session=session, work=work, now=self._clock())
        if found is None:
            raise KeyAway("the time in which this work could open its session is over")
        held.key, held.kept = found, True

    def forget(self, session: str) -> None:
        # The slots go with the session's record, and with them the last way to its key.
        ring = self._rings.get()
        if ring is not None:
            ring.held.pop(session, None)

    # -- SessionKeys

    def to_write(self, session: str) -> Key | None:
        key = self._held(session).key
        return None if key is None else key.key

    def to_read(self, session: str) -> Key:
        key = self._held(session).key
        if key is None:
            raise KeyAway("this session has no key yet")
        return key.key

    def lenient(self, session: str) -> bool:
        held = self._held(session)
        return held.key is None or held.key.lenient

    # -- inside

    def _ring(self) -> _Ring:
        ring = self._rings.get()
        if ring is None:
            raise KeyAway("no work goes on here that could have a session's key")
        return ring

    def _held(self, session: str) -> _Held:
        ring = self._ring()
        if session not in ring.held:
            record = self._look(session)
            if record is None:
                raise KeyAway("there is no such session")
            self.unlock(record)
        return ring.held[session]

    def _opened(self, session: Session, ring: _Ring) -> SessionKey | None:
        """The key by which of those here may have it. A slot that was changed in the database opens nothing."""
        of = session.id
        try:
            found = slots.by_browser(session.slots, ring.offered.get(of, ()), session=of, opened=self._opened_lately)
            found = found or slots.by_service(session.slots, self._service, session=of)
        except NotSealed:
            return None
        if found is None and ring.publishing:
            now = self._clock()
            tickets = ((entry.id, entry.body.get(TICKET)) for entry in session.outbox)
            made = (
                slots.redeemed(ticket, self._service, session=of, work=work, now=now)
                for work, ticket in tickets
                if isinstance(ticket, bytes)
            )
            found = next(filter(None, made), None)
        return found

    def _is_ours(self, session: Session, fields: Mapping[str, Any]) -> bool:
        """Whether the installation may open the session while its user is away, after `fields` are written."""
        if fields.get("multi_user", session.multi_user):
            return True
        events = fields.get("events", session.events)
        cron = fields.get("allow_cron", session.allow_cron) and any(name.startswith(_CRON) for name in events)
        return bool(CRON in self._allowed and cron) or (MAIL in self._allowed and _INCOMING in events)

    def _as_it_should_be(self, kept: Mapping[str, bytes]) -> bool:
        """Whether every slot holds a key, and that of the installation, if there is one, its newest: what every answer asks."""
        current = self._service.current
        newest = None if current is None else slots.SERVICE + current[0]
        return bool(kept) and all(
            content and (name == newest or not name.startswith(slots.SERVICE)) for name, content in kept.items()
        )

    def _slots(self, session: str, key: SessionKey, before: Mapping[str, bytes], *, ours: bool) -> dict[str, bytes]:
        """`before` with what is missing: the browser of this work, and the installation while nobody else could open the session."""
        after = dict(before)
        offered = {slots.browser_slot(one): one for one in self._ring().offered.get(session, ())}

        def give(name: str) -> None:
            after[name] = slots.wrapped(key, offered[name], session=session, slot=name)

        for name in offered.keys() & after.keys():
            if not after[name]:
                give(name)
        if offered and not ours and not _filled(after):
            give(next(iter(offered)))
        current = self._service.current
        if ours or not _filled(after):
            if current is None or slots.SERVICE + current[0] in after:
                return after
            service = slots.SERVICE + current[0]
            after[service] = slots.wrapped(key, current[1], session=session, slot=service)
            return {name: one for name, one in after.items() if name == service or not name.startswith(slots.SERVICE)}
        return {name: one for name, one in after.items() if not name.startswith(slots.SERVICE)}


def _filled(after: Mapping[str, bytes]) -> bool:
    """Whether somebody but the installation has the key: a browser, or whoever later versions give a slot."""
    return any(content for name, content in after.items() if not name.startswith(slots.SERVICE))
