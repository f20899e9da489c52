"""What publishing an effect means: one function for each type that can stand in an outbox, found by the entry's kind.

Each may be called twice for one entry (a crash between publishing and taking it out), so each leads to something keyed by an id of the
entry's own. Not for: which entries, and what becomes of those that cannot be published (`outbox`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import msgspec

from services import storage
from services.interview.beyond import Beyond
from shared.bus.messages import Bus, Job, Notification
from shared.bus.queues import TASK, task_queue
from shared.contract import typed
from shared.contract.caller import Browser, Caller, User
from shared.contract.effects import (
    BeginSession,
    ChangeSession,
    Effect,
    ForgetFile,
    Keep,
    NotifyBrowser,
    OpenAddress,
    RevokeTask,
    SendMail,
    StartTask,
    from_body,
    kind_of,
    to_body,
)
from shared.store.ports import Store
from shared.store.readers import is_of
from shared.store.records import Address, OutboxEntry, OutgoingMail, Session, Task, task_digest

log = logging.getLogger(__name__)

#: The member of an entry's body that says on whose behalf it is done: the sweep that publishes it cannot know.
FOR = "for"


#: … and what opens the other session that it is about.
OPENS, SLOTS = "opens", "slots"
_BESIDE = frozenset({FOR, OPENS, SLOTS})


class Behalf(msgspec.Struct, frozen=True, kw_only=True):
    """On whose behalf an effect is done, and what led to it: action, cron, email."""

    user: dict[str, Any] = {}
    browser: dict[str, Any] = {}
    origin: str = "action"


class Unreadable(Exception):
    """An entry of a kind that this version does not know, or of another form than its kind has. The message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where to publish: `session` is whose outbox it was in."""

    store: Store
    bus: Bus
    session: Session
    now: datetime
    behalf: Behalf = field(default_factory=Behalf)
    queues: frozenset[str] = frozenset()  #: of background actions, that workers may serve
    entry: str = ""  #: the id of the entry
    whole: OutboxEntry | None = None  #: the entry
    beyond: Beyond | None = None  #: other sessions


def publish(entry: OutboxEntry, context: Context) -> None:
    """Raises `Unreadable`, and what store and bus raise."""
    known = _PUBLISHERS.get(entry.kind)
    if known is None:
        raise Unreadable(f"{entry.kind} is of no kind that this version knows")
    cls, act = known
    body = {name: value for name, value in entry.body.items() if name not in _BESIDE}
    try:
        effect = from_body(cls, body)
        behalf = typed.convert(entry.body.get(FOR) or {}, Behalf)
    except msgspec.ValidationError as error:
        raise Unreadable(f"{entry.kind}: {error}") from None
    act(effect, replace(context, behalf=behalf, entry=entry.id, whole=entry))


def _start_task(effect: StartTask, context: Context) -> None:
    behalf = context.behalf
    due = context.now + timedelta(seconds=effect.run_after)
    queue = _queue(effect, context)
    context.store.tasks.add(
        Task(
            id=effect.task_id,
            session=context.session.id,
            interview=context.session.interview,
            action=effect.action,
            arguments=effect.arguments,
            ui=effect.ui,
            origin=behalf.origin,
            user=behalf.user,
            browser=behalf.browser,
            created=due,
            options=msgspec.to_builtins(effect.options),
            queue=queue,
            priority=effect.options.priority,
        )
    )
    body: dict[str, object] = {"task": effect.task_id}
    if effect.run_after:
        body["due"] = due.isoformat()
    if effect.options.priority:
        body["priority"] = effect.options.priority
    context.bus.send(Job(queue=queue, id=effect.task_id, body=body))


def _queue(effect: StartTask, context: Context) -> str:
    """Where its job goes. One that the operator does not know nobody would ever serve: it runs with all others, and that is said."""
    named = task_queue(effect.options.queue)
    if named == TASK or effect.options.queue in context.queues:
        return named
    log.warning(
        "queue_unknown", extra={"queue": effect.options.queue, "task": effect.task_id, "session": context.session.id}
    )
    return TASK


def _revoke_task(effect: RevokeTask, context: Context) -> None:
    """Revoke a task of this session; one whose start still waits to be published must never start."""
    store, session = context.store, context.session
    known = store.tasks.get(effect.task_id)
    if known is None:
        never = Task(
            id=effect.task_id,
            session=session.id,
            interview=session.interview,
            action="",
            arguments=b"",
            created=context.now,
        )
        store.tasks.add(never)
    elif known.session != session.id:
        return
    revoked = store.tasks.revoke(effect.task_id, now=context.now, terminate=effect.terminate)
    if revoked is not None:
        context.bus.notify(Notification(session=session.id, event="task", data={"task": revoked.id, "ui": revoked.ui}))


def _send_mail(effect: SendMail, context: Context) -> None:
    body = {name: value for name, value in to_body(effect).items() if name != "mail_id"}
    if context.behalf.origin in ("cron", "email"):
        body["automatic"] = True
    body["user"] = context.behalf.user  # on whose behalf its failure is told
    added = context.store.outgoing.add(
        OutgoingMail(
            id=effect.mail_id,
            session=context.session.id,
            body=body,
            task=None if effect.task is None else task_digest(effect.task),
            server=effect.server or "",
            created=context.now,
            due=context.now,
        )
    )
    if not added:
        # Published before, perhaps so long ago that its ticket does not open the session any more.
        context.store.outgoing.renew(effect.mail_id, body=body)
    context.bus.send(Job(queue="send", id=effect.mail_id, body={"mail": effect.mail_id}))


def _open_address(effect: OpenAddress, context: Context) -> None:
    context.store.mails.open(
        Address(
            address=effect.address,
            session=context.session.id,
            key=effect.key,
            index=effect.index,
            user=context.behalf.user,
            created=context.now,
        )
    )


def _notify_browser(effect: NotifyBrowser, context: Context) -> None:
    context.bus.notify(Notification(session=context.session.id, event=effect.event, data=effect.data))


def _keep(effect: Keep, context: Context) -> None:
    session, behalf = context.session, context.behalf
    by = storage.whose(session.id, session.interview, behalf.user, behalf.browser)
    storage.change(context.store.storage, effect, by, mark=f"{session.id}/{context.entry}", now=context.now)


def _forget_file(effect: ForgetFile, context: Context) -> None:
    files, session = context.store.files, context.session.id
    info = files.info(effect.number)
    if info is not None and info.session != session and is_of(info, session):
        files.delete(effect.number)


def _begin_session(effect: BeginSession, context: Context) -> None:
    beyond, entry = _beyond(context)
    beyond.begin(effect, entry, of=context.session, caller=caller_of(context.behalf))


def _change_session(effect: ChangeSession, context: Context) -> None:
    beyond, entry = _beyond(context)
    beyond.change(effect, entry, of=context.session, caller=caller_of(context.behalf))


def _beyond(context: Context) -> tuple[Beyond, OutboxEntry]:
    if context.beyond is None or context.whole is None:
        raise Unreadable("other sessions cannot be reached from here")
    return context.beyond, context.whole


def caller_of(behalf: Behalf) -> Caller:
    return Caller(
        client=behalf.browser.get("client", "background"),
        user=typed.convert(behalf.user, User),
        browser=typed.convert(behalf.browser, Browser),
    )


_PUBLISHERS: Mapping[str, tuple[type[Effect], Callable[[Any, Context], None]]] = MappingProxyType(
    {
        kind_of(cls): (cls, act)
        for cls, act in (
            (StartTask, _start_task),
            (RevokeTask, _revoke_task),
            (SendMail, _send_mail),
            (OpenAddress, _open_address),
            (NotifyBrowser, _notify_browser),
            (Keep, _keep),
            (ForgetFile, _forget_file),
            (BeginSession, _begin_session),
            (ChangeSession, _change_session),
        )
    }
)
