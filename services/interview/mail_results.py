"""A mail that has failed for good: its task is unmarked, and the interview's event ``mail_failed`` hears of it, exactly once.

So the next scheduled run finds the task not performed, and may try again. The event runs like a response action: on the fresh state, over
the current step, with the arguments ``task``, ``code``, ``text``, ``recipients`` and ``subject``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from services.interview.change import Change, Run
from services.interview.checks import identifier
from services.interview.unit_of_work import UnitOfWork
from shared.contract import typed
from shared.contract.caller import Caller, User
from shared.contract.errors import NoSession
from shared.engine.request import Action
from shared.state.codec import encode_value
from shared.store.records import NO_SESSIONS, Session

log = logging.getLogger(__name__)

EVENT = "mail_failed"


def failure(session: Session, *, body: Mapping[str, Any], code: int, text: str, event: bool = True) -> Change | None:
    """Unmark the mail's task and run the event. None: there is neither a task nor an event."""
    task = body.get("task")
    event = event and EVENT in session.events
    if task is None and not event:
        return None
    told = {
        "task": task,
        "code": code,
        "text": text,
        "recipients": [*body.get("to", ()), *body.get("cc", ()), *body.get("bcc", ())],
        "subject": body.get("subject", ""),
        "_unmark": task,
        "_persistent": body.get("task_persistent") or False,
        "_event": event,
    }
    action = Action(name=EVENT, encoded=encode_value(told))
    return Change(run=Run(state=session.state, steps=session.step, action=action, mode=EVENT), accessed=False)


class MailResults:
    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def mail_failed(self, *, mail: str, code: int = 0, text: str = "") -> dict[str, object]:
        """The mail with this id will not be sent any more. Returns ``{"done": true}``, also if its session is gone."""
        identifier("mail", mail)
        row = self._work.store.outgoing.get(mail)  # its ticket opens the session, if that is sealed
        if row is None or row.session in NO_SESSIONS:
            return {"done": True}
        user = typed.convert(row.body.get("user") or {}, User)
        caller = Caller(client=f"mail.{row.session}"[:128], user=user)
        with self._work.lock(row.session):
            try:
                found = self._work.load(row.session, fresh=True)
                request = f"mail_failed.{mail}"
                tell = partial(failure, body=row.body, code=code, text=text)
                done = self._work.do(found, tell, caller, request_id=request, origin="email")
                if done.result is not None and done.result.failure is not None:
                    # The event came to nothing; that the task was not performed is so all the same.
                    unmark = partial(failure, body=row.body, code=code, text=text, event=False)
                    self._work.do(done.session, unmark, caller, request_id=f"{request}.unmark", origin="email")
            except NoSession:
                pass
        return {"done": True}
