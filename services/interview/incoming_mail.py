"""Received mail: taken apart, then it fires ``incoming_email`` in the session it was sent to (background.md, "E-mailing the interview").

The mail is kept before this runs, and stays listed by get_emails() whatever happens here. The task is named after the mail,
so that handling the job twice starts it once. It runs as the user who obtained the address. The mails of one session act in the order
in which they came: while the task of one goes on, the next waits; whoever ends a task of a mail sends the job of the next.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from services.effects import outbox_entries
from services.erasing import erase
from services.interview.change import Change
from services.interview.mail_parts import MailParts
from services.interview.unit_of_work import UnitOfWork
from services.mail_turns import task_of
from services.notices import Notices
from services.session_host import name_of
from shared.bus.messages import Job, Notification
from shared.contract import typed
from shared.contract.caller import ANONYMOUS, Caller, User
from shared.contract.effects import StartTask
from shared.contract.errors import NoSession
from shared.contract.tasks import ENDED
from shared.mail.automatic import reason
from shared.mail.headers import split
from shared.mail.reports import failed_delivery
from shared.state.codec import encode_value
from shared.store.records import OPERATOR, Mail, Session, head_of
from shared.vault.ports import KeyAway

log = logging.getLogger(__name__)

ACTION = "incoming_email"
#: The event of an interview that wants to hear of automatic mail, too (``incoming email: all`` in its metadata).
ALL = "incoming_email/all"
#: Where a session's record keeps when mails fired actions lately, in seconds since 1970.
ACTED = "mails acted on"
#: Actions by mail that a session has in an hour: more of them is a loop, or an attack. What comes beyond is kept and shown.
PER_HOUR = 60
#: … and which task the last of them started.
LAST = "mail's task"
#: Mails of a session that wait, looked at in one go.
AT_ONCE = 20


def arrival(
    session: Session, mail: Mail, *, now: datetime, domains: Iterable[str] = (), sealed: bool = False
) -> Change | None:
    """Start the action that hears of `mail`, if the interview has one and the mail is one that should be acted on.

    `sealed`: also where `multi_user` is not true.
    """
    # A sealed session cannot run code while its user is away (engine semantics, "Cron, email"), unless the operator allows it.
    if not ((session.multi_user or sealed) and ACTION in session.events):
        return None
    why = reason(split(head_of(mail.raw))[0], sender=mail.sender, domains=domains)
    if why is not None and ALL not in session.events:
        log.info("mail_not_acted_on", extra={"mail": mail.id, "session": session.id, "reason": why})
        return None
    lately = [at for at in session.extra.get(ACTED, ()) if at > now.timestamp() - 3600]
    if len(lately) >= PER_HOUR:
        log.warning("mail_not_acted_on", extra={"mail": mail.id, "session": session.id, "reason": "rate"})
        return None
    task_id = request_of(mail)
    effect = StartTask(task_id=task_id, action=ACTION, arguments=encode_value({"_mail": mail.id}))
    extra = {**session.extra, ACTED: [*lately, int(now.timestamp())], LAST: task_id}
    return Change(outbox=outbox_entries((effect,), prefix=task_id), fields={"extra": extra}, accessed=False)


def request_of(mail: Mail) -> str:
    return task_of(mail.id)


class IncomingMail:
    """`domains` are those of our own addresses: what comes from there comes from a session."""

    def __init__(
        self,
        work: UnitOfWork,
        parts: MailParts,
        *,
        domains: Iterable[str] = (),
        notices: Notices | None = None,
        sealed: bool = False,
    ) -> None:
        self._sealed = sealed
        self._work = work
        self._notices = notices or Notices(store=work.store, bus=work.bus, clock=work.clock, addresses=())
        self._parts = parts
        self._domains = tuple(domains)

    def handle(self, job: Job) -> None:
        """One ``mail`` job: ``{"mail": id, "session": id}``: this mail, and those of its session that came before it and wait.

        Without a session, as the sweep and older senders have it, whose it is is looked up.
        """
        name, session = str(job.body["mail"]), job.body.get("session")
        if isinstance(session, str):
            self._of_session(name, session)
            return
        mail = self._work.store.mails.get(name)
        if mail is None or mail.status == "done":
            return
        if mail.session == OPERATOR:
            self._bounces(mail)
            self._notices.tell(
                f"mail of operators {mail.id}",
                subject=f"A mail came to {mail.address}@",
                text=f"`parley mail --show {mail.id}` shows it.\n",
            )
            self._work.store.mails.done(mail.id)
            return
        self._of_session(name, mail.session)

    def _of_session(self, name: str, session: str) -> None:
        store = self._work.store
        try:
            self._work.load(session)  # before the mail is read: it is sealed to its session
            mail = store.mails.get(name)
            if mail is None or mail.status == "done":
                return
            self._bounces(mail)
            # Before anything waits for its turn: whoever looks at the page should see what it is made of.
            self._parts.find(mail)
            self._work.bus.notify(Notification(session=mail.session, event="mail"))
            with self._work.lock(mail.session):
                for waiting in store.mails.waiting_of(mail.session, limit=AT_ONCE):
                    if not self._act(waiting, here=mail):
                        return
        except NoSession:
            # It was deleted while the mail came in: whatever of it is left nobody else would ever remove.
            erase(store, session)
        except KeyAway:
            # Nothing runs in a sealed session while its user is away: get_emails() lists the mail, and takes it apart then.
            store.mails.done(name)
            self._work.bus.notify(Notification(session=session, event="mail"))

    def _bounces(self, mail: Mail) -> None:
        """A delivery report for a mail of ours marks that mail; one that came to a session only for mails of that session."""
        report = failed_delivery(mail.raw, domains=self._domains)
        for name in report.mails if report is not None else ():
            sent = self._work.store.outgoing.get(name)
            if report is None or sent is None or mail.session not in (sent.session, OPERATOR):
                continue
            last = {"code": report.code, "text": report.text, "at": self._work.clock(), "refused": []}
            if self._work.store.outgoing.bounce(name, last=last, now=self._work.clock()):
                log.warning(
                    "mail_bounced",
                    extra={"mail": name, "session": sent.session, "code": report.code, "text": report.text},
                )

    def _act(self, mail_id: str, *, here: Mail) -> bool:
        """Act on one mail; one of them is `here`, and taken apart. False if the next must wait for it, or there is nothing left to do."""
        store = self._work.store
        mail = here if here.id == mail_id else store.mails.get(mail_id)
        if mail is None:
            return True
        if mail is not here:
            self._parts.find(mail)
        address = store.mails.find(name_of(mail))
        user = typed.convert(address.user, User) if address is not None else ANONYMOUS
        caller = Caller(client=f"mail.{mail.session}"[:128], user=user)
        found = self._work.load(mail.session, fresh=True)
        now = self._work.clock()
        decide = partial(arrival, mail=mail, now=now, domains=self._domains, sealed=self._sealed)
        last = found.extra.get(LAST)
        if last not in (None, request_of(mail)) and decide(found) is not None and not self._ended(last, mail):
            return False
        self._work.do(found, decide, caller, request_id=request_of(mail), origin="email")
        store.mails.done(mail.id)
        return True

    def _ended(self, task: str, mail: Mail) -> bool:
        """Whether the task of the mail before is over. One whose row is not there yet is about to begin."""
        return self._work.store.tasks.status(task, session=mail.session) in ENDED
