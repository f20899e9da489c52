"""What a step wants to happen outside: plain, frozen, encodable. They leave with the state, in its outbox.

No effect carries an object of the interview: `arguments` and values are already encoded by ``shared.state``. The name of a class is
the `kind` under which an effect stands in the outbox, where it may wait for another version of the program: a field that comes new has a
default, and a change that an older version would misread is a new class with a new name (``SendMail2``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, TypeVar

import msgspec

from shared.contract import typed
from shared.contract.tasks import TaskOptions

#: What becomes of a state: a new step, the same step, thrown away.
Save = Literal["new", "overwrite", "ignore"]


class StartTask(msgspec.Struct, frozen=True, kw_only=True, tag=True, forbid_unknown_fields=True):
    """Run `action` in the background. `ui` is how the result reaches an open page: None, flash, refresh, javascript, fields."""

    task_id: str
    action: str
    arguments: bytes  #: encoded dict
    ui: str | None = None
    options: TaskOptions = TaskOptions()
    run_after: float = 0.0  #: seconds until it is run


class RevokeTask(msgspec.Struct, frozen=True, kw_only=True, tag=True, forbid_unknown_fields=True):
    task_id: str
    terminate: bool = True


class SendMail(msgspec.Struct, frozen=True, kw_only=True, tag=True, forbid_unknown_fields=True):
    """A mail to be sent by the system. Addresses are RFC 5322 strings; `attachments` are file numbers of the session."""

    mail_id: str
    to: tuple[str, ...]
    subject: str
    body: str
    html: str | None = None
    sender: str | None = None
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: str | None = None
    attachments: tuple[int, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    task: str | None = None  #: marked as performed with it; unmarked when it has failed for good
    task_persistent: bool | str = False
    server: str | None = None  #: name of the configuration by which it leaves
    variables: dict[str, Any] = {}  #: of Mailgun
    automatic: bool = False  #: no person's click caused it


class OpenAddress(msgspec.Struct, frozen=True, kw_only=True, tag=True, forbid_unknown_fields=True):
    """Make `address` (a local part) receive mail for this session: ``interview_email()``."""

    address: str
    key: str | None = None
    index: int | None = None


class NotifyBrowser(msgspec.Struct, frozen=True, kw_only=True, tag=True, forbid_unknown_fields=True):
    """Tell open pages of the session something now. `event` is the SSE event name, `data` plain JSON."""

    event: str
    data: dict[str, Any]


class DeleteSession(msgspec.Struct, frozen=True, kw_only=True, tag=True, forbid_unknown_fields=True):
    """The session ends with this step: exit."""


class Remember(msgspec.Struct, frozen=True, kw_only=True, tag=True, forbid_unknown_fields=True):
    """Keep `value` (plain data) under `key` with the session, where neither Back nor a restart undoes it. Read as ``Request.lasting``."""

    key: str
    value: Any


class Keep(msgspec.Struct, frozen=True, kw_only=True, tag=True, forbid_unknown_fields=True):
    """Change what is kept under `key` beyond this session's answers. Whose `area` it is follows from who runs the step.

    `value` (encoded) is set, `delete` removes it; `add` to and `put` in its named counters; `seconds`: so long it is kept from now on.
    """

    area: str  #: user, interview, session, global, links; named, records, stash, redis: with a `name`
    key: str
    name: str = ""
    value: bytes | None = None
    delete: bool = False
    add: dict[str, int] = {}
    put: dict[str, int] = {}
    seconds: float | None = None


class BeginSession(msgspec.Struct, frozen=True, kw_only=True, tag=True, forbid_unknown_fields=True):
    """Begin the session of this id: ``create_session()``. `secret`: a key (base64) of somebody who may enter instead of who runs the step."""

    session: str
    interview: str
    url_args: dict[str, Any] = {}
    secret: str | None = None


class ChangeSession(msgspec.Struct, frozen=True, kw_only=True, tag=True, forbid_unknown_fields=True):
    """Run an action in another session: ``set_session_variables()``, ``run_action_in_session()``, ``go_back_in_session()``.

    `arguments` are encoded; the other interview decodes them. `asks`: a question it leads to waits for the user there.
    """

    session: str
    interview: str
    action: str  #: of the interview, or one of `contract.others`
    arguments: bytes
    save: Save = "new"
    asks: bool = False
    secret: str | None = None


#: The priority of what was printed, not said by ``log()``.
PRINTED = "print"


class ForgetFile(msgspec.Struct, frozen=True, kw_only=True, tag=True, forbid_unknown_fields=True):
    """Everybody could read file `number` of this session; now nobody does."""

    number: int


class LogMessage(msgspec.Struct, frozen=True, kw_only=True, tag=True, forbid_unknown_fields=True):
    """What author code said; with another priority than ``log`` and `PRINTED` also to whoever sees the next screen."""

    message: str
    priority: str = "log"


Effect = (
    StartTask
    | RevokeTask
    | SendMail
    | OpenAddress
    | NotifyBrowser
    | DeleteSession
    | Remember
    | LogMessage
    | Keep
    | ForgetFile
    | BeginSession
    | ChangeSession
)

E = TypeVar("E")


def kind_of(effect: Effect | type[Effect]) -> str:
    """The name under which it stands in an outbox."""
    cls = effect if isinstance(effect, type) else type(effect)
    return cls.__name__


def to_body(effect: Effect) -> dict[str, object]:
    """The effect as an outbox keeps it: plain values and bytes, without its kind."""
    return {name: _plain(getattr(effect, name)) for name in effect.__struct_fields__}


def _plain(value: object) -> object:
    if isinstance(value, TaskOptions):
        return msgspec.to_builtins(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value


def from_body(cls: type[E], body: Mapping[str, object]) -> E:
    """The effect that `to_body` took apart. Raises `msgspec.ValidationError`, which names the field."""
    return typed.convert({"type": cls.__name__, **body}, cls, builtin_types=(bytes, datetime))
