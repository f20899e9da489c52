"""What comes of a call into a module of others: values and the port, without the processes that it takes (`call`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from shared.runner.ports import Limits


class CallError(StrEnum):
    """Why a call has no result."""

    NO_MODULE = "no module"  #: not below the roots, or one of ours
    NO_FUNCTION = "no function"  #: the module has nothing callable of that name
    RAISED = "raised"  #: the module at its import, or the function
    TIME_LIMIT = "time limit"
    MEMORY = "memory"
    DIED = "died"  #: killed, crashed, out of memory beyond what Python notices
    NOT_PLAIN = "not plain"  #: the result holds what cannot be kept, or is too large


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """`type` is that of the exception, `file` and `line` are the innermost of the packages' own; all but `error` may be empty."""

    error: CallError
    message: str
    type: str = ""
    file: str = ""
    line: int = 0
    trace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A call that ended: with a plain `value`, or with `failed`."""

    value: object = None
    failed: Failed | None = None
    seconds: float = 0.0


class CallRunner(Protocol):
    """What a service asks of this module; tests may put something in its place."""

    def call(
        self, module: str, function: str, *, args: Sequence[object], kwargs: Mapping[str, object], limits: Limits
    ) -> Called:
        """Import `module` and call its `function`. `args` and `kwargs` are plain.

        Raises ValueError (arguments that cannot travel), `Busy` (no process can be had now).
        """
        ...

    def job(self, given: Mapping[str, object], *, limits: Limits) -> Called:
        """Run a job as `shared.runner.jobs.run` describes it: `Called.value` is what it said and wants done, also if it failed.

        Raises as `call`.
        """
        ...

    def close(self) -> None: ...
