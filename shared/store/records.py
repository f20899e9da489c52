"""What is kept: frozen records, the same over every adapter. Times are aware UTC datetimes, kept to the millisecond; ids are
opaque strings of 1 to 200 printable characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session as it stands. `version` rises by one with every commit; nothing is written without naming it."""

    id: str
    version: int
    interview: str
    state: bytes  #: encoded (perhaps sealed) state; adapters chunk it when it is large
    step: int  #: how many steps Back could go
    top: Step | None = None  #: the newest step
    secret: bytes = b""  #: random, per session: signs screen tokens
    sealed: bool = False
    created: datetime
    modified: datetime
    accessed: datetime
    owner: str | None = None
    multi_user: bool = False
    allow_cron: bool = False
    events: tuple[str, ...] = ()
    title: str | None = None
    tags: tuple[str, ...] = ()
    progress: int | None = None
    outbox: tuple[OutboxEntry, ...] = ()
    seen: Mapping[str, Any] = field(
        default_factory=_empty
    )  #: ids of the last requests that took effect -> small plain result
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
class Commit:
    """What one compare-and-set writes. None leaves a thing as it is."""

    now: datetime
    state: bytes | None = None
    push: Step | None = None  #: a new step on top (its uid is the new version)
    pop: int = 0  #: go back that many steps (the caller has applied their deltas to `state`)
    outbox: tuple[OutboxEntry, ...] = ()
    request_id: str | None = None  #: remembered in `seen`, of which the newest 64 are kept
    result: Any = None
    applied: Mapping[str, Any] = field(default_factory=_empty)
    fields: Mapping[str, Any] = field(
        default_factory=_empty
    )  #: new values of multi_user, allow_cron, events, title, tags, progress, owner, sealed, interview, extra, accessed


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One background task. `status`: queued, running, responding, done, failed, revoked.

    A worker holds it by `lease` (a random token) until `lease_until`; without a heartbeat it goes to another.
    """

    id: str
    session: str
    interview: str
    action: str
    arguments: bytes
    status: str = "queued"
    ui: str | None = None
    origin: str = "action"  #: action | cron | email
    user: Mapping[str, Any] = field(default_factory=_empty)
    browser: Mapping[str, Any] = field(default_factory=_empty)
    created: datetime
    started: datetime | None = None
    finished: datetime | None = None
    attempts: int = 0
    lease: str | None = None
    lease_until: datetime | None = None
    response: Mapping[str, Any] = field(
        default_factory=_empty
    )  #: while responding: action, arguments (bytes), is_error
    result: Mapping[str, Any] = field(
        default_factory=_empty
    )  #: ok, value (bytes), kind, error_type, error_message, error_trace, variables
    delivered: bool = False  #: the ui result reached a page


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInfo:
    number: int
    session: str
    filename: str
    mimetype: str
    size: int
    sha256: str
    created: datetime


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
