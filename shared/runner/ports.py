"""How a service has author code run. Implemented by `shared.runner.pool` (child processes) and, for tests of others, in-process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from shared.engine.outcome import Failure, Outcome
from shared.engine.request import Request


class RunnerError(Exception):
    """Base: the step did not end, nothing of it may be kept."""


class TimeLimit(RunnerError):
    """Author code ran longer than its limit; its child was ended. `failure` says where it was, if it could still be asked."""

    def __init__(self, message: str, failure: Failure | None = None) -> None:
        super().__init__(message)
        self.failure = failure


class ChildDied(RunnerError):
    """The child ended (killed, out of memory, crashed) before it answered."""


class Busy(RunnerError):
    """No child became free in time."""


class Cancelled(RunnerError):
    """`Cancel.set()` was called: the child was ended."""


class Outside(Protocol):
    """What a child may ask of its parent while a step runs; the service binds it to one session."""

    def task(self, task_id: str, wait: float | None) -> Mapping[str, Any]:
        """The task's status, ok, value (encoded bytes), error_type …; with `wait`, after at most that many seconds."""
        ...

    def file_info(self, number: int) -> Mapping[str, Any] | None: ...
    def file_read(self, number: int) -> bytes: ...
    def file_write(self, filename: str, mimetype: str, content: bytes) -> int: ...
    def emails(self, key: str | None) -> Iterable[Mapping[str, Any]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    seconds: float = 30.0
    memory: int = 512 * 1024 * 1024  #: bytes of address space beyond what the warm parent had


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A step that ended. `state` and `reverse` are None when `outcome.save` is ignore or the step failed.

    `reverse` is the delta from the new state back to the old one (None if nothing changed or there was no old state).
    """

    outcome: Outcome
    state: bytes | None
    reverse: bytes | None
    interview_digest: str
    seconds: float  #: time in the child


class Runner(Protocol):
    def step(
        self,
        interview: str,
        state: bytes | None,
        request: Request,
        *,
        outside: Outside,
        limits: Limits,
        cancel: Any = None,
    ) -> Done:
        """Run one step of `interview` on `state` (None: a new session). Raises `RunnerError` and LanguageError (the interview does not load)."""
        ...

    def close(self) -> None: ...
