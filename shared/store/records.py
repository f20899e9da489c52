"""What is kept: frozen records, the same over every adapter. Times are aware UTC datetimes, kept to the millisecond; ids are
opaque strings of 1 to 200 printable characters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from shared.contract.tasks import TaskStatus


def _empty() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """One effect that leaves with the state. `body` is plain (JSON types and bytes)."""

    id: str
    kind: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What Back needs to undo one step: the reverse delta from its state to the one before.

    `uid` is the session version that created it, so it is unique in the session and never used again.
    """

    uid: int
    number: int
    delta: bytes
    previous: int | None  #: uid of the step below it


#: Steps below the newest that are read with a session, so that Back need not ask for them.
BELOW: Final = 3
#: Bytes of a kept state that can have changes behind it: with fewer it is written whole.
CHANGEABLE: Final = 128 * 1024


@dataclass(frozen=True, slots=True)
class Changed:
    """A delta from a state to the one that the commit to `version` left."""

    version: int
    delta: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session as it stands. `version` rises by one with every commit; nothing is written without naming it."""

    id: str
    version: int
    interview: str
    state: bytes  #: encoded (perhaps sealed) state; adapters chunk it when it is large
    #: Behind a state that was large: what commits have changed of it since, each with the version it made. (A vault puts them together.)
    changes: tuple[Changed, ...] = ()
    step: int  #: how many steps Back could go
    top: Step | None = None  #: the newest step
    #: Those below it, the newest first, as far as an adapter had them at hand: at most `BELOW`, perhaps none.
    below: tuple[Step, ...] = field(default=(), compare=False)
    secret: bytes = b""  #: random, per session: signs screen tokens
    sealed: bool = False
    created: datetime
    modified: datetime
    accessed: datetime
    owner: str | None = None
    multi_user: bool = False
    allow_cron: bool = False
    scheduled: bool = False  #: takes part in scheduled tasks, as far as its interview offers any
    events: tuple[str, ...] = ()
    title: str | None = None
    tags: tuple[str, ...] = ()
    progress: int | None = None
    browsers: tuple[str, ...] = ()  #: hashes of the ids of browsers that have been in it, for `Sessions.of_browsers`
    slots: Mapping[str, bytes] = field(
        default_factory=_empty
    )  #: who may enter: name of a key's slot -> what is kept in it
    outbox: tuple[OutboxEntry, ...] = ()
    seen: Mapping[str, int] = field(
        default_factory=_empty
    )  #: digests of requests that took effect lately -> when, in seconds since 1970; the newest last
    applied: Mapping[str, Any] = field(
        default_factory=_empty
    )  #: tasks whose response action has been saved -> value (bytes), until the task says done
    extra: Mapping[str, Any] = field(
        default_factory=_empty
    )  #: plain data of the interview service (clients, last access by user …)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A session as a list shows it."""

    id: str
    interview: str
    title: str | None
    tags: tuple[str, ...]
    progress: int | None
    created: datetime
    modified: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionName:
    """A session, of which interview it is, and its version."""

    id: str
    interview: str
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """That a person used a session: `who` is the id of a user, or what all who are not logged in share."""

    who: str
    at: datetime
    privileges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What one compare-and-set writes. None leaves a thing as it is."""

    now: datetime
    state: bytes | None = None
    #: A forward delta from the state as it is to the new one. Without `state` it is kept behind that, which must have more than `CHANGEABLE`
    #: bytes; with `state`, what is kept is its keeper's to choose.
    change: bytes | None = None
    secret: bytes | None = None  #: of the session whose state a lone `change` is of (`Session.secret`)
    push: Step | None = None  #: a new step on top (its uid is the new version)
    pop: int = 0  #: go back that many steps (the caller has applied their deltas to `state`)
    #: Those steps, the newest first, if the caller knows them (their deltas do not matter): then none need be looked up.
    popped: tuple[Step, ...] = ()
    outbox: tuple[OutboxEntry, ...] = ()
    seen: Mapping[str, int] | None = None  #: all of `Session.seen` from now on
    applied: Mapping[str, Any] = field(default_factory=_empty)
    visit: Visit | None = None  #: who is here, if it is a person
    fields: Mapping[str, Any] = field(
        default_factory=_empty
    )  #: new values of multi_user, allow_cron, scheduled, events, title, tags, progress, owner, sealed, interview, extra, accessed, browsers, slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One background task.

    A worker holds it by `lease` (a random token) until `lease_until`; without a heartbeat it goes to another.
    """

    id: str
    session: str
    interview: str
    action: str
    arguments: bytes
    status: TaskStatus = TaskStatus.QUEUED
    ui: str | None = None
    origin: str = "action"  #: action | cron | email
    user: Mapping[str, Any] = field(default_factory=_empty)
    browser: Mapping[str, Any] = field(default_factory=_empty)
    created: datetime  #: when it was asked for; of one that is to be run later, when
    started: datetime | None = None
    finished: datetime | None = None
    attempts: int = 0  #: times that a worker took it
    deaths: int = 0  #: times that its own child ended without a result, by its own doing
    lease: str | None = None
    lease_until: datetime | None = None
    response: Mapping[str, Any] = field(
        default_factory=_empty
    )  #: while responding: action, arguments (bytes), is_error
    result: Mapping[str, Any] = field(
        default_factory=_empty
    )  #: ok, value (bytes), kind, error_type, error_message, error_trace, variables
    delivered: bool = False  #: the ui result reached a page
    queue: str = "task"  #: the job queue that brings it to a worker
    priority: int = 0  #: higher goes first there
    options: Mapping[str, Any] = field(default_factory=_empty)  #: a `TaskOptions`, plain
    progress: Mapping[str, Any] = field(
        default_factory=_empty
    )  #: fraction, text, usual (seconds): what its page is shown


@dataclass(frozen=True, slots=True, kw_only=True)
class DueTask:
    """A task that nobody works on, as whoever has it run needs to know it."""

    id: str
    status: TaskStatus
    created: datetime
    queue: str = "task"
    priority: int = 0


class Ended(Enum):
    """How a worker's hold of a task ended without a result."""

    UNBEGUN = "unbegun"  #: nothing was run: no attempt
    INTERRUPTED = "interrupted"  #: what ran was ended by somebody else
    DIED = "died"  #: what ran ended its process


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """What a run of an interview's code said, and what it failed of. Only runs that said something or failed are kept."""

    id: str
    kind: str  #: interview | worker | cron | scheduler | mail
    at: datetime
    session: str
    interview: str
    what: str  #: step, check_in, tick, task, response or mail
    name: str = ""  #: of the action, event or task
    task: str | None = None
    ok: bool = True
    lines: tuple[str, ...] = ()
    failure: Mapping[str, Any] = field(
        default_factory=_empty
    )  #: type, message, file, block, line, trail, trace; empty if it ended well


@dataclass(frozen=True, slots=True, kw_only=True)
class TickMark:
    """How far a session has come with one scheduled event. Kept apart from the session: most ticks change nothing of it."""

    session: str
    event: str
    period: str  #: of the last tick that was dealt with
    at: datetime
    outcome: str  #: ran, asked, failed
    failures: int = 0  #: in a row
    until: datetime | None = None  #: an event that fails again and again is not tried before
    digest: str = ""  #: of the interview that it ran with
    error: Mapping[str, Any] = field(default_factory=_empty)  #: type, file, block, line, trail: no text of a message


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem:
    """What interviews keep beyond a session's answers, under a key within a scope (whose it is; `services.storage` says how it is made)."""

    scope: str
    key: str
    body: Mapping[str, Any] = field(default_factory=_empty)
    session: str | None = None  #: goes with this session
    until: datetime | None = None  #: not there any more from then on
    version: int = 0  #: 0: it is not kept yet
    applied: tuple[str, ...] = ()  #: marks of the last changes, so that none is made twice


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One tick of one schedule and what became of it, or several ticks in a row that were passed over for one reason."""

    schedule: str
    period: str  #: its key: unique in the schedule, ascending as text
    kind: str  #: interviews, job or task
    due: datetime
    step: float = 0.0  #: seconds until the tick after it
    outcome: str = "waiting"  #: waiting, running; then ran, late, skipped or failed
    reason: str = ""
    count: int = 1  #: ticks that it stands for; `due` is that of the last, `first` of the first
    first: datetime | None = None
    by: str = ""  #: the clock that runs it
    began: datetime | None = None
    ended: datetime | None = None
    position: str = ""  #: what it has come to, for whoever goes on
    counts: Mapping[str, int] = field(default_factory=_empty)
    detail: Mapping[str, Any] = field(default_factory=_empty)

    @property
    def open(self) -> bool:
        return self.outcome in OPEN


#: Outcomes of a tick that has not come to its end.
OPEN: Final = ("waiting", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInfo:
    number: int
    session: str
    filename: str
    mimetype: str
    size: int
    sha256: str  #: of what the store holds (behind a vault: of the sealed bytes)
    created: datetime
    used: datetime | None = None  #: of one that outlasts its session: when it was kept, or `Files.use` was last called


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file on its way. `number` is that of the file it became: its pieces are gone then."""

    session: str
    id: str
    number: int | None
    changed: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A mail address (local part) of a session."""

    address: str
    session: str
    key: str | None
    index: int | None
    user: Mapping[str, Any] = field(default_factory=_empty)
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A received mail, kept before SMTP said 250. `raw` is the whole message; `status`: received, done."""

    id: str
    address: str
    session: str
    sender: str
    received: datetime
    raw: bytes
    status: str = "received"
    front: bool = False  #: its Authentication-Results of `authentication server` count: a trusted front handed it over, or we checked it


@dataclass(frozen=True, slots=True, kw_only=True)
class MailHead:
    """A received mail without its content: `head` is its header, up to the empty line (at most `HEAD_BYTES` of it)."""

    id: str
    address: str
    session: str
    sender: str
    received: datetime
    head: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """A mail that leaves. `body` is what is to be sent, empty once it has been; `last` what the server said: code, text, at, refused.

    A worker holds it by `lease`, like a task. `status`: queued, sending, sent, failed, bounced.
    """

    id: str
    session: str
    body: Mapping[str, Any]
    task: str | None = None  #: a digest of the task's name (`task_digest`)
    server: str = ""  #: name of the configuration by which it leaves
    status: str = "queued"
    created: datetime
    due: datetime  #: when it is to be tried (again)
    attempts: int = 0
    lease: str | None = None
    lease_until: datetime | None = None
    finished: datetime | None = None
    last: Mapping[str, Any] = field(default_factory=_empty)


#: Statuses of a mail that nobody tries any more.
MAIL_ENDED: Final = ("sent", "failed", "bounced")
OUTGOING_STATUSES: Final = ("queued", "sending", *MAIL_ENDED)


def task_digest(task: str) -> str:
    """What stands for a task's name where it is looked for: authors put answers into names."""
    return hashlib.sha256(task.encode()).hexdigest()[:32]


#: Whose mails those to ``postmaster@`` and ``abuse@`` are, and whose the configured jobs' are: no session has these ids.
OPERATOR: Final = "operator"
SCHEDULER: Final = "scheduler"
NO_SESSIONS: Final = (OPERATOR, SCHEDULER)


def digest_of(address: str) -> str:
    """What stays of an address whose session is deleted."""
    return hashlib.sha256(address.encode()).hexdigest()


#: Of a mail's header, what is kept apart: a hundred lines of the longest that RFC 5322 allows.
HEAD_BYTES: Final = 64 * 1024


def head_of(raw: bytes) -> bytes:
    """The header of a mail, with the empty line that ends it."""
    first = raw[:HEAD_BYTES]
    ends = [first.find(mark) + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if mark in first]
    return first[: min(ends)] if ends else first
