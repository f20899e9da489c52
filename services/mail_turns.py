"""What the end of a mail's task leads to, whichever service ends it: open pages hear of it, and the session's next mail has its turn.

Not for what a mail's action does (``services.interview.incoming_mail``).
"""

from __future__ import annotations

import logging

from shared.bus.messages import Bus, BusError, Job, Notification
from shared.store.ports import Store, StoreError
from shared.store.records import Task

log = logging.getLogger(__name__)


def task_of(mail_id: str) -> str:
    """The id of the task that acts on a mail."""
    return f"mail.{mail_id}"


def job(mail_id: str, session: str = "") -> Job:
    """What has the interview service look at a mail. `session`: whose it is, where that is known: then nobody asks for it."""
    return Job(queue="mail", id=mail_id, body={"mail": mail_id} | ({"session": session} if session else {}))


def task_ended(task: Task, *, store: Store, bus: Bus) -> None:
    """Nothing, unless a mail started the task. Never raises: the clock's sweep finds a mail that waits, too."""
    if task.origin != "email":
        return
    bus.notify(Notification(session=task.session, event="mail"))
    try:
        for mail in store.mails.waiting_of(task.session, limit=1):
            bus.send(job(mail, task.session))
    except (StoreError, BusError) as error:
        log.warning("mail_waits", extra={"session": task.session, "error": type(error).__name__})
