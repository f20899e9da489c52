"""Remembering that something was done, so that it is not done again.

Source: functions.md, "Functions for tracking tasks".
"""

from __future__ import annotations

from typing import Any

from shared.authoring.errors import NotAvailable
from shared.authoring.memory import LASTING, TASKS, kept, seen


def task_performed(task: str, persistent: Any = False) -> bool:
    """Whether the task was performed at least once."""
    return times_task_performed(task, persistent=persistent) > 0


def task_not_yet_performed(task: str, persistent: Any = False) -> bool:
    """Whether the task was never performed."""
    return times_task_performed(task, persistent=persistent) == 0


def mark_task_as_performed(task: str, persistent: Any = False) -> int:
    """Count the task once more; gives how often it was performed by now."""
    counters = _counters(persistent, write=True)
    counters[task] = counters.get(task, 0) + 1
    return int(counters[task])


def times_task_performed(task: str, persistent: Any = False) -> int:
    """How often the task was performed."""
    return int(_counters(persistent).get(task, 0))


def set_task_counter(task: str, times: int, persistent: Any = False) -> None:
    """Say how often the task was performed."""
    _counters(persistent, write=True)[task] = int(times)


def _counters(persistent: Any, *, write: bool = False) -> dict[str, int]:
    """The counters: Back undoes them, unless `persistent` is True (or ``'session'``)."""
    if not persistent:
        return kept(TASKS) if write else seen(TASKS, {})
    if persistent is not True and persistent != "session":
        raise NotAvailable(
            f"persistent={persistent!r}",
            "storage shared between sessions",
            "Use persistent=True to remember the task in this session, also after Back.",
        )
    if write:
        return kept(LASTING).setdefault("tasks", {})
    return seen(LASTING, {}).get("tasks", {})
