"""Keeping mails: who an address belongs to, whether there is room, what id a mail gets, and telling the interview service."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.mail_ingest.identity import WINDOW, mail_ids
from services.mail_ingest.recipients import recipient
from services.mail_turns import job
from shared.bus.messages import Bus, BusError
from shared.store.delivery import Delivery
from shared.store.ports import Mails
from shared.store.records import OPERATOR, Address, Mail

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an address means. `address`, as it is kept, is None if no session has it; `gone`: one had it.

    `size`: bytes of mail that its session has.
    """

    address: Address | None = None
    size: int = 0
    tag: str = ""
    gone: bool = False

    @property
    def session(self) -> str:
        return "" if self.address is None else self.address.session


class Reception:
    """Blocking, and safe in threads. Methods raise `StoreError` as the store does. `keys` make ids of mails (`identity`)."""

    def __init__(
        self, *, mails: Mails, bus: Bus, clock: Callable[[], datetime], domains: Sequence[str], keys: Sequence[bytes]
    ) -> None:
        self._keys = tuple(keys)
        self._mails = mails
        self._bus = bus
        self._clock = clock
        self._domains = tuple(domain.rstrip(".").lower() for domain in domains)

    def find(self, written: str) -> Found:
        """What the argument of RCPT means."""
        meant = recipient(written, domains=self._domains)
        if meant is None:
            return Found()
        if meant.operator:
            return Found(
                address=Address(address=meant.name, session=OPERATOR, key=None, index=None, created=self._clock())
            )
        known = self._mails.destination(meant.name)
        if known is None:
            return Found(gone=self._mails.gone(meant.name))
        return Found(address=known.address, size=known.size, tag=meant.tag)

    def keep(
        self, *, recipients: Iterable[Found], sender: str, raw: bytes, front: bool = False, marked: bytes | None = None
    ) -> list[str | None]:
        """Keep one mail for each recipient that (still) has a session; when this returns, they are durable.

        `recipients` are what `find` gave, however long ago. For each the id of its mail, or None: its session is gone. A session has a mail
        once, however its address was spelled.
        `front`: a server of the operator's own hands it over. `marked`: the mail with what we found out about its sender, kept instead of
        `raw`, by which it is known.
        """
        ids: list[str | None] = []
        kept: dict[str, str | None] = {}
        for found in recipients:
            if found.address is None:
                ids.append(None)
                continue
            name = found.address.address
            if name not in kept:
                kept[name] = self._keep_one(found.address, found.tag, sender, raw, front, marked)
            ids.append(kept[name])
        return ids

    def _keep_one(
        self, address: Address, tag: str, sender: str, raw: bytes, front: bool, marked: bytes | None
    ) -> str | None:
        now = self._clock()
        first, *earlier = mail_ids(address=address.address, sender=sender, raw=raw, at=now, keys=self._keys)
        known = self._mails.known(earlier, since=now - WINDOW) if earlier else None
        if known is not None:
            log.info("mail_known", extra={"mail": known, "session": address.session})
            return known
        mail = Mail(
            id=first,
            address=f"{address.address}+{tag}" if tag else address.address,
            session=address.session,
            sender=sender,
            received=now,
            raw=raw if marked is None else marked,
            front=front or marked is not None,
        )
        done = self._delivered(mail, address)
        if done is Delivery.GONE:
            return None
        log.info(
            "mail_kept" if done is Delivery.KEPT else "mail_known", extra={"mail": mail.id, "session": mail.session}
        )
        return mail.id

    def _delivered(self, mail: Mail, to: Address) -> Delivery:
        if to.session != OPERATOR:
            return self._mails.deliver(mail, to=to)
        return Delivery.KEPT if self._mails.keep(mail) else Delivery.KNOWN

    def announce(self, kept: Mapping[str, str]) -> None:
        """Send the jobs of mails, by their ids, for sessions. What cannot be sent now is found by the clock's sweep."""
        for one, session in kept.items():
            try:
                self._bus.send(job(one, "" if session == OPERATOR else session))
            except BusError as error:
                log.warning("mail_waits", extra={"mail": one, "error": type(error).__name__})
