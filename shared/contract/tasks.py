"""The life of a background task::

    queued ──> running ──> responding ──> done
                  │  │                      │
                  │  └──────────────────────┴─> failed
                  └─> revoked

`queued` and `running` may be revoked. `responding`: the action has ended, what it answered with is being saved.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

import msgspec

#: What an author may say of how urgent a task is. Higher goes first, among those of one queue.
PRIORITIES: Final = {"low": -1, "normal": 0, "high": 1}

_QUEUE_RE: Final = re.compile(r"[a-z][a-z0-9-]{0,29}")


def is_queue(name: str) -> bool:
    """Whether `name` can be that of a queue of background actions."""
    return bool(_QUEUE_RE.fullmatch(name))


class TaskOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a task is to be run, where its author says so. Times in seconds."""

    time_limit: float | None = None  #: of one run; never more than the operator allows
    times: int = 0  #: how often it is run again after an error of its own
    delay: float = 0.0  #: until it is run again …
    backoff: float = 1.0  #: … by what that grows from time to time
    queue: str = (
        ""  #: whose workers run it: one of the operator's ``task queues``, "" or ``default``: the one of all others
    )
    priority: int = 0  #: one of `PRIORITIES`


class TaskStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    RESPONDING = "responding"
    DONE = "done"
    FAILED = "failed"
    REVOKED = "revoked"

    @property
    def ended(self) -> bool:
        return self in ENDED

    @property
    def held(self) -> bool:
        """A worker has it, or should."""
        return self in (TaskStatus.RUNNING, TaskStatus.RESPONDING)


ENDED = frozenset({TaskStatus.DONE, TaskStatus.FAILED, TaskStatus.REVOKED})
