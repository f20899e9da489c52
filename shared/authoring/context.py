"""The step that is running, as author functions see it: one `Context`, set by the engine, asked by everything here.

Author code has no parameters, so functions such as ``user_info()`` or ``background_action()`` find their step
through `current()`. One child runs one step at a time; a context variable keeps tests and threads apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Files(Protocol):
    """Files of the session, by number. Contents come from the parent only when asked for."""

    def read(self, number: int) -> bytes: ...
    def info(self, number: int) -> Mapping[str, Any]: ...  # filename, mimetype, size, extension
    def write(self, *, filename: str, mimetype: str, content: bytes) -> int: ...
    def share(self, *, filename: str, mimetype: str, content: bytes, lasting: bool) -> int:
        """As `write`, of a file that everybody may read; a `lasting` one outlives the session."""
        ...

    def find(self, reference: str, folder: str = "static") -> tuple[str, bytes]:
        """Name and content of a file of the session, by its number, or of a package: by its name, which is looked for in data/`folder` first."""
        ...

    def url(self, reference: str) -> str: ...


class Tasks(Protocol):
    """Background tasks of the session, by id."""

    def view(
        self, task_id: str
    ) -> Mapping[str, object]: ...  # status, ok, value, error_type, error_message, error_trace, variables
    def wait(self, task_id: str, timeout: float | None) -> Mapping[str, Any]: ...
    def on_progress(self, fraction: float | None, text: str) -> None:
        """Have an open page that waits for this task shown how far it is."""
        ...

    def on_error(self, action: str, arguments: bytes) -> None:
        """Have whoever runs this task know what is to be done should it not come to an end by itself."""
        ...


class Documents(Protocol):
    """Makes documents, in a process of its own."""

    def make(self, order: Mapping[str, Any]) -> bytes:
        """The file of an order (`shared.documents.making`). Raises `shared.documents.ports.DocumentError`."""
        ...


class Mails(Protocol):
    """Mails received for the session. Contents come from the parent only when asked for."""

    def heads(self, key: str | None) -> Iterable[Mapping[str, Any]]: ...  # as `Context.emails`, of one key or of all
    def whole(self, mail_id: str) -> Mapping[str, Any] | None: ...  # as `Context.email`
    def raw(self, mail_id: str) -> bytes: ...  # as `Context.email_raw`
    def sent(self, task: str) -> Mapping[str, Any] | None: ...  # as `Context.mail_status`


class Visits(Protocol):
    """Who used the session when, before this step. Comes from the parent only when asked for."""

    def all(self) -> Iterable[Mapping[str, Any]]: ...  # who, at (aware), privileges (list)


class Storage(Protocol):
    """What is kept beyond the session, before this step. Comes from the parent only when asked for."""

    def get(self, area: str, name: str, key: str) -> Mapping[str, Any] | None: ...  # value (encoded or None), counts
    def keys(self, area: str, name: str) -> Iterable[str]: ...


class Sessions(Protocol):
    """Other sessions, as far as the running user may enter them. Each raises `FileNotFoundError` for one that is none of those."""

    def begin(self, interview: str) -> str:
        """The id of a session that a `BeginSession` effect may begin: the same for the same request."""
        ...

    def check(self, interview: str, session: str, secret: str | None) -> None:
        """May it be changed?"""
        ...

    def variables(self, interview: str, session: str, secret: str | None) -> bytes: ...  # JSON of all_variables()
    def answers(self, interview: str, session: str, secret: str | None) -> dict[str, Any]: ...  # made anew, as they are
    def question(self, interview: str, session: str, secret: str | None) -> bytes: ...  # JSON of its current screen


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
    task: str | None  #: id of the background task that this step is, or answers for
    mode: str  #: foreground | background | callback | checkin | cron | email
    files: Files
    storage: Storage | None  #: None where nothing is kept beyond the answers
    sessions: Sessions | None  #: None where other sessions cannot be reached
    tasks: Tasks
    documents: Documents | None  #: None where no documents are made: their text stands for them
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
    def set_value(self, name: str, value: object) -> None: ...
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
        """Mails received for this session, oldest first: id, address, key, index, owner, sender, received, head (their header)."""
        ...

    def email(self, mail_id: str) -> Mapping[str, Any] | None:
        """One of them, with `parts` (`shared.contract.mail`; None: not taken apart yet). None if it is not one of this session."""
        ...

    def email_raw(self, mail_id: str) -> bytes:
        """All of one. Raises LookupError if it is not one of this session."""
        ...

    def mail_status(self, task: str) -> Mapping[str, Any] | None:
        """What became of the last mail for `task`: status, code, text, refused; None if none was sent."""
        ...

    def visits(self) -> list[Mapping[str, Any]]:
        """The last visit of each who was here, the cron user's included: who, at (aware), privileges."""
        ...

    def encode(self, value: object) -> bytes:
        """`value` as ``shared.state`` encodes it; raises its error for what cannot be kept."""
        ...

    def decode(self, value: bytes) -> Any:
        """What `encode` was given, made anew."""
        ...

    def once(self, what: str, whom: object, do: Callable[[], T], *, task: str | None = None) -> T:
        """Do something that happens outside, unless the running block did it before it was interrupted; what `do` gave.

        `what` is the kind of effect, `whom` everything that makes it this one and no other (addresses and texts, the action
        and its arguments). `do` gives plain data, which is kept and given again. `task` names the task that is marked as
        performed with it: when the author sets that back, it is done anew. Without a running block it is just done.
        Rules: docs/adr/0019-durable-blocks.md.
        """
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
