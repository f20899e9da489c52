"""Remembering that something was done, so that it is not done again.

The counters are part of the answers, so Back undoes them; those with `persistent` leave the step as a `Remember` effect and
are kept with the session's record, where it does not; those of a user, an interview, all, or a name leave as a `Keep` effect.

Source: functions.md, "Functions for tracking tasks".
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.authoring.areas import Area
from shared.authoring.context import current
from shared.authoring.memory import TASKS, kept, seen
from shared.contract.effects import Remember

#: Under which key of `Context.lasting` stands what was counted in steps whose answers were thrown away.
UNSAVED = "unsaved tasks"


def task_performed(task: str, persistent: object = False) -> bool:
    """Whether the task was performed at least once."""
    return times_task_performed(task, persistent=persistent) > 0


def task_not_yet_performed(task: str, persistent: object = False) -> bool:
    """Whether the task was never performed."""
    return times_task_performed(task, persistent=persistent) == 0


def mark_task_as_performed(task: str, persistent: object = False) -> int:
    """Count the task once more; gives how often it was performed by now.

    A block that runs again after it was interrupted has counted it already.
    """
    shared = _area(persistent)
    whom = (task, bool(persistent)) if shared is None else (task, str(persistent))
    return current().once("mark_task_as_performed", whom, lambda: count_task(task, persistent=persistent), task=task)


def count_task(task: str, persistent: object = False) -> int:
    """Count the task once more, also if the running block has done so before."""
    times = times_task_performed(task, persistent=persistent) + 1
    area = _area(persistent)
    if area is not None:
        area.change(TASKS, add={task: 1})  # two sessions that count at once are both counted
        return times
    set_task_counter(task, times, persistent=persistent)
    return times


def uncount_task(task: str, persistent: object = False) -> None:
    """Count the task once less: what it was marked for came to nothing."""
    times = times_task_performed(task, persistent=persistent)
    area = _area(persistent)
    if times <= 0:
        return
    if area is not None:
        area.change(TASKS, add={task: -1})
    else:
        set_task_counter(task, times - 1, persistent=persistent)


def lasting(persistent: object) -> bool | str:
    """Where a task's counter is kept, as an effect says it: False, True (this session, beyond Back) or the name of an area."""
    return bool(persistent) if _area(persistent) is None else str(persistent)


def times_task_performed(task: str, persistent: object = False) -> int:
    """How often the task was performed."""
    area = _area(persistent)
    if area is not None:
        return _counted(area).get(task, 0)
    if persistent:
        return int(_lasting().get(task, 0))
    return int(seen(TASKS, {}).get(task, 0)) + int(current().lasting.get(UNSAVED, {}).get(task, 0))


def set_task_counter(task: str, times: int, persistent: object = False) -> None:
    """Say how often the task was performed."""
    area = _area(persistent)
    if area is not None:
        area.change(TASKS, put={task: int(times)})
    elif persistent:
        _remember({**_lasting(), task: int(times)})
    else:
        kept(TASKS)[task] = int(times) - int(current().lasting.get(UNSAVED, {}).get(task, 0))


def keep_marks(before: Mapping[str, int]) -> None:
    """The answers of this step are thrown away, its effects are not: keep what it counted since `before` beside them.

    background.md says of ``response(null=True)`` that answers are not saved; a mail that left must not leave again.
    """
    counted = {task: times - before.get(task, 0) for task, times in seen(TASKS, {}).items()}
    more = {task: times for task, times in counted.items() if times}
    if more:
        context = current()
        kept_before: Mapping[str, int] = context.lasting.get(UNSAVED, {})
        sums = {task: kept_before.get(task, 0) + more.get(task, 0) for task in {*kept_before, *more}}
        context.effects.append(Remember(key=UNSAVED, value=sums))


def _area(persistent: object) -> Area | None:
    """Where counters beyond the session are kept; None for those of this session (``True`` or ``'session'``: Back leaves them alone)."""
    return None if not persistent or persistent is True or persistent == "session" else Area.of(persistent)


def _counted(area: Area) -> dict[str, int]:
    """The counters of all sessions that share `area`; a value that an author set there himself counts where it is a number."""
    found = area.get(TASKS)
    if found is None:
        return {}
    value, counts = found
    given = current().decode(value) if value is not None else {}
    sums = {name: int(times) for name, times in given.items()} if isinstance(given, Mapping) else {}
    return {name: sums.get(name, 0) + counts.get(name, 0) for name in {*sums, *counts}}


def _lasting() -> dict[str, int]:
    """The counters as this step has left them."""
    context = current()
    for effect in reversed(context.effects):
        if isinstance(effect, Remember) and effect.key == TASKS:
            return dict(effect.value)
    return dict(context.lasting.get(TASKS, {}))


def _remember(counters: dict[str, int]) -> None:
    """The last word of a step counts, so there is one such effect, and none if nothing changes."""
    context = current()
    said = [effect for effect in context.effects if isinstance(effect, Remember) and effect.key == TASKS]
    for effect in said:
        context.effects.remove(effect)
    if counters != dict(context.lasting.get(TASKS, {})):
        context.effects.append(Remember(key=TASKS, value=counters))
