"""Received mail: fires ``incoming_email`` in the session it was sent to (background.md, "E-mailing the interview").

The mail is kept before this runs, and stays listed by get_emails() whatever happens here. The task is named after the mail,
so that handling the job twice starts it once. It runs as the user who obtained the address.
"""

from __future__ import annotations

from services.effects import outbox_entries
from services.interview.steps import Steps
from services.interview.who import ANONYMOUS, Who
from shared.authoring.effects import StartTask
from shared.bus.messages import CallFailed, Job
from shared.state.codec import encode_value
from shared.store.records import Commit

ACTION = "incoming_email"


class Post:
    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    def handle(self, job: Job) -> None:
        """One ``mail`` job: ``{"mail": id}``."""
        store = self._steps.store
        mail = store.mails.get(str(job.body["mail"]))
        if mail is None or mail.status == "done":
            return
        address = store.mails.find(mail.address)
        user = address.user if address is not None and address.user else ANONYMOUS
        who = Who(client=f"mail.{mail.session}"[:128], user=user)
        request_id = f"mail.{mail.id}"
        with self._steps.turn(mail.session):
            try:
                found = self._steps.load(mail.session, fresh=True)
                # An encrypted session cannot run code while its user is away (engine semantics, "Cron, email").
                while found.multi_user and ACTION in found.events and request_id not in found.seen:
                    effect = StartTask(task_id=request_id, action=ACTION, arguments=encode_value({"_mail": mail.id}))
                    commit = Commit(
                        now=self._steps.clock(),
                        outbox=outbox_entries((effect,), prefix=request_id),
                        request_id=request_id,
                    )
                    if self._steps.commit(found, commit, who, origin="email") is not None:
                        break
                    found = self._steps.load(mail.session, fresh=True)
            except CallFailed as error:
                if error.kind != "NoSession":
                    raise
                # It was deleted while the mail came in: whatever of it is left nobody else would ever remove.
                store.sessions.delete(mail.session)
                return
        store.mails.done(mail.id)
