"""Keeping mails: who an address belongs to, what id a mail gets, and telling the interview service."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterable
from datetime import datetime

from services.mail_ingest.recipients import local_part
from shared.bus.messages import Bus, BusError, Job
from shared.store.ports import Mails
from shared.store.records import Address, Mail

log = logging.getLogger(__name__)

_MESSAGE_ID = re.compile(rb"^message-id[ \t]*:[ \t]*\S", re.IGNORECASE | re.MULTILINE)


class Reception:
    """Blocking, and safe in threads. Methods raise `StoreError` as the store does."""

    def __init__(self, *, mails: Mails, bus: Bus, clock: Callable[[], datetime], domain: str) -> None:
        self._mails = mails
        self._bus = bus
        self._clock = clock
        self._domain = domain

    def find(self, recipient: str) -> Address | None:
        """The session's address that the argument of RCPT means."""
        name = local_part(recipient, domain=self._domain)
        return None if name is None else self._mails.find(name)

    def keep(self, *, recipients: Iterable[str], sender: str, raw: bytes, transaction: str) -> list[str]:
        """Keep one mail for each recipient that (still) has a session; when this returns, they are durable. Their ids."""
        ids = []
        # Looked up again, for a session may have been deleted since RCPT; and one address may be spelled in several ways.
        found = {address.address: address for address in map(self.find, recipients) if address is not None}
        for address in found.values():
            mail = Mail(
                id=mail_id(address=address.address, sender=sender, raw=raw, transaction=transaction),
                address=address.address,
                session=address.session,
                sender=sender,
                received=self._clock(),
                raw=raw,
            )
            fresh = self._mails.keep(mail)
            log.info("mail_kept" if fresh else "mail_known", extra={"mail": mail.id, "session": mail.session})
            ids.append(mail.id)
        return ids

    def announce(self, ids: Iterable[str]) -> None:
        """Send the jobs. What cannot be sent now is found by the clock's sweep."""
        for one in ids:
            try:
                self._bus.send(Job(queue="mail", id=one, body={"mail": one}))
            except BusError as error:
                log.warning("mail_waits", extra={"mail": one, "error": type(error).__name__})


def mail_id(*, address: str, sender: str, raw: bytes, transaction: str) -> str:
    """The same for the same mail delivered again, so that it is kept once.

    A sender that got no answer sends the same bytes again, in another transaction. What has no Message-ID may be two mails that
    look alike, each of them meant; those are told apart by their transactions.
    """
    headers = raw.partition(b"\r\n\r\n")[0]
    if _MESSAGE_ID.search(headers):
        transaction = ""
    digest = hashlib.sha256()
    for part in (address.encode(), sender.encode(), transaction.encode(), raw):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:40]
