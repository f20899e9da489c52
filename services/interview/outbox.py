"""Publishing what a commit left in the outbox, and taking it out once that is confirmed.

Every entry may be published twice (a crash between the two): each leads to something keyed by the entry's own id.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from shared.bus.messages import Bus, BusError, Job, News
from shared.store.ports import Store, StoreError
from shared.store.records import Address, OutboxEntry, Session, Task

log = logging.getLogger(__name__)


class Outbox:
    def __init__(self, store: Store, bus: Bus, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock

    def publish(
        self, session: Session, entries: tuple[OutboxEntry, ...], *, who: Mapping[str, Any], origin: str = "action"
    ) -> bool:
        """Publish `entries` of `session`. False if something has to wait for the sweep; never raises for that.

        `who` has the user and browser on whose behalf tasks run (also kept in ``session.extra`` for the sweep).
        """
        done: list[str] = []
        complete = True
        for entry in entries:
            try:
                self._publish(session, entry, who, origin)
                done.append(entry.id)
            except (BusError, StoreError) as error:
                complete = False
                log.warning(
                    "outbox entry waits",
                    extra={
                        "action": "outbox_waits",
                        "session": session.id,
                        "entry": entry.id,
                        "kind": entry.kind,
                        "why": type(error).__name__,
                    },
                )
        if done:
            try:
                self._store.sessions.publish_done(session.id, done)
            except StoreError:
                complete = False
        return complete

    def _publish(self, session: Session, entry: OutboxEntry, who: Mapping[str, Any], origin: str) -> None:
        body = entry.body
        if entry.kind == "StartTask":
            self._store.tasks.add(
                Task(
                    id=body["task_id"],
                    session=session.id,
                    interview=session.interview,
                    action=body["action"],
                    arguments=body["arguments"],
                    ui=body.get("ui"),
                    origin=origin,
                    user=who.get("user", {}),
                    browser=who.get("browser", {}),
                    created=self._clock(),
                )
            )
            self._bus.send(Job(queue="task", id=body["task_id"], body={"task": body["task_id"]}))
        elif entry.kind == "RevokeTask":
            revoked = self._store.tasks.revoke(body["task_id"], now=self._clock(), terminate=body["terminate"])
            if revoked is not None:
                self._bus.tell(News(session=session.id, event="task", data={"task": revoked.id, "ui": None}))
        elif entry.kind == "SendMail":
            self._bus.send(Job(queue="send", id=body["mail_id"], body={"session": session.id, **body}))
        elif entry.kind == "OpenAddress":
            self._store.mails.open(
                Address(
                    address=body["address"],
                    session=session.id,
                    key=body["key"],
                    index=body["index"],
                    user=who.get("user", {}),
                    created=self._clock(),
                )
            )
        elif entry.kind == "NotifyBrowser":
            self._bus.tell(News(session=session.id, event=body["event"], data=body["data"]))
        elif entry.kind != "DeleteSession":  # the desk deletes, after the reply is made
            log.error(
                "unknown outbox entry", extra={"action": "outbox_unknown", "session": session.id, "kind": entry.kind}
            )
