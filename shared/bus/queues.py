"""Which job queues there are, how often a job is tried, and how long it waits in between. Not for: how it travels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

#: The waits there are, in seconds. A wait is rounded up to one of them, because over RabbitMQ each is a queue of its
#: own: in a queue with one time to live for all its messages, none blocks the ones behind it.
WAITS = (0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a queue treats failing jobs.

    `attempts`: how often a job is handed to a handler before it is a dead letter. `waits`: seconds after the first,
    second … failed attempt that did not say itself (`Retry`) how long; the last one goes on.
    """

    attempts: int = 8
    waits: tuple[float, ...] = (1, 5, 20, 60, 300)

    def wait(self, attempt: int) -> float:
        """Seconds to wait after the attempt of this number (the first is 1) has failed."""
        return self.waits[min(max(attempt, 1), len(self.waits)) - 1]


#: With these numbers a job lives through about a quarter of an hour of trouble before somebody must look at it.
POLICIES: Mapping[str, Policy] = MappingProxyType(
    {
        "task": Policy(),
        "mail": Policy(attempts=12),
        # Other people's mail servers are down for hours, not minutes.
        "send": Policy(attempts=14, waits=(5, 30, 120, 600, 1800)),
    }
)
#: Where background actions wait that name no queue, and how an operator names that one.
TASK, DEFAULT = "task", "default"


def task_queue(name: str) -> str:
    """The job queue of background actions whose author wrote ``queue: NAME``."""
    return TASK if name in ("", DEFAULT) else f"{TASK}.{name}"


def with_task_queues(names: Iterable[str]) -> Mapping[str, Policy]:
    """`POLICIES`, and those of the operator's own queues of background actions."""
    return MappingProxyType({**POLICIES, **{task_queue(name): POLICIES[TASK] for name in names}})


def rounded(seconds: float) -> float:
    """The shortest of `WAITS` that is not under `seconds` (the longest there is, if all are)."""
    return next((wait for wait in WAITS if wait >= seconds), WAITS[-1])
