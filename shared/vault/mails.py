"""Mails behind a vault: whole messages, their senders, and what an address was obtained for.

Who keeps a mail need not have the session's key: an address holds the public half of its session's mailbox, and a mail is sealed to that.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from shared.store import checks
from shared.store.delivery import Delivery, Destination
from shared.store.overview import Page
from shared.store.packing import pack
from shared.store.ports import Mails
from shared.store.records import NO_SESSIONS, Address, Mail, MailHead, head_of
from shared.vault import mailboxes
from shared.vault.ports import CannotUnseal, KeyAway, Kind, Place, Vault
from shared.vault.sealing import is_sealed

#: The entry of an address's user that holds the public half of the mailbox.
MAILBOX: Final = "mailbox"
#: How the base64 of what is sealed to a mailbox begins.
_SENT: Final = "UE1BSUwB"


def is_sealed_mail(mail: Mail) -> bool:
    """Whether `mail`, as the database has it, can be read by those of its session alone."""
    return mailboxes.is_sent(mail.raw) or is_sealed(mail.raw)


class VaultedMails:
    def __init__(self, inner: Mails, vault: Vault) -> None:
        self._inner = inner
        self._vault = vault

    def open(self, address: Address) -> bool:
        checks.check_address(address)
        pack("user", address.user, limit=checks.EXTRA_BYTES)
        of, name = address.session, address.address
        key = None if address.key is None else self._vault.seal_text(address.key, Place(of, Kind.ADDRESS_KEY, name))
        user = self._vault.seal_value(address.user, Place(of, Kind.USER, name))
        mailbox = self._vault.mailbox(of)
        return self._inner.open(replace(address, key=key, user={**user, MAILBOX: mailbox} if mailbox else user))

    def find(self, address: str) -> Address | None:
        """Where the key is away, whose it is and nothing else."""
        found = self._inner.find(address)
        if found is None:
            return None
        try:
            return self._opened_address(found)
        except KeyAway:
            return replace(found, key=None, user={})

    def destination(self, address: str) -> Destination | None:
        return self._inner.destination(address)

    def keep(self, mail: Mail, *, head: bytes | None = None) -> bool:
        checks.check_mail(mail)
        if mail.session in NO_SESSIONS:
            return self._inner.keep(mail, head=head)
        mail, head = self._sealed(mail, head, self._inner.find(mail.address.partition("+")[0]))
        return self._inner.keep(mail, head=head)

    def deliver(self, mail: Mail, *, to: Address, head: bytes | None = None) -> Delivery:
        checks.check_mail(mail)
        mail, head = self._sealed(mail, head, to)
        return self._inner.deliver(mail, to=to, head=head)

    def known(self, ids: Sequence[str], *, since: datetime) -> str | None:
        return self._inner.known(ids, since=since)

    def _sealed(self, mail: Mail, head: bytes | None, to: Address | None) -> tuple[Mail, bytes]:
        """The mail and its header, sealed to the mailbox that its address (as it is kept) has."""
        head = head_of(mail.raw) if head is None else head
        mailbox = None if to is None or to.session != mail.session else to.user.get(MAILBOX)
        if not isinstance(mailbox, bytes):
            return self._sealed_without_mailbox(mail, head)

        parts = ((Kind.SENDER, mail.sender.encode()), (Kind.MAIL, mail.raw), (Kind.MAIL_HEAD, head))
        sender, raw, head = self._vault.seal_to(
            mailbox, *((data, Place(mail.session, kind, mail.id)) for kind, data in parts)
        )
        return replace(mail, raw=raw, sender=base64.urlsafe_b64encode(sender).decode("ascii")), head

    def _sealed_without_mailbox(self, mail: Mail, head: bytes) -> tuple[Mail, bytes]:
        """To an address of before there was sealing: sealed if the session's key is here, which a receiver does not have."""
        of, name = mail.session, mail.id
        try:
            raw = self._vault.seal(mail.raw, Place(of, Kind.MAIL, name))
            sender = self._vault.seal_text(mail.sender, Place(of, Kind.SENDER, name))
            return replace(mail, raw=raw, sender=sender), self._vault.seal(head, Place(of, Kind.MAIL_HEAD, name))
        except KeyAway:
            return mail, head

    def get(self, mail_id: str) -> Mail | None:
        """Where the key is away, whose it is and nothing of what it says."""
        found = self._inner.get(mail_id)
        if found is None:
            return None
        try:
            return self._opened(found)
        except KeyAway:
            return replace(found, raw=b"", sender="")

    def of_session(self, session_id: str) -> list[Mail]:
        return [self._opened(mail) for mail in self._inner.of_session(session_id)]

    def heads(self, session_id: str, *, after: str = "", limit: int = 100) -> Page[MailHead]:
        found = self._inner.heads(session_id, after=after, limit=limit)
        return Page(tuple(self._opened_head(one) for one in found.lines), found.after)

    def done(self, mail_id: str) -> None:
        self._inner.done(mail_id)

    def remove(self, mail_id: str) -> bool:
        return self._inner.remove(mail_id)

    def dissected(self, mail_id: str, *, session: str, parts: bytes) -> bool:
        checks.check_bytes(f"mail {mail_id}: parts", parts, limit=checks.PARTS_BYTES)
        sealed = self._vault.seal(parts, Place(session, Kind.MAIL_PARTS, mail_id))
        return self._inner.dissected(mail_id, session=session, parts=sealed)

    def parts(self, mail_id: str, *, session: str) -> bytes | None:
        found = self._inner.parts(mail_id, session=session)
        return None if found is None else self._vault.open(found, Place(session, Kind.MAIL_PARTS, mail_id))

    def retire(self, session_id: str, *, now: datetime) -> None:
        self._inner.retire(session_id, now=now)

    def gone(self, address: str) -> bool:
        return self._inner.gone(address)

    def forget_gone(self, *, before: datetime, limit: int) -> int:
        return self._inner.forget_gone(before=before, limit=limit)

    def waiting_of(self, session_id: str, *, limit: int) -> list[str]:
        return self._inner.waiting_of(session_id, limit=limit)

    def waiting(self, *, older_than: datetime, limit: int) -> list[str]:
        return self._inner.waiting(older_than=older_than, limit=limit)

    def addresses(self, session_id: str) -> list[Address]:
        return [self._opened_address(one) for one in self._inner.addresses(session_id)]

    def _opened(self, mail: Mail) -> Mail:
        if mail.session in NO_SESSIONS:
            return mail
        return replace(
            mail,
            raw=self._vault.open_sent(mail.raw, Place(mail.session, Kind.MAIL, mail.id)),
            sender=self._opened_sender(mail),
        )

    def _opened_head(self, mail: MailHead) -> MailHead:
        if mail.session in NO_SESSIONS:
            return mail
        return replace(
            mail,
            head=self._vault.open_sent(mail.head, Place(mail.session, Kind.MAIL_HEAD, mail.id)),
            sender=self._opened_sender(mail),
        )

    def _opened_sender(self, mail: Mail | MailHead) -> str:
        place = Place(mail.session, Kind.SENDER, mail.id)
        if not mail.sender.startswith(_SENT):
            return self._vault.open_text(mail.sender, place)
        try:
            data = base64.b64decode(mail.sender, altchars=b"-_", validate=True)
        except ValueError:
            raise CannotUnseal("the sender of a mail cannot be opened: it is no base64") from None
        return self._vault.open_sent(data, place).decode()

    def _opened_address(self, address: Address) -> Address:
        of, name = address.session, address.address
        key = None if address.key is None else self._vault.open_text(address.key, Place(of, Kind.ADDRESS_KEY, name))
        return replace(address, key=key, user=self._vault.open_value(address.user, Place(of, Kind.USER, name)))
