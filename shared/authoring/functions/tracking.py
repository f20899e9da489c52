"""Remembering that something was done, so that it is not done again.

The counters are part of the answers, so Back undoes them; those with `persistent` leave the step as a `Remember` effect and
are kept with the session's record, where it does not.

Source: functions.md, "Functions for tracking tasks".
"""

from __future__ import annotations

from typing import Any

from shared.authoring.context import current
from shared.authoring.effects import Remember
from shared.authoring.errors import NotAvailable
from shared.authoring.memory import TASKS, kept, seen


def task_performed(task: str, persistent: Any = False) -> bool:
    """Whether the task was performed at least once."""
    return times_task_performed(task, persistent=persistent) > 0


def task_not_yet_performed(task: str, persistent: Any = False) -> bool:
    """Whether the task was never performed."""
    return times_task_performed(task, persistent=persistent) == 0


def mark_task_as_performed(task: str, persistent: Any = False) -> int:
    """Count the task once more; gives how often it was performed by now."""
    times = times_task_performed(task, persistent=persistent) + 1
    set_task_counter(task, times, persistent=persistent)
    return times


def times_task_performed(task: str, persistent: Any = False) -> int:
    """How often the task was performed."""
    counters = _lasting() if _outlasts_back(persistent) else seen(TASKS, {})
    return int(counters.get(task, 0))


def set_task_counter(task: str, times: int, persistent: Any = False) -> None:
    """Say how often the task was performed."""
    if _outlasts_back(persistent):
        current().effects.append(Remember(key=TASKS, value={**_lasting(), task: int(times)}))
    else:
        kept(TASKS)[task] = int(times)


def _outlasts_back(persistent: Any) -> bool:
    """Whether `persistent` asks for counters of this session that Back leaves alone."""
    if persistent and persistent is not True and persistent != "session":
        raise NotAvailable(
            f"persistent={persistent!r}",
            "storage shared between sessions",
            "Use persistent=True to remember the task in this session, also after Back.",
        )
    return bool(persistent)


def _lasting() -> dict[str, int]:
    """The counters as this step has left them.

    They are read from the effects, not kept beside them: when the engine drops the effects of a code block that has to run
    again, the counting is dropped with them.
    """
    context = current()
    for effect in reversed(context.effects):
        if isinstance(effect, Remember) and effect.key == TASKS:
            return dict(effect.value)
    return dict(context.lasting.get(TASKS, {}))
