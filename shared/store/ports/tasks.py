"""Background actions: who works on which, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from shared.contract.tasks import TaskStatus
from shared.store.overview import Page
from shared.store.records import DueTask, Ended, Task


class Tasks(Protocol):
    def add(self, task: Task) -> bool:
        """Insert; False (and nothing changed) if the id exists."""
        ...

    def get(self, task_id: str) -> Task | None: ...
    def status(self, task_id: str, *, session: str) -> TaskStatus | None:
        """How far this task of the session is, without anything else of it: for whoever asks again and again."""
        ...

    def of_session(self, session_id: str) -> list[Task]:
        """All of them. Not for what is asked with every request: a session may have had thousands."""
        ...

    def undelivered(self, session_id: str, *, limit: int = 100) -> list[Task]:
        """Tasks that ended (done, failed), have a `ui` and were not delivered: at most `limit`, those given oldest first."""
        ...

    def tells(self, session_id: str) -> bool:
        """Whether any task of the session has a `ui`, ended or not, delivered or not: without one nothing is ever undelivered."""
        ...

    def claim(self, task_id: str, *, lease: str, now: datetime, length: timedelta) -> Task | None:
        """Take a queued task, or a running/responding one whose lease has run out. None if it is someone else's or ended.

        A queued task becomes running; a responding one stays so. `attempts` rises by one. Again with the same
        `lease`, the task that it holds. `now` is the store's time (`shared.store.clock`); a lease that would last for
        longer than `checks.LONGEST_LEASE` from then counts as one that has run out.
        """
        ...

    def urgent(self, queue: str, *, now: datetime, above: int | None = None, below: int | None = None) -> str | None:
        """The id of the queued task of `queue` that is to run first: of the highest priority, over `above` or under `below`; the oldest of these.

        None if there is none whose time has come.
        """
        ...

    def heartbeat(self, task_id: str, *, lease: str, now: datetime, length: timedelta) -> bool:
        """False: the lease was lost or the task was revoked; stop working on it."""
        ...

    def progress(self, task_id: str, *, lease: str, progress: Mapping[str, Any]) -> bool:
        """Keep how far a running task says it is. False: the lease is lost."""
        ...

    def requeue(self, task_id: str, *, lease: str | None, at: datetime) -> Task | None:
        """Queue a task again, to be run at `at`: a running one under its `lease`, or without one a failed one that has all it was given.

        None if it is neither. What came of it before is gone; of a failed one its attempts and deaths are, too.
        """
        ...

    def responding(self, task_id: str, *, lease: str, response: Mapping[str, Any]) -> bool:
        """Keep what a running task answers with (its response action), before it takes effect. False: the lease is lost."""
        ...

    def finish(
        self, task_id: str, *, lease: str | None, status: TaskStatus, result: Mapping[str, Any], now: datetime
    ) -> bool:
        """End a task (done, failed) under `lease` (None: whoever holds it), exactly once. False if it had ended or the lease is lost."""
        ...

    def release(self, task_id: str, *, lease: str, ended: Ended = Ended.INTERRUPTED) -> bool:
        """Give a claimed task back: a running one is queued again, a responding one may be claimed at once.

        `UNBEGUN` takes the claim off its attempts, `DIED` adds to its deaths.
        """
        ...

    def revoke(self, task_id: str, *, now: datetime, terminate: bool) -> Task | None:
        """End a queued (with `terminate`, also a running) task; the revoked task, or None if there was nothing to revoke.

        A responding task has its result already and is past revoking. A worker learns of it by its heartbeat.
        """
        ...

    def revoke_all(self, session_id: str, *, now: datetime) -> list[str]:
        """End what the session has that has not ended, also what is running or responding; which these were."""
        ...

    def mark_delivered(self, task_id: str) -> bool:
        """True for exactly one caller."""
        ...

    def due(self, *, now: datetime, queued_before: datetime, limit: int) -> list[DueTask]:
        """Tasks that nobody works on though someone should: queued before `queued_before`, or with a lease that ran out."""
        ...

    def untrimmed(self, *, before: datetime, after: str = "", limit: int = 200) -> Page[str]:
        """Ids of tasks that ended before `before` and still have all that they were given, the one that ended first first."""
        ...

    def trim(self, task_id: str, *, result: Mapping[str, Any] | None) -> bool:
        """Of an ended task keep `result` (None: the one it has) and what is known of it; arguments and response go. False if it has not ended."""
        ...
