"""Publishing what a commit left in the outbox, and taking it out once that is confirmed.

Every entry may be published twice (a crash between the two): each leads to something keyed by the entry's own id. An
entry says itself on whose behalf it is done (`on_behalf`), because the sweep that publishes it cannot know.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from shared.bus.messages import Bus, BusError, Job, News
from shared.store.ports import Store, StoreError
from shared.store.records import Address, OutboxEntry, Session, Task

log = logging.getLogger(__name__)

#: Stays in the outbox until the session is gone: it is done by deleting, after everything else has left.
LAST = "DeleteSession"
#: What is done on somebody's behalf.
_FOR_SOMEBODY = ("StartTask", "OpenAddress")


def on_behalf(
    entries: Iterable[OutboxEntry], *, user: Mapping[str, Any], browser: Mapping[str, Any], origin: str
) -> tuple[OutboxEntry, ...]:
    """`entries`, those that run or receive for somebody saying for whom; one that says it already stays as it is."""
    made = []
    for entry in entries:
        if entry.kind in _FOR_SOMEBODY and "for" not in entry.body:
            about = {"user": user, "browser": browser, "origin": origin}
            entry = replace(entry, body={**entry.body, "for": about})
        made.append(entry)
    return tuple(made)


class Outbox:
    def __init__(self, store: Store, bus: Bus, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock

    def publish(self, session: Session, entries: tuple[OutboxEntry, ...]) -> bool:
        """Publish `entries` of `session`. False if something has to wait for the sweep; never raises for that."""
        done: list[str] = []
        complete = True
        for entry in entries:
            if entry.kind == LAST:
                continue
            try:
                self._publish(session, entry)
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

    def _publish(self, session: Session, entry: OutboxEntry) -> None:
        body = entry.body
        about = body.get("for") or {}
        if entry.kind == "StartTask":
            self._store.tasks.add(
                Task(
                    id=body["task_id"],
                    session=session.id,
                    interview=session.interview,
                    action=body["action"],
                    arguments=body["arguments"],
                    ui=body.get("ui"),
                    origin=about.get("origin", "action"),
                    user=about.get("user", {}),
                    browser=about.get("browser", {}),
                    created=self._clock(),
                )
            )
            self._bus.send(Job(queue="task", id=body["task_id"], body={"task": body["task_id"]}))
        elif entry.kind == "RevokeTask":
            self._revoke(session, body)
        elif entry.kind == "SendMail":
            self._bus.send(Job(queue="send", id=body["mail_id"], body={"session": session.id, **body}))
        elif entry.kind == "OpenAddress":
            self._store.mails.open(
                Address(
                    address=body["address"],
                    session=session.id,
                    key=body["key"],
                    index=body["index"],
                    user=about.get("user", {}),
                    created=self._clock(),
                )
            )
        elif entry.kind == "NotifyBrowser":
            self._bus.tell(News(session=session.id, event=body["event"], data=body["data"]))
        else:
            log.error(
                "unknown outbox entry", extra={"action": "outbox_unknown", "session": session.id, "kind": entry.kind}
            )

    def _revoke(self, session: Session, body: Mapping[str, Any]) -> None:
        """Revoke a task of this session; one whose start still waits to be published must never start."""
        task_id, now = body["task_id"], self._clock()
        known = self._store.tasks.get(task_id)
        if known is None:
            never = Task(
                id=task_id, session=session.id, interview=session.interview, action="", arguments=b"", created=now
            )
            self._store.tasks.add(never)
        elif known.session != session.id:
            return
        revoked = self._store.tasks.revoke(task_id, now=now, terminate=body["terminate"])
        if revoked is not None:
            self._bus.tell(News(session=session.id, event="task", data={"task": revoked.id, "ui": None}))
