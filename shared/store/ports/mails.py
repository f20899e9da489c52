"""Mail: addresses of sessions and what came to them; what leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from shared.store.delivery import Delivery, Destination
from shared.store.overview import COUNTED, Page
from shared.store.records import Address, Mail, MailHead, OutgoingMail


class Mails(Protocol):
    def open(self, address: Address) -> bool:
        """Insert; False if this address exists (then it is the caller's own from an earlier try, or a clash: `find` tells)."""
        ...

    def find(self, address: str) -> Address | None: ...
    def destination(self, address: str) -> Destination | None:
        """Whose an address is and how much mail that session has, in one question: for whoever delivers."""
        ...

    def deliver(self, mail: Mail, *, to: Address, head: bytes | None = None) -> Delivery:
        """`keep` for the session of `to`, as `destination` gave it, however long ago: whether the session is still there is found out here."""
        ...

    def known(self, ids: Sequence[str], *, since: datetime) -> str | None:
        """The first of these mails that is kept and was received after `since`."""
        ...

    def keep(self, mail: Mail, *, head: bytes | None = None) -> bool:
        """Insert; False if the id exists. `head` is what `heads` gives, for whoever keeps `raw` in another form."""
        ...

    def get(self, mail_id: str) -> Mail | None: ...
    def of_session(self, session_id: str) -> list[Mail]:
        """All of them, whole: for tests and for operators. An interview lists `heads`."""
        ...

    def heads(self, session_id: str, *, after: str = "", limit: int = 100) -> Page[MailHead]:
        """The mails of a session without their contents, oldest first."""
        ...

    def dissected(self, mail_id: str, *, session: str, parts: bytes) -> bool:
        """Keep what the mail is made of (`shared.contract.mail`). False if somebody was faster: then theirs counts."""
        ...

    def parts(self, mail_id: str, *, session: str) -> bytes | None:
        """What `dissected` kept; None until then."""
        ...

    def done(self, mail_id: str) -> None: ...
    def remove(self, mail_id: str) -> bool:
        """Forget a mail, and what it was found to be made of; False if there is none. Files of its parts stay with the session."""
        ...

    def waiting_of(self, session_id: str, *, limit: int) -> list[str]:
        """Ids of the mails of a session that are not done, in the order in which they came."""
        ...

    def retire(self, session_id: str, *, now: datetime) -> None:
        """Its addresses are about to go with the session: keep a digest of each, so that senders can be told."""
        ...

    def gone(self, address: str) -> bool:
        """Whether the address was retired."""
        ...

    def forget_gone(self, *, before: datetime, limit: int) -> int:
        """Forget such addresses that went before `before`, at most `limit`; how many it were."""
        ...

    def waiting(self, *, older_than: datetime, limit: int) -> list[str]:
        """Ids of mails not done that were received at `older_than` or before, oldest first."""
        ...

    def addresses(self, session_id: str) -> list[Address]: ...


class Outgoing(Protocol):
    """Mails that leave: rows with a lease, like tasks. They outlive their session until they have been sent."""

    def add(self, mail: OutgoingMail) -> bool:
        """Insert; False (and nothing changed) if the id exists."""
        ...

    def get(self, mail_id: str) -> OutgoingMail | None: ...
    def claim(
        self, mail_id: str, *, lease: str, now: datetime, length: timedelta, ahead: timedelta = timedelta(0)
    ) -> OutgoingMail | None:
        """Take one that is due, or will be within `ahead`, or whose lease has run out. None if it is someone else's, ended, or not due yet.

        `attempts` rises by one.
        """
        ...

    def heartbeat(self, mail_id: str, *, lease: str, now: datetime, length: timedelta) -> bool:
        """False: the lease was lost."""
        ...

    def later(
        self, mail_id: str, *, lease: str, due: datetime, last: Mapping[str, Any], body: Mapping[str, Any] | None = None
    ) -> bool:
        """Give it back, to be tried at `due`. `body` replaces what is to be sent (to fewer recipients). False: the lease was lost."""
        ...

    def renew(self, mail_id: str, *, body: Mapping[str, Any]) -> bool:
        """Put another body in the place of that of one that waits: sealed anew, say. False: it does not wait."""
        ...

    def put_off(self, mail_id: str, *, lease: str, due: datetime) -> bool:
        """Give it back untried: it was no attempt."""
        ...

    def finish(self, mail_id: str, *, lease: str, status: str, last: Mapping[str, Any], now: datetime) -> bool:
        """End it (sent, failed) under `lease`, once. What was sent has no body any more. False: the lease was lost."""
        ...

    def bounce(self, mail_id: str, *, last: Mapping[str, Any], now: datetime) -> bool:
        """One that was sent came back. False if it was not sent."""
        ...

    def again(self, mail_id: str, *, now: datetime) -> bool:
        """Try one that failed again from the beginning, or one that waits at once."""
        ...

    def remove(self, mail_id: str) -> bool: ...
    def due(self, *, now: datetime, limit: int) -> list[str]:
        """Ids of those to be tried: due at `now`, or with a lease that ran out; the one that is due longest first."""
        ...

    def waiting_of(self, session: str, *, limit: int = 1000) -> list[OutgoingMail]:
        """Those of the session that are neither sent nor failed, with their bodies."""
        ...

    def latest(self, session: str, task: str) -> OutgoingMail | None:
        """The newest mail of a session for a task (`records.task_digest`), without its body."""
        ...

    def page(self, status: str, *, after: str = "", limit: int = 100) -> Page[OutgoingMail]:
        """Those of one status without their bodies, the one created first first."""
        ...

    def counts(self, *, most: int = COUNTED) -> dict[str, int]:
        """Number of mails by status, each up to `most`; every status is there."""
        ...

    def forget(self, *, before: datetime, limit: int) -> int:
        """Remove those that ended before `before`, at most `limit`; how many it were."""
        ...
