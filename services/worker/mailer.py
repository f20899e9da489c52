"""Sending mail: one ``send`` job, one mail tried once, as a mail server would try it.

4xx, no answer and broken off: again after 1, 5, 15, 30, 60 minutes, then hourly, for two days. 5xx: final at once. Recipients that are refused
while others are not fail alone. The row is held by a lease that is renewed: what a worker that died was handing over another takes up as
soon as the lease has run out, with the same Message-ID; that is the one case in which somebody may get a mail twice.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from prometheus_client import Counter

from services.erasing import erase
from services.notices import Notices
from services.outgoing import FOLDER, OutgoingServer
from services.outgoing import Kind as ServerKind
from services.worker.handing_over import Answer, Deferred, NotTaken, Taken, Transport, bare
from services.worker.lanes import Lane
from services.worker.messages import attachments_of, message_of
from services.worker.transports import transport_of
from shared.bus.messages import Bus, BusError, CallFailed, Job
from shared.contract.errors import NoSession
from shared.store.ports import Store
from shared.store.records import NO_SESSIONS, OutgoingMail, task_digest
from shared.vault.plain import PLAIN
from shared.vault.ports import KeyAway, Kind, Place, Vault

log = logging.getLogger(__name__)

SENT_MAILS = Counter("parley_mails_sent_total", "Times a mail was handed over, and whether it was taken", ["ended"])
for _ended in ("well", "later", "failed"):
    SENT_MAILS.labels(_ended)

#: Minutes until the next try, by the number of tries so far; then hourly.
PLAN: Final = (1, 5, 15, 30, 60)
HOURLY: Final = timedelta(hours=1)
GIVE_UP: Final = timedelta(days=2)
LEASE: Final = timedelta(seconds=15)
#: How long a mail that found its server busy waits at most to be looked at again, if it is not called before.
BUSY: Final = timedelta(seconds=5)


def next_try(mail: OutgoingMail, *, now: datetime) -> datetime | None:
    """When a mail that was put off is to be tried again; None: it has been tried for long enough."""
    waits = PLAN[mail.attempts - 1] if mail.attempts <= len(PLAN) else None
    due = now + (HOURLY if waits is None else timedelta(minutes=waits))
    return None if due - mail.created > GIVE_UP else due


class Mailer:
    """`servers` are those of the settings, the default first; without one mails become files in `folder`, if there is one."""

    def __init__(
        self,
        *,
        store: Store,
        bus: Bus,
        servers: Sequence[OutgoingServer],
        clock: Callable[[], datetime],
        sender: str,
        domain: str,
        folder: Path,
        notices: Notices,
        vault: Vault = PLAIN,
        transport: Callable[[OutgoingServer], Transport] | None = None,
        lease: timedelta = LEASE,
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._sender = sender
        self._domain = domain
        self._notices = notices
        self._vault = vault
        self._lease = lease
        known = tuple(servers) or (OutgoingServer(name=FOLDER, kind=ServerKind.FOLDER),)
        make = transport or (lambda server: transport_of(server, folder=folder))
        self._default = known[0]
        self._servers = {server.name: server for server in known}
        self._transports = {server.name: make(server) for server in known}
        self._lanes = {server.name: Lane(per_minute=server.per_minute) for server in known}

    def close(self) -> None:
        for transport in self._transports.values():
            transport.close()

    def handle(self, job: Job) -> None:
        """One ``send`` job: ``{"mail": id}``. Nothing happens if the mail is not due, is somebody else's, or has ended.

        With ``"called"``, the name of its server, it found that busy before, and may come a little before it is due.
        """
        try:
            mail_id = self._adopted(job)
        except KeyAway:
            log.error("mail_too_late", extra={"mail": str(job.body.get("mail_id"))})
            return
        lease, now = secrets.token_hex(12), self._clock()
        called = self._lanes.get(str(job.body.get("called")))
        if called is None and self._waits(mail_id):
            return
        ahead = 2 * BUSY if called is not None else timedelta(0)
        try:
            mail = self._store.outgoing.claim(mail_id, lease=lease, now=now, length=self._lease, ahead=ahead)
        except KeyAway:
            self._too_late(mail_id, lease)
            mail = None
        if mail is None:
            if (
                called is not None
            ):  # the place that it was called to is another's: else all would wait, and nobody leave
                self._call(called.following(), str(job.body["called"]))
            return
        server = self._servers.get(mail.server, self._default)
        lane = self._lanes[server.name]
        turn = lane.turn(mail.id, now)
        if turn is not None:
            self._store.outgoing.put_off(mail.id, lease=lease, due=turn)
            return
        if not lane.enter():
            self._store.outgoing.put_off(mail.id, lease=lease, due=now + BUSY)
            if not lane.wait(mail.id):
                self._call(mail.id, server.name)
            return
        try:
            with self._held(mail):
                self._try(mail, server)
        finally:
            self._call(lane.leave(), server.name)

    def _waits(self, mail_id: str) -> bool:
        """Whether it must wait for its turn, where there is only one server: then nothing is asked about it before."""
        return len(self._lanes) == 1 and next(iter(self._lanes.values())).wait(mail_id)

    def _too_late(self, mail_id: str, lease: str) -> None:
        """The mail waited for longer than it may open its session: nobody can read it any more, nor tell who wrote it."""
        SENT_MAILS.labels("failed").inc()
        log.error("mail_too_late", extra={"mail": mail_id})
        last = {"code": 0, "text": "it waited for too long", "at": self._clock()}
        if (mail := self._store.outgoing.get(mail_id)) is not None:
            self._clear_up(mail)
        self._store.outgoing.finish(mail_id, lease=lease, status="failed", last=last, now=self._clock())

    # ------------------------------------------------------------------ one try

    def _try(self, mail: OutgoingMail, server: OutgoingServer) -> None:
        if mail.last.get("final"):  # only whoever wrote it is still to be told
            self._failed(mail, mail.last)
            return
        body = mail.body
        left = [bare(one) for one in body.get("left") or [*body["to"], *body.get("cc", ()), *body.get("bcc", ())]]
        left = list(dict.fromkeys(one for one in left if one))
        try:
            message = message_of(
                body,
                mail_id=mail.id,
                at=mail.created,
                sender=server.sender or self._sender,
                domain=self._domain,
                attachments=attachments_of(self._store, body, session=mail.session, mail_id=mail.id),
            )
            sender = bare(str(message["From"]))
        except (ValueError, LookupError, TypeError) as error:
            self._end(mail, "failed", {"code": 0, "text": f"it cannot be made into a message ({type(error).__name__})"})
            return
        try:
            taken = self._transports[server.name].send(
                message, sender=sender, recipients=left, variables=body.get("variables") or {}
            )
        except Deferred as error:
            self._later(mail, error.answer, error.refused, left)
        except NotTaken as error:
            self._end(mail, "failed", _last(error.answer, self._clock(), error.refused, before=mail.last))
        else:
            self._taken(mail, taken)

    def _taken(self, mail: OutgoingMail, taken: Taken) -> None:
        again = [one for one, answer in taken.refused.items() if not answer.final]
        last = _last(taken.answer, self._clock(), taken.refused, before=mail.last)
        if not again:
            self._end(mail, "sent", last)
            return
        self._wait(mail, {**last, "reached": True}, left=again, answer=taken.refused[again[0]])

    def _later(self, mail: OutgoingMail, answer: Answer, refused: Mapping[str, Answer], left: Sequence[str]) -> None:
        """Put off, for those who were not refused for good."""
        last = _last(answer, self._clock(), refused, before=mail.last)
        self._wait(mail, last, left=[one for one in left if not (one in refused and refused[one].final)], answer=answer)

    def _wait(self, mail: OutgoingMail, last: Mapping[str, Any], *, left: Sequence[str], answer: Answer) -> None:
        now = self._clock()
        due = next_try(mail, now=now)
        if due is None:
            tired = {**last, "text": f"given up after {mail.attempts} tries: {answer.text}", "code": answer.code}
            self._end(
                mail, "sent" if last.get("reached") else "failed", {**tired, "refused": [*last["refused"], *left]}
            )
            return
        SENT_MAILS.labels("later").inc()
        log.warning(
            "mail_put_off",
            extra={
                "mail": mail.id,
                "session": mail.session,
                "code": answer.code,
                "text": answer.text,
                "attempt": mail.attempts,
            },
        )
        told = {**last, "code": answer.code, "text": answer.text}
        self._store.outgoing.later(mail.id, lease=mail.lease or "", due=due, last=told, body=self._fewer(mail, left))

    def _fewer(self, mail: OutgoingMail, left: Sequence[str]) -> Mapping[str, Any] | None:
        """The body for those who are left; None: it stays as it was."""
        return None if mail.body.get("left") == list(left) else {**mail.body, "left": list(left)}

    def _end(self, mail: OutgoingMail, status: str, last: Mapping[str, Any]) -> None:
        about = {
            "mail": mail.id,
            "session": mail.session,
            "code": last.get("code"),
            "text": last.get("text"),
            "attempt": mail.attempts,
        }
        if status != "sent":
            SENT_MAILS.labels("failed").inc()
            log.error("mail_failed_for_good", extra=about)
            self._failed(mail, last)
            return
        SENT_MAILS.labels("well").inc()
        self._clear_up(mail)
        if self._store.outgoing.finish(mail.id, lease=mail.lease or "", status="sent", last=last, now=self._clock()):
            log.info("mail_sent", extra=about)

    def _failed(self, mail: OutgoingMail, last: Mapping[str, Any]) -> None:
        """Tell whoever wrote it, then end it. Whoever is away is told later."""
        try:
            self._bus.call(
                "interview",
                "mail_failed",
                mail=mail.id,
                code=int(last.get("code") or 0),
                text=str(last.get("text", "")),
            )
        except NoSession:
            pass
        except CallFailed as error:
            log.warning("mail_author_not_told", extra={"mail": mail.id, "error": error.kind})
            due = self._clock() + timedelta(minutes=1)
            self._store.outgoing.later(mail.id, lease=mail.lease or "", due=due, last={**last, "final": True})
            return
        self._clear_up(mail)
        ended = {name: value for name, value in last.items() if name != "final"}
        if self._store.outgoing.finish(mail.id, lease=mail.lease or "", status="failed", last=ended, now=self._clock()):
            self._notices.tell(
                f"mail {last.get('code')} {last.get('text')}",
                subject="A mail could not be sent",
                text=f"Mail {mail.id} of session {mail.session} has failed for good: {last.get('code') or ''} {last.get('text')}\n",
            )

    def _clear_up(self, mail: OutgoingMail) -> None:
        """What a deleted session left for this mail, which will not be sent any more. Before that is written: else nobody would come back."""
        enclosed = mail.body.get("attachments") or not mail.body
        if enclosed and mail.session not in NO_SESSIONS and not self._store.sessions.exists(mail.session):
            erase(self._store, mail.session, ended=mail.id)

    # ------------------------------------------------------------------ around it

    def _adopted(self, job: Job) -> str:
        """The mail's id. A job of before 0.3 carries the mail itself, which becomes a row."""
        if "mail" in job.body:
            return str(job.body["mail"])
        mail_id, session = str(job.body["mail_id"]), str(job.body.get("session") or "gone")
        body = self._vault.carried(job.body, Place(session, Kind.SENT_MAIL, mail_id))
        now = self._clock()
        task = body.get("task")
        self._store.outgoing.add(
            OutgoingMail(
                id=mail_id,
                session=session,
                body={name: value for name, value in body.items() if name not in ("mail_id", "session")},
                task=task_digest(str(task)) if task else None,
                created=now,
                due=now,
            )
        )
        return mail_id

    def _call(self, mail_id: str | None, server: str) -> None:
        """The server of a mail that found it busy is free again. Never raises: the clock's sweep finds the mail, too."""
        if mail_id is None:
            return
        try:
            self._bus.send(Job(queue="send", id=mail_id, body={"mail": mail_id, "called": server}))
        except BusError as error:
            log.warning("mail_waits", extra={"mail": mail_id, "error": type(error).__name__})

    @contextmanager
    def _held(self, mail: OutgoingMail) -> Iterator[None]:
        """Renew the mail's lease for as long as this lasts."""
        stop = threading.Event()
        threading.Thread(target=self._beat, args=(mail, stop), daemon=True).start()
        try:
            yield
        finally:
            stop.set()

    def _beat(self, mail: OutgoingMail, stop: threading.Event) -> None:
        while not stop.wait(self._lease.total_seconds() / 5):
            try:
                held = self._store.outgoing.heartbeat(
                    mail.id, lease=mail.lease or "", now=self._clock(), length=self._lease
                )
            except Exception as error:  # the store may be away for a moment
                log.warning("heartbeat_failed", extra={"mail": mail.id, "error": type(error).__name__})
                continue
            if not held:
                return


def _last(answer: Answer, at: datetime, refused: Mapping[str, Answer], *, before: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a try. Those refused for good stay refused."""
    final = [one for one, said in refused.items() if said.final]
    known = [*before.get("refused", ()), *final]
    reached = {"reached": True} if before.get("reached") else {}
    return {"code": answer.code, "text": answer.text, "at": at, "refused": list(dict.fromkeys(known)), **reached}
