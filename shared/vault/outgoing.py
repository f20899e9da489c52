"""Mails that leave, behind a vault: what is to be sent, and what servers said of it, which may name addresses.

A mail carries a ticket as long as it has a body, so that a worker can open its session while nobody is there. The system's own mails
belong to no session, and nobody's answers are in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from shared.store import checks
from shared.store.overview import COUNTED, Page
from shared.store.ports import Outgoing
from shared.store.records import NO_SESSIONS, OutgoingMail
from shared.vault.ports import SEALED, TICKET, KeyAway, Kind, Place, Vault, clear

#: What an operator may see of a try: the server's words too, in which addresses are made unreadable before (``handing_over.Answer``).
_CLEAR: Final = ("code", "text", "at", "final", "reached")


class VaultedOutgoing:
    def __init__(self, inner: Outgoing, vault: Vault) -> None:
        self._inner = inner
        self._vault = vault
        self._claimed: dict[str, str] = {}  # mail -> session, of those that are being handed over

    def add(self, mail: OutgoingMail) -> bool:
        if mail.session in NO_SESSIONS:
            return self._inner.add(mail)
        checks.check_mapping("body", mail.body)
        return self._inner.add(
            replace(
                mail,
                body=self._body(mail.session, mail.id, mail.body),
                last=self._last(mail.session, mail.id, mail.last),
            )
        )

    def get(self, mail_id: str) -> OutgoingMail | None:
        """Without its contents where the key is away."""
        found = self._inner.get(mail_id)
        return None if found is None else self._outside(found)

    def claim(
        self, mail_id: str, *, lease: str, now: datetime, length: timedelta, ahead: timedelta = timedelta(0)
    ) -> OutgoingMail | None:
        """Raises `KeyAway` for one that has waited for longer than it may open its session; it is claimed all the same."""
        found = self._inner.claim(mail_id, lease=lease, now=now, length=length, ahead=ahead)
        if found is None:
            return None
        self._claimed[mail_id] = found.session
        return self._opened(found)

    def heartbeat(self, mail_id: str, *, lease: str, now: datetime, length: timedelta) -> bool:
        return self._inner.heartbeat(mail_id, lease=lease, now=now, length=length)

    def later(
        self, mail_id: str, *, lease: str, due: datetime, last: Mapping[str, Any], body: Mapping[str, Any] | None = None
    ) -> bool:
        found = self._inner.get(mail_id)
        if found is None:
            return False
        sealed = None if body is None else self._body(found.session, mail_id, body, before=found.body)
        self._claimed.pop(mail_id, None)
        return self._inner.later(
            mail_id, lease=lease, due=due, last=self._last(found.session, mail_id, last), body=sealed
        )

    def renew(self, mail_id: str, *, body: Mapping[str, Any]) -> bool:
        found = self._inner.get(mail_id)
        return found is not None and self._inner.renew(mail_id, body=self._body(found.session, mail_id, body))

    def put_off(self, mail_id: str, *, lease: str, due: datetime) -> bool:
        self._claimed.pop(mail_id, None)
        return self._inner.put_off(mail_id, lease=lease, due=due)

    def finish(self, mail_id: str, *, lease: str, status: str, last: Mapping[str, Any], now: datetime) -> bool:
        session = self._claimed.pop(mail_id, None) or self._session_of(mail_id)
        if session is None:
            return False
        return self._inner.finish(mail_id, lease=lease, status=status, last=self._last(session, mail_id, last), now=now)

    def bounce(self, mail_id: str, *, last: Mapping[str, Any], now: datetime) -> bool:
        found = self._inner.get(mail_id)
        return found is not None and self._inner.bounce(mail_id, last=self._last(found.session, mail_id, last), now=now)

    def again(self, mail_id: str, *, now: datetime) -> bool:
        return self._inner.again(mail_id, now=now)

    def remove(self, mail_id: str) -> bool:
        return self._inner.remove(mail_id)

    def due(self, *, now: datetime, limit: int) -> list[str]:
        return self._inner.due(now=now, limit=limit)

    def waiting_of(self, session: str, *, limit: int = 1000) -> list[OutgoingMail]:
        return [self._outside(one) for one in self._inner.waiting_of(session, limit=limit)]

    def latest(self, session: str, task: str) -> OutgoingMail | None:
        found = self._inner.latest(session, task)
        return None if found is None else self._outside(found)

    def page(self, status: str, *, after: str = "", limit: int = 100) -> Page[OutgoingMail]:
        found = self._inner.page(status, after=after, limit=limit)
        return Page(tuple(map(self._outside, found.lines)), found.after)

    def counts(self, *, most: int = COUNTED) -> dict[str, int]:
        return self._inner.counts(most=most)

    def forget(self, *, before: datetime, limit: int) -> int:
        return self._inner.forget(before=before, limit=limit)

    # -- one mail

    def _body(
        self, session: str, mail_id: str, body: Mapping[str, Any], *, before: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        """With its ticket; one that it had `before` stays, so that trying again and again does not prolong it."""
        if session in NO_SESSIONS:
            return body
        sealed = self._vault.seal_value(body, Place(session, Kind.SENT_MAIL, mail_id))
        ticket = self._vault.ticket(session, mail_id) if before is None else before.get(TICKET)
        return {**sealed, TICKET: ticket} if ticket else sealed

    def _session_of(self, mail_id: str) -> str | None:
        found = self._inner.get(mail_id)
        return None if found is None else found.session

    def _last(self, session: str, mail_id: str, last: Mapping[str, Any]) -> Mapping[str, Any]:
        if session in NO_SESSIONS or not last:
            return last
        try:
            sealed = self._vault.seal_value(last, Place(session, Kind.SENT_MAIL_LAST, mail_id))
        except KeyAway:  # whoever hears of it is not who may open the session: what is left is that it was so
            return clear(last, _CLEAR)
        return {**clear(last, _CLEAR), **sealed}

    def _outside(self, mail: OutgoingMail) -> OutgoingMail:
        try:
            return self._opened(mail)
        except KeyAway:
            return replace(mail, body={}, last=clear(mail.last, _CLEAR))

    def _opened(self, mail: OutgoingMail) -> OutgoingMail:
        of = mail.session
        if of in NO_SESSIONS:
            return mail
        ticket = mail.body.get(TICKET)
        if isinstance(ticket, bytes):
            self._vault.redeem(of, mail.id, ticket)
        body = mail.body and self._vault.open_value(mail.body, Place(of, Kind.SENT_MAIL, mail.id))
        last = mail.last
        if SEALED in last:
            last = self._vault.open_value(last, Place(of, Kind.SENT_MAIL_LAST, mail.id))
        return replace(mail, body=body, last=last)
