"""Background tasks behind a vault: what they are given, on whose behalf they run, and what comes of them.

A task that has not ended carries a ticket, so that a worker can open its session while nobody is there. It stands where the result
will: ending the task takes it away.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shared.contract.tasks import TaskStatus
from shared.store import checks
from shared.store.overview import Page
from shared.store.ports import Tasks
from shared.store.records import DueTask, Ended, Task
from shared.vault.ports import SEALED, TICKET, CannotUnseal, KeyAway, Kind, Place, Vault, clear

_MAPPINGS: Final = {
    "user": Kind.USER,
    "browser": Kind.BROWSER,
    "response": Kind.RESPONSE,
    "result": Kind.RESULT,
    "progress": Kind.PROGRESS,
}
#: Of a result, what an operator may see: whether it ended well and which kind of error it was, not what it says.
_CLEAR: Final = ("ok", "kind", "error_type")
#: Tasks whose sessions are remembered: more than one process has at work at a time.
_SEEN: Final = 1_000


class VaultedTasks:
    def __init__(self, inner: Tasks, vault: Vault) -> None:
        self._inner = inner
        self._vault = vault
        self._sessions: OrderedDict[str, str] = OrderedDict()  # task -> session, of those seen last: that never changes

    def add(self, task: Task) -> bool:
        checks.check_task(task)

        def sealed(name: str) -> Mapping[str, object]:
            return self._sealed(task.session, task.id, name, getattr(task, name))

        return self._inner.add(
            replace(
                task,
                arguments=self._vault.seal(task.arguments, Place(task.session, Kind.ARGUMENTS, task.id)),
                user=sealed("user"),
                browser=sealed("browser"),
                response=sealed("response"),
                result=self._ticketed(task, sealed("result")),
                progress=sealed("progress") if task.progress else {},
            )
        )

    def get(self, task_id: str) -> Task | None:
        """Of one that has ended, without its contents where the key is away: its ticket has ended with it."""
        found = self._inner.get(task_id)
        if found is None:
            return None
        return self._outside(found) if found.status.ended else self._opened(found)

    def status(self, task_id: str, *, session: str) -> TaskStatus | None:
        return self._inner.status(task_id, session=session)

    def undelivered(self, session_id: str, *, limit: int = 100) -> list[Task]:
        return [self._opened(task) for task in self._inner.undelivered(session_id, limit=limit)]

    def tells(self, session_id: str) -> bool:
        return self._inner.tells(session_id)

    def of_session(self, session_id: str) -> list[Task]:
        return [self._opened(task) for task in self._inner.of_session(session_id)]

    def claim(self, task_id: str, *, lease: str, now: datetime, length: timedelta) -> Task | None:
        return self._maybe(self._inner.claim(task_id, lease=lease, now=now, length=length))

    def urgent(self, queue: str, *, now: datetime, above: int | None = None, below: int | None = None) -> str | None:
        return self._inner.urgent(queue, now=now, above=above, below=below)

    def heartbeat(self, task_id: str, *, lease: str, now: datetime, length: timedelta) -> bool:
        return self._inner.heartbeat(task_id, lease=lease, now=now, length=length)

    def progress(self, task_id: str, *, lease: str, progress: Mapping[str, object]) -> bool:
        if not checks.known_id(task_id, lease):
            return False
        checks.check_mapping("progress", progress)
        sealed = self._sealed_for(task_id, "progress", progress)
        return sealed is not None and self._inner.progress(task_id, lease=lease, progress=sealed)

    def requeue(self, task_id: str, *, lease: str | None, at: datetime) -> Task | None:
        """Raises `KeyAway` for one that has ended and could not open its session any more."""
        if lease is None:
            self._maybe(self._inner.get(task_id))
        return self._maybe(self._inner.requeue(task_id, lease=lease, at=at))

    def responding(self, task_id: str, *, lease: str, response: Mapping[str, object]) -> bool:
        if not checks.known_id(task_id, lease):
            return False
        checks.check_mapping("response", response)
        sealed = self._sealed_for(task_id, "response", response)
        return sealed is not None and self._inner.responding(task_id, lease=lease, response=sealed)

    def finish(
        self, task_id: str, *, lease: str | None, status: TaskStatus, result: Mapping[str, object], now: datetime
    ) -> bool:
        if not checks.known_id(task_id, *([] if lease is None else [lease])):
            return False
        checks.check_mapping("result", result)
        checks.check_time("now", now)
        try:
            sealed = self._sealed_for(task_id, "result", result)
        except KeyAway:  # its ticket is too old: how it ended is all that can be kept
            sealed = clear(result, _CLEAR)
        if sealed is None:
            return False
        return self._inner.finish(task_id, lease=lease, status=status, result=sealed, now=now)

    def release(self, task_id: str, *, lease: str, ended: Ended = Ended.INTERRUPTED) -> bool:
        return self._inner.release(task_id, lease=lease, ended=ended)

    def revoke(self, task_id: str, *, now: datetime, terminate: bool) -> Task | None:
        revoked = self._inner.revoke(task_id, now=now, terminate=terminate)
        if revoked is None:
            return None
        opened = self._opened(revoked)
        self._inner.trim(task_id, result=self._sealed(revoked.session, task_id, "result", opened.result))
        return opened

    def revoke_all(self, session_id: str, *, now: datetime) -> list[str]:
        return self._inner.revoke_all(session_id, now=now)

    def mark_delivered(self, task_id: str) -> bool:
        return self._inner.mark_delivered(task_id)

    def due(self, *, now: datetime, queued_before: datetime, limit: int) -> list[DueTask]:
        return self._inner.due(now=now, queued_before=queued_before, limit=limit)

    def untrimmed(self, *, before: datetime, after: str = "", limit: int = 200) -> Page[str]:
        return self._inner.untrimmed(before=before, after=after, limit=limit)

    def trim(self, task_id: str, *, result: Mapping[str, object] | None) -> bool:
        """Where the key is away the result stays as it is."""
        if not checks.known_id(task_id):
            return False
        if result is None:
            return self._inner.trim(task_id, result=None)
        checks.check_mapping("result", result)
        try:
            sealed = self._sealed_for(task_id, "result", result)
        except KeyAway:
            return self._inner.trim(task_id, result=None)
        return sealed is not None and self._inner.trim(task_id, result=sealed)

    # -- one task

    def _sealed(self, session: str, task_id: str, name: str, value: Mapping[str, object]) -> Mapping[str, object]:
        sealed = self._vault.seal_value(value, Place(session, _MAPPINGS[name], task_id))
        if name != "result":
            return dict(sealed)
        return {**clear(value, _CLEAR), **sealed}

    def _sealed_for(self, task_id: str, name: str, value: Mapping[str, object]) -> Mapping[str, object] | None:
        """None if there is no such task."""
        session = self._sessions.get(task_id)
        if session is None:
            task = self._inner.get(task_id)
            if task is None:
                return None
            session = self._seen(task)
        try:
            return self._sealed(session, task_id, name, value)
        except KeyAway:
            if self._inner.get(task_id) is None:  # deleted with its session
                return None
            raise

    def _seen(self, task: Task) -> str:
        self._sessions[task.id] = task.session
        if len(self._sessions) > _SEEN:
            self._sessions.popitem(last=False)
        return task.session

    def _ticketed(self, task: Task, result: Mapping[str, object]) -> Mapping[str, object]:
        ticket = b"" if task.status.ended else self._vault.task_ticket(task.session, task.id)
        return {**result, TICKET: ticket} if ticket else result

    def _maybe(self, task: Task | None) -> Task | None:
        return None if task is None else self._opened(task)

    def _opened(self, task: Task) -> Task:
        self._seen(task)
        ticket = task.result.get(TICKET)
        if isinstance(ticket, bytes):
            self._vault.redeem(task.session, task.id, ticket)

        def value(name: str) -> Mapping[str, object]:
            if not getattr(task, name):
                return {}  # trimmed, queued again, or never said: nothing that was sealed is empty
            try:
                opened: Mapping[str, object] = self._vault.open_value(
                    getattr(task, name), Place(task.session, _MAPPINGS[name], task.id)
                )
            except CannotUnseal:
                if name == "result" and task.status.ended and SEALED not in task.result and not task.result.get("ok"):
                    return clear(task.result, _CLEAR)  # it ended when nobody could seal any more
                raise
            return opened

        return replace(
            task,
            arguments=task.arguments and self._vault.open(task.arguments, Place(task.session, Kind.ARGUMENTS, task.id)),
            user=value("user"),
            browser=value("browser"),
            response=value("response"),
            result=value("result"),
            progress=value("progress"),
        )

    def _outside(self, task: Task) -> Task:
        try:
            return self._opened(task)
        except KeyAway:
            return replace(task, arguments=b"", user={}, browser={}, response={}, result={})
