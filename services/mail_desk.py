"""What operators see of mail, and do with it: the port behind ``parley mail``, which a console's page will read, too.

Lists and counts hold nothing of a mail; one that is looked at (`show`) is shown without its attachments. Both systems, over the store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Final

from services.mail_ingest.refusals import refused_since
from services.mail_turns import task_of
from shared.bus.messages import Bus, BusError, Job
from shared.contract.tasks import TaskStatus
from shared.mail.headers import split
from shared.store.overview import COUNTED, Line, MailLine, Page
from shared.store.ports import Store
from shared.store.records import MAIL_ENDED, OutgoingMail, head_of
from shared.vault.mails import is_sealed_mail
from shared.vault.ports import SEALED

_SEALED = "sealed, for the people of the session alone"
#: Lines that are read at a time where all of some hours are counted.
_PAGE: Final = 500
#: Fields of a header that say what a mail is. The rest is in the raw message.
_SHOWN = ("From", "To", "Cc", "Subject", "Date", "Message-ID", "Content-Type", "Auto-Submitted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """`incoming` waits to be acted on; `outgoing` by status; `oldest`: when the mail that waits longest was to be sent first."""

    incoming: int
    outgoing: Mapping[str, int]
    oldest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What came in the hour from `begin`: mails that wait, mails acted on (or kept, where nothing acts), actions that failed by their error,
    and what was refused by its reason.
    """

    begin: datetime
    waiting: int
    acted: int
    failed: Mapping[str, int]
    refused: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One mail: `way` is in or out; `about` are names with values, in the order in which they are to be read."""

    way: str
    about: tuple[tuple[str, str], ...]


class MailDesk:
    """`bus` may be None where there is none to reach (the embedded system's is its own): then what is asked for waits for the next sweep.

    `opened` is the store behind what opens sessions here; without it, or where it opens nothing, a sealed mail is shown as one.
    """

    def __init__(
        self, store: Store, *, clock: Callable[[], datetime], bus: Bus | None = None, opened: Store | None = None
    ) -> None:
        self._store = store
        self._opened = opened or store
        self._clock = clock
        self._bus = bus

    def counts(self) -> Counts:
        now = self._clock()
        incoming = self._store.overview.counts(now=now, queued_before=now).mails
        waiting = self._store.outgoing.page("queued", limit=1).lines
        return Counts(
            incoming=incoming,
            outgoing=self._store.outgoing.counts(),
            oldest=waiting[0].created if waiting else None,
        )

    def hours(self, count: int) -> list[Hour]:
        """What came in each of the last `count` hours, the newest first; hours in which nothing came are left out.

        Of what was refused only the number is kept, for seven days.
        """
        since = self._clock().replace(minute=0, second=0, microsecond=0) - timedelta(hours=count - 1)
        waiting, acted = (self._by_hour(status, since) for status in ("received", "done"))
        failed = self._failed(since)
        refused = refused_since(self._store.schedule, since)
        return [
            Hour(
                begin=hour,
                waiting=waiting[hour],
                acted=acted[hour],
                failed=dict(failed.get(hour, {})),
                refused=dict(refused.get(hour, {})),
            )
            for hour in sorted({*waiting, *acted, *failed, *refused}, reverse=True)
        ]

    def _by_hour(self, status: str, since: datetime) -> Counter[datetime]:
        """The mails of one status by the hours in which they came."""
        pages = _pages(lambda after: self.incoming(status, after=after, limit=_PAGE))
        return Counter(_hour(line.received) for line in takewhile(lambda line: line.received >= since, pages))

    def _failed(self, since: datetime) -> dict[datetime, Counter[str]]:
        """The actions of mails that failed, by the hour in which they began and the kind of their error."""
        found: dict[datetime, Counter[str]] = {}
        pages = _pages(lambda after: self._store.overview.tasks("failed", newest_first=True, after=after, limit=_PAGE))
        for line in takewhile(lambda line: line.created >= since, pages):
            if line.origin == "email":
                found.setdefault(_hour(line.created), Counter())[line.error_type or "unknown"] += 1
        return found

    def incoming(self, status: str, *, after: str = "", limit: int = 50) -> Page[MailLine]:
        return self._store.overview.mails(status, newest_first=True, after=after, limit=limit)

    def outgoing(self, status: str, *, after: str = "", limit: int = 50) -> Page[OutgoingMail]:
        return self._store.outgoing.page(status, after=after, limit=limit)

    def show(self, mail_id: str) -> Shown | None:
        sent = self._store.outgoing.get(mail_id)
        if sent is not None:
            if SEALED in sent.body:
                sent = self._opened.outgoing.get(mail_id) or sent
            return Shown(way="out", about=tuple(_about_sent(sent)))
        received = self._store.mails.get(mail_id)
        if received is None:
            return None
        size = len(received.raw)
        if is_sealed_mail(received):
            opened = self._opened.mails.get(mail_id)
            received = opened if opened is not None and opened.raw else received
        about = [
            ("status", received.status),
            ("session", received.session),
            ("address", received.address),
            ("received", received.received.isoformat()),
            ("bytes", str(size)),
        ]
        task = self._store.tasks.get(task_of(mail_id))
        if task is not None:
            failed = f" ({task.result.get('error_type')})" if task.status == TaskStatus.FAILED else ""
            about.append(("action", f"{task.status}{failed}, task {task.id}"))
        if is_sealed_mail(received):
            about.append(("contents", _SEALED))
        else:
            header, _ = split(head_of(received.raw))
            about.append(("sender", received.sender or "<>"))
            about += [(name, field.text) for name in _SHOWN for field in header.all(name)]
        return Shown(way="in", about=tuple(about))

    def retry(self, mail_id: str) -> bool:
        """Send one again that failed, or at once one that waits; act again on one that came. False: there is no such mail, or it has been sent."""
        if self._store.outgoing.get(mail_id) is not None:
            if not self._store.outgoing.again(mail_id, now=self._clock()):
                return False
            self._send("send", mail_id)
            return True
        found = self._store.mails.get(mail_id)
        if found is None or found.status == "done":
            return False
        self._send("mail", mail_id)
        return True

    def failed_action(self, mail_id: str) -> str | None:
        """The task of a mail that came, if it failed: that is what is to be tried again, not the mail."""
        task = self._store.tasks.get(task_of(mail_id))
        return task.id if task is not None and task.status == TaskStatus.FAILED else None

    def delete(self, mail_id: str) -> bool:
        """Forget a mail, whichever way it goes. Files that an interview has of one that came stay with the answers."""
        return self._store.outgoing.remove(mail_id) or self._store.mails.remove(mail_id)

    def _send(self, queue: str, mail_id: str) -> None:
        if self._bus is None:
            return
        try:
            self._bus.send(Job(queue=queue, id=mail_id, body={"mail": mail_id}))
        except BusError:
            return  # the sweep finds it


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _pages(read: Callable[[str], Page[Line]]) -> Iterator[Line]:
    """Lines of page after page, up to as many as are counted anywhere (`COUNTED`)."""
    after: str | None = ""
    for _ in range(COUNTED // _PAGE):
        page = read(after or "")
        yield from page.lines
        after = page.after
        if after is None:
            return


def _about_sent(mail: OutgoingMail) -> list[tuple[str, str]]:
    last: Mapping[str, Any] = mail.last
    about = [
        ("status", mail.status),
        ("session", mail.session),
        ("server", mail.server or "default"),
        ("created", mail.created.isoformat()),
        ("tries", str(mail.attempts)),
    ]
    if mail.status not in MAIL_ENDED:
        about.append(("due", mail.due.isoformat()))
    if last:
        about.append(("last words", f"{last.get('code') or ''} {last.get('text') or ''}".strip()))
    if last.get("refused"):
        about.append(("refused", ", ".join(last["refused"])))
    for name in ("to", "cc", "bcc", "left"):
        if mail.body.get(name):
            about.append((name, ", ".join(mail.body[name])))
    if mail.body.get("subject"):
        about.append(("subject", str(mail.body["subject"])))
    if SEALED in mail.body or (not mail.body and mail.status not in MAIL_ENDED):
        about.append(("contents", _SEALED))
    if mail.body.get("attachments"):
        about.append(("attachments", str(len(mail.body["attachments"]))))
    return about
