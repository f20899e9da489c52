"""How far a task says it is, on its way to the pages that wait for it; and how long tasks of its kind usually take."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from shared.bus.messages import Bus, Notification
from shared.store.ports import StoreError, Tasks
from shared.store.records import Task

#: Seconds between two words to the page; what is said between is not worth a write.
EVERY = 0.25
#: Seconds that a task must take for its page to say so: nobody reads what is gone by then.
WORTH = 1.0
#: Kinds of tasks whose times are remembered; how much the newest run counts.
_KINDS, _NEWEST = 500, 0.3

log = logging.getLogger(__name__)


class Usual:
    """Seconds that the actions of interviews took in this process: the newest runs count most."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[str, str], float] = {}

    def took(self, task: Task, seconds: float) -> None:
        kind = (task.interview, task.action)
        before = self._seconds.pop(kind, seconds)
        self._seconds[kind] = before + _NEWEST * (seconds - before)
        if len(self._seconds) > _KINDS:
            del self._seconds[next(iter(self._seconds))]

    def of(self, task: Task) -> float | None:
        return self._seconds.get((task.interview, task.action))


class Progress:
    """Of one run of `task`. Never raises: a page that cannot be told is no reason to end the work."""

    def __init__(
        self, task: Task, tasks: Tasks, bus: Bus, *, clock: Callable[[], datetime], usual: float | None
    ) -> None:
        self._task = task
        self._tasks = tasks
        self._bus = bus
        self._clock = clock
        self._usual: dict[str, object] = {} if usual is None or usual < WORTH else {"usual": round(usual, 1)}
        self._told: datetime | None = None
        if self._usual:
            self._tell(self._usual)

    def __call__(self, fraction: float | None, text: str) -> None:
        now = self._clock()
        if self._told is not None and (now - self._told).total_seconds() < EVERY:
            return
        self._told = now
        self._tell({"fraction": fraction, "text": text, **self._usual})

    def _tell(self, progress: dict[str, object]) -> None:
        task = self._task
        try:
            if self._tasks.progress(task.id, lease=task.lease or "", progress=progress):
                self._bus.notify(
                    Notification(session=task.session, event="progress", data={"task": task.id, **progress})
                )
        except StoreError as error:
            log.warning("progress_not_told", extra={"task": task.id, "error": type(error).__name__})
