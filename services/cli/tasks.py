"""``parley tasks``: background actions that wait, run, are done or failed; one of them; ending it, or having it run again.

Reads the store that the settings name (`stores`); a system may run on it meanwhile. The list says nothing that was answered; `show` says what a
task failed of, which may. Exit status: 0; 1 if there is no such task, or nothing to be done with it; 2 if it cannot tell.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TextIO

from services.cli.buses import named_bus
from services.cli.stores import open_named, settings_for
from services.installation import NotGiven
from services.settings import Settings, SettingsError
from services.vaults import sealed
from shared.bus.messages import Bus, BusError, Job, Notification
from shared.contract.tasks import PRIORITIES, TaskStatus
from shared.store.overview import TaskLine
from shared.store.ports import Store, StoreError
from shared.store.records import Task
from shared.vault.ports import KeyAway

#: What the list shows unless a status is asked for: what is to be done, and what went wrong.
_OPEN = (TaskStatus.QUEUED, TaskStatus.RUNNING, TaskStatus.RESPONDING, TaskStatus.FAILED)
_SEALED = (
    "the session is sealed, and what opened it for this task went with the task's end: it can be run again only in a session that the "
    "installation itself may open (docs/sealed-sessions.md)"
)
_LATER = "The system that runs on this folder sends it within a minute."


def tasks(
    what: str = "list",
    task: str | None = None,
    *,
    status: str | None = None,
    limit: int = 50,
    after: str = "",
    var: str | None = None,
    out: TextIO | None = None,
) -> int:
    """`what`: list, show, revoke or retry; all but the first are about one `task`."""
    out = sys.stdout if out is None else out
    try:
        settings = settings_for(var)
        with closing(open_named(settings)) as inner:
            store = sealed(settings, inner, clock=lambda: datetime.now(UTC))
            with store.vault.work():
                if what == "list":
                    return _list(store, status, limit=limit, after=after, out=out)
                found = _found(store, inner, task or "")
                if found is None:
                    print(f"parley: there is no task {task!r}", file=sys.stderr)
                    return 1
                act = {"show": _show, "revoke": _revoke, "retry": _retry}[what]
                return act(store, settings, found, out)
    except (NotGiven, SettingsError, StoreError, BusError) as problem:
        print(f"parley: {problem}", file=sys.stderr)
        return 2


def _list(store: Store, status: str | None, *, limit: int, after: str, out: TextIO) -> int:
    shown = 0
    for one in (status,) if status else _OPEN:
        page = store.overview.tasks(one, newest_first=True, limit=limit, after=after if status else "")
        for line in page.lines:
            print(_line(store, line), file=out)
        shown += len(page.lines)
        if page.after is not None:
            print(f"More: parley tasks --status {one} --after {page.after}", file=out)
    if not shown:
        print(f"No task is {status}." if status else "No task waits, runs or failed.", file=out)
    return 0


def _found(store: Store, inner: Store, task: str) -> Task | None:
    """Where nothing here opens its session, with what is known of it outside."""
    outside = inner.tasks.get(task)
    if outside is None:
        return None
    result = {name: outside.result[name] for name in ("ok", "error_type") if name in outside.result}
    try:
        found = store.tasks.get(task)
    except KeyAway:
        return replace(outside, user={}, browser={}, response={}, progress={}, result=result)
    return found and (found if found.result else replace(found, result=result))


def _line(store: Store, line: TaskLine) -> str:
    about = line.error_type or ""
    if line.status == TaskStatus.RUNNING:
        with suppress(KeyAway):
            about = _how_far(store.tasks.get(line.id))
    words = (
        line.id,
        f"{line.status:10}",
        f"{line.created:%Y-%m-%d %H:%M:%S}",
        f"{line.interview} {line.action}",
        about,
    )
    return "  ".join(word for word in words if word)


def _how_far(task: Task | None) -> str:
    fraction = task.progress.get("fraction") if task is not None else None
    return "" if not isinstance(fraction, int | float) else f"{fraction:.0%}"


def _show(store: Store, settings: Settings, task: Task, out: TextIO) -> int:
    rows: list[tuple[str, object]] = [
        ("task", task.id),
        ("status", task.status),
        ("interview", task.interview),
        ("action", task.action),
        ("queue", task.queue),
        ("priority", {number: name for name, number in PRIORITIES.items()}.get(task.priority, task.priority)),
        ("session", task.session),
        ("origin", task.origin),
        ("created", task.created),
        ("started", task.started),
        ("finished", task.finished),
        ("attempts", task.attempts),
        ("progress", " ".join(filter(None, (_how_far(task), str(task.progress.get("text") or ""))))),
        ("error", task.result.get("error_type")),
        ("message", task.result.get("error_message")),
        ("seeking", ", ".join(map(str, task.result.get("variables") or ()))),
    ]
    for name, value in rows:
        if value not in (None, ""):
            print(f"{name:10} {value}", file=out)
    if trace := task.result.get("error_trace"):
        print(f"\n{trace}", file=out)
    return 0


def _revoke(store: Store, settings: Settings, task: Task, out: TextIO) -> int:
    try:
        revoked = store.tasks.revoke(task.id, now=datetime.now(UTC), terminate=True)
    except KeyAway:  # revoked all the same; what it was given goes with the sweep of what is old
        revoked = task
    if revoked is None:
        print(f"parley: the task is {task.status}; only one that waits or runs can be revoked", file=sys.stderr)
        return 1
    with _bus(settings) as bus:
        if bus is not None:
            bus.notify(Notification(session=task.session, event="task", data={"task": task.id, "ui": task.ui}))
    print(f"{task.id} is revoked", file=out)
    return 0


def _retry(store: Store, settings: Settings, task: Task, out: TextIO) -> int:
    try:
        again = store.tasks.requeue(task.id, lease=None, at=datetime.now(UTC))
    except KeyAway:
        print(f"parley: {_SEALED}", file=sys.stderr)
        return 1
    if again is None:
        why = "what it was given is not kept any more" if task.status == TaskStatus.FAILED else f"it is {task.status}"
        print(f"parley: only a task that failed can be run again, and {why}", file=sys.stderr)
        return 1
    with _bus(settings) as bus:
        if bus is not None:
            bus.send(Job(queue=task.queue, id=task.id, body={"task": task.id, "priority": task.priority}))
    print(f"{task.id} is queued again.{'' if settings.amqp_uri else ' ' + _LATER}", file=out)
    return 0


@contextmanager
def _bus(settings: Settings) -> Iterator[Bus | None]:
    """The bus of the services; None for `parley run`, whose bus is in its own process."""
    bus = named_bus(settings, name="parley tasks")
    if bus is None:
        yield None
        return
    with closing(bus):
        yield bus
