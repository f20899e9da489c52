"""What the interview service's calls return. A screen in it is JSON that nobody on the way takes apart (`msgspec.Raw`).

`screen` is JSON ``null`` where there is none, and else an object of the form of `shared.contract.screen.Screen` with one member more:
``token``, which names the screen in the answer to it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Raw

from shared.contract.outcome import Failure, Rejection

NULL = Raw(b"null")


class Notice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something to be said once, beside the screen.

    Of an answer that was taken, what its sender may not expect; `message` is English, for programs and their authors: ``replaced``:
    `variables` had been answered since the page was shown, and this answer took that one's place; ``repeated``: the same screen comes
    again, because the interview still seeks `variables`. ``log``: the interview said `message` by ``log()`` with another `priority` than ``log``.
    """

    kind: Literal["replaced", "repeated", "log"]
    variables: tuple[str, ...] = ()
    message: str = ""
    priority: str = ""  #: console, javascript, or a colour of Bootstrap (functions.md, log())


class Reply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """To `open`, `screen`, `answer`, `action`, `back`, `restart`: where the session is now."""

    session: str
    interview: str
    version: int  #: rises with every change of the session
    step: int  #: how often Back can be pressed
    screen: Raw = msgspec.field(default_factory=lambda: NULL)  # (a factory: it is never left out)
    rejected: Rejection | None = None
    failure: Failure | None = None
    notices: tuple[Notice, ...] = ()


class Command(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something for an open page to do (background.md, "Communicating results to the user interface")."""

    extra: str | None = msgspec.field(
        default_factory=lambda: None
    )  #: flash, refresh, javascript, fields, backgroundresponse
    value: Any = msgspec.field(default_factory=lambda: None)
    task: str | None = None  #: it is the result of this task, and comes again until its id is acknowledged
    failed: bool = False  #: the task failed, and nothing else says so: the page has words for that


class Progress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far a task says it is. `usual`: seconds that the likes of it take."""

    task: str
    fraction: float | None = None
    text: str = ""
    usual: float | None = None


class CheckInReply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    version: int
    commands: tuple[Raw, ...] = msgspec.field(default_factory=lambda: ())  #: JSON of a `Command` each; never left out
    ended: tuple[str, ...] = ()  #: of the tasks that the page said it waits for
    progress: tuple[Progress, ...] = ()  #: of the others


class Variables(msgspec.Struct, frozen=True, kw_only=True):
    """To `variables`: everything the session knows, as JSON; nothing was saved."""

    variables: Raw
    i: str  #: the interview
    uid: str  #: the session
    encrypted: bool
    steps: int


class OtherSession(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """To `other`: what a task was told of another session. Nothing: it may change that one."""

    variables: Raw = NULL  #: JSON
    screen: Raw = NULL  #: JSON
    state: bytes | None = None  #: encoded; travels as base64


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """To `follow`: where a link that expires leads; None: it has expired, was used, or never was."""

    url: str | None = None


class Uploaded(msgspec.Struct, frozen=True):
    """`file` is the number of the file once its last piece has come."""

    file: int | None


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a file, and what a browser must know of the file. `chunk` travels as base64. Nothing of it counts if it is not `ready`."""

    filename: str
    mimetype: str
    size: int  #: bytes of the whole file
    chunk: Annotated[bytes, Meta(max_length=2**21)]
    ready: bool = True  #: False: the document is being made; ask again in a second
