"""How a service has author code run. Implemented by `shared.runner.pool` (child processes) and, for tests of others, in-process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from shared.contract.outcome import StepResult

if TYPE_CHECKING:
    from shared.engine.request import Request


class Cancelled(Exception):
    """The step was cancelled by `cancel`: its child was ended. Nothing of it may be kept."""


class HostApi(Protocol):
    """What a child may ask of its parent while a step runs; the service binds it to one session."""

    watcher: Callable[[float | None, str], None] | None
    error_action: tuple[str, bytes] | None  #: what `on_error` was told last

    def task(self, task_id: str, wait: float | None) -> Mapping[str, object]:
        """The task's status, ok, value (encoded bytes), error_type …; with `wait`, after at most that many seconds."""
        ...

    def on_progress(self, fraction: float | None, text: str) -> None:
        """How far this task says it is; goes to `watcher`."""
        ...

    def on_error(self, action: str, arguments: bytes) -> None:
        """What is to be done if this task fails, also if its process dies: the name of an action, and its encoded arguments."""
        ...

    def file_info(self, number: int) -> Mapping[str, object] | None: ...
    def file_read(self, number: int) -> bytes: ...
    def file_write(self, filename: str, mimetype: str, content: bytes) -> int: ...
    def file_share(self, filename: str, mimetype: str, content: bytes, lasting: bool) -> int:
        """As `file_write`, of a file that everybody may read who knows its number; a `lasting` one outlives the session."""
        ...

    def emails(self, key: str | None, after: str) -> Mapping[str, object]:
        """``{"mails": […], "after": …}``: some of the mails with their headers, and where to go on (None: these were the last)."""
        ...

    def visits(self) -> list[Mapping[str, object]]:
        """The last visit of each who was here before this step, the cron user's included: who, at, privileges."""
        ...

    def stored(self, area: str, name: str, key: str) -> Mapping[str, object] | None:
        """What is kept there beyond the session: ``value`` (encoded, or None) and ``counts``; None if there is nothing."""
        ...

    def stored_keys(self, area: str, name: str, after: str) -> list[str]:
        """Some of the keys that come after `after`; none: there are no more."""
        ...

    def session_begin(self, interview: str) -> str:
        """The id of a session that this step may begin. Raises LookupError, as the next three do."""
        ...

    def session_check(self, interview: str, session: str, secret: str | None) -> None:
        """May the running user, or who has `secret`, change that other session?"""
        ...

    def session_variables(self, interview: str, session: str, secret: str | None) -> bytes:
        """Its answers as JSON."""
        ...

    def session_question(self, interview: str, session: str, secret: str | None) -> bytes:
        """Its current screen as JSON."""
        ...

    def session_state(self, interview: str, session: str, secret: str | None) -> bytes: ...
    def email(self, mail_id: str) -> Mapping[str, object] | None:
        """The same of one mail, with its ``parts``: what it is made of (`shared.contract.mail`), or None if it was not taken apart yet."""
        ...

    def email_raw(self, mail_id: str) -> bytes:
        """The whole message. Raises LookupError."""
        ...

    def mail_status(self, task: str) -> Mapping[str, object] | None:
        """What became of the last mail sent for the task of that name: status, code, text, refused."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    seconds: float = 30.0
    memory: int = 512 * 1024 * 1024  #: bytes of address space beyond what the warm parent had


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The name of something that may be asked for out of turn, and the block that does it."""

    name: str
    file: str
    block: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What an interview offers as its files are now; `digest` is of those files."""

    events: tuple[Event, ...]
    digest: str

    def of(self, name: str) -> Event | None:
        return next((event for event in self.events if event.name == name), None)


class Runner(Protocol):
    def offers(self, interview: str) -> Offers:
        """Raises what loading it raises: `NoInterview`, `BadInterview`, `StepFailed`, `Busy`."""
        ...

    def step(
        self,
        interview: str,
        state: bytes | None,
        request: Request,
        *,
        host: HostApi,
        limits: Limits,
        session: str | None = None,
        keep: bool = True,
        cancel: threading.Event | None = None,
    ) -> StepResult:
        """Run one step of `interview` on `state` (None: a new session); once `cancel` is set, end it with `Cancelled`.

        The process of a `session` serves no other one; with `keep` it stays for its next step, without a session it is the step's own.
        Raises what ended the step before it had a result, as the contract calls it; nothing of it may be kept then. The interview does
        not load: `NoInterview`, `BadInterview`, `StepFailed`. Its code took too long: `TimeLimit`. Its process died of it: `ChildDied`.
        There was no process for it, or one that others ended: `Busy`.
        """
        ...

    def forget(self, session: str) -> None:
        """The session is gone: nothing of it need stay ready."""
        ...

    def close(self) -> None: ...
