"""The step that is running, as author functions see it: one `Context`, set by the engine, asked by everything here.

Author code has no parameters, so functions such as ``user_info()`` or ``background_action()`` find their step
through `current()`. One child runs one step at a time; a context variable keeps tests and threads apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Protocol


class Files(Protocol):
    """Files of the session, by number. Contents come from the parent only when asked for."""

    def read(self, number: int) -> bytes: ...
    def info(self, number: int) -> Mapping[str, Any]: ...  # filename, mimetype, size, extension
    def write(self, *, filename: str, mimetype: str, content: bytes) -> int: ...
    def find(self, reference: str) -> tuple[str, bytes]: ...  # package or data/static reference -> (filename, content)
    def url(self, reference: str) -> str: ...


class Tasks(Protocol):
    """Background tasks of the session, by id."""

    def view(
        self, task_id: str
    ) -> Mapping[str, Any]: ...  # status, ok, value, error_type, error_message, error_trace, variables
    def wait(self, task_id: str, timeout: float | None) -> Mapping[str, Any]: ...


class Context(Protocol):
    """What one step offers to author functions. Implemented by ``shared.engine.context``; a plain one serves tests.

    `namespace` is the interview's variables (the exec globals). `internal` is the engine's part of the state
    (answered set, event stack, tasks performed …), plain data only. `effects` collects what is to happen
    outside; it leaves with the state, never before.
    """

    namespace: dict[str, Any]
    internal: dict[str, Any]
    effects: list[Any]
    now: datetime  #: aware, UTC
    language: str
    locale: str
    country: str
    timezone: str
    user: Mapping[str, Any]  #: id, email, first_name …, privileges (list), is_anonymous, is_authenticated
    request: Mapping[
        str, Any
    ]  #: url_root, interview_url, user_agent, ip, session, interview, secret-less; mode; device
    arguments: Mapping[str, Any]  #: of the action being run
    action: str | None
    mode: str  #: foreground | background | callback | checkin | cron | email
    files: Files
    tasks: Tasks
    random: Any  #: random.Random of this step
    interview: Any  #: shared.language.model.Interview
    config: Mapping[str, Any]  #: the part of the configuration that authors may read
    step: dict[
        str, Any
    ]  #: what author functions note for the rest of this step; never saved (keys: ``shared.authoring.memory``)
    prior: Mapping[str, Any]  #: after Back: the answers of the undone step, by variable; else empty
    lasting: Mapping[str, Any]  #: what `Remember` effects kept in earlier steps: neither Back nor a restart undoes it
    block: Any  #: the shared.language.model.Block that is running, or None
    sought: tuple[str, ...]  #: names being sought, innermost first

    def seek(self, name: str) -> Any:
        """Return the value of `name`, asking for it if it is missing (raises the engine's seek)."""
        ...

    def defined(self, name: str) -> bool: ...
    def value(self, name: str) -> Any: ...
    def set_value(self, name: str, value: Any) -> None: ...
    def undefine(self, *names: str) -> None: ...
    def invalidate(self, *names: str) -> None: ...
    def reconsider(self, *names: str) -> None: ...
    def process_action(self) -> None:
        """Run the action of this request, or the pending ones of this user (raises the engine's signals)."""
        ...

    def forget_result_of(self, *ids: str) -> None:
        """Take the blocks with these author's ids out of the answered set; unknown ids are ignored."""
        ...

    def emails(self, key: str | None) -> list[Mapping[str, Any]]:
        """Mails received for this session: address, key, index and the parts of a ``DAEmail``, oldest first."""
        ...

    def encode(self, value: Any) -> bytes:
        """`value` as ``shared.state`` encodes it; raises its error for what cannot be kept."""
        ...

    def new_id(self, kind: str) -> str: ...  # random, unguessable, reproducible for the same step


_current: ContextVar[Context | None] = ContextVar("parley_context", default=None)


class NoStepRunning(RuntimeError):
    """An author function that needs a step was called outside of one."""


def current() -> Context:
    """The context of the running step. Raises `NoStepRunning` outside of one."""
    context = _current.get()
    if context is None:
        raise NoStepRunning("this function can only be called while an interview is running")
    return context


def current_or_none() -> Context | None:
    return _current.get()


@contextmanager
def running(context: Context) -> Iterator[Context]:
    """Make `context` the current one for the length of a with block."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
