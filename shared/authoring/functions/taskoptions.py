"""How a background action is run, where its author says so: ``background_options()``, and the ``background`` of its block.

Of Parley's own: never keyword arguments of ``background_action()``, whose names all belong to the author.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.contract import typed
from shared.contract.tasks import PRIORITIES, TaskOptions, is_queue
from shared.language.model import Interview

#: How a result may reach an open page.
KINDS = ("flash", "refresh", "javascript", "fields")
_RETRY = ("times", "delay", "backoff")


@dataclass(frozen=True, slots=True)
class BackgroundOptions:
    """What ``background_options()`` was told. `given` are the `TaskOptions` that it names."""

    notify: str | None = None
    run_after: float = 0.0
    given: Mapping[str, float | str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"background_options({self.notify!r}, {self.run_after!r}, {dict(self.given)!r})"


def background_options(
    notify: str | None = None,
    *,
    run_after: float = 0,
    time_limit: float | None = None,
    retry: int | Mapping[str, float] | None = None,
    queue: str | None = None,
    priority: str | None = None,
) -> BackgroundOptions:
    """The second argument of ``background_action()``, with more to say than how the result reaches the page.

    `run_after`: seconds until it is run. `time_limit`: seconds that one run may take. `retry`: how often it is run again after an error, or
    ``{"times", "delay", "backoff"}``. `queue`: whose workers run it, one of the operator's ``task queues``. `priority`: low, normal or high, among
    those that wait there. What is not given is as the action's block says. Raises TypeError and ValueError.
    """
    given: dict[str, float | str] = {}
    if time_limit is not None:
        given["time_limit"] = _number("time_limit", time_limit)
    if retry is not None:
        told = retry if isinstance(retry, Mapping) else {"times": retry}
        for name, value in told.items():
            if name not in _RETRY:
                raise ValueError(f"retry of background_options() has {', '.join(_RETRY)}, and no {name!r}")
            given[name] = int(_number(name, value)) if name == "times" else _number(name, value)
    if queue is not None:
        if not isinstance(queue, str) or not is_queue(queue):
            raise ValueError(f"queue of background_options() is a name of small letters, digits and -, not {queue!r}")
        given["queue"] = queue
    if priority is not None:
        if priority not in PRIORITIES:
            raise ValueError(f"priority of background_options() is {', '.join(PRIORITIES)}, not {priority!r}")
        given["priority"] = PRIORITIES[priority]
    return BackgroundOptions(notify_kind(notify), _number("run_after", run_after), given)


def notify_kind(value: object) -> str | None:
    """How the result reaches an open page: one of `KINDS`, or None. Raises ValueError."""
    if value is None:
        return None
    if isinstance(value, str) and value in KINDS:
        return value
    raise ValueError(f"background_action() can report by {', '.join(KINDS)} or None, not {value!r}")


def task_options(interview: Interview | None, action: str, given: Mapping[str, float | str]) -> TaskOptions:
    """What the block of `action` says, and over it what was given."""
    blocks = interview.index.get(action, ()) if interview is not None else ()
    stated: Mapping[str, float | str] = next(
        (block.options["background"] for block in reversed(blocks) if "background" in block.options), {}
    )
    return typed.convert({**stated, **given}, TaskOptions)


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise TypeError(f"{name} of background_options() is a number of seconds or times, not {value!r}")
    return float(value)
