"""What an operator's console reads: lists of what waits, runs, failed, and counts; never what anybody answered.

A port of its own, because its questions are not those of the use cases: it ranges over all sessions, pages by keyset, and only
ever reads. Not for: queues of the broker and their dead letters (`shared.bus.messages.BusAdmin`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, Protocol, TypeVar

Line = TypeVar("Line")
#: Up to where `Overview.counts` counts. To count all would be to read all, on each look at a console.
COUNTED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Page(Generic[Line]):
    """`after` is where the next page begins, to be given back as it is; None after the last."""

    lines: tuple[Line, ...]
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLine:
    """`error_type` is the class of what a failed task raised, not what it said."""

    id: str
    session: str
    interview: str
    action: str
    origin: str
    status: str
    created: datetime
    started: datetime | None
    finished: datetime | None
    lease_until: datetime | None
    attempts: int
    error_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLine:
    """A received mail; neither its sender nor anything of it."""

    id: str
    session: str
    status: str
    received: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxLine:
    """A session with effects that are saved and not published yet."""

    session: str
    oldest: datetime
    entries: int
    kinds: tuple[str, ...]  #: each once, sorted


@dataclass(frozen=True, slots=True, kw_only=True)
class TickLine:
    """The last period of a schedule that somebody claimed, and when."""

    key: str
    period: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Each up to `COUNTED`: whoever sees that number knows that it is more.

    `late`: tasks queued too long, `lapsed`: tasks whose worker is silent, `mails`: received and not acted on, `outboxes`: sessions."""

    tasks: Mapping[str, int]
    late: int
    lapsed: int
    mails: int
    outboxes: int


class Overview(Protocol):
    """Lists are ordered by their time, then their id. Raises `BadRecord` for an `after` that came from nowhere."""

    def counts(self, *, now: datetime, queued_before: datetime, most: int = COUNTED) -> Counts:
        """`late` are those queued before `queued_before`. Nothing is counted beyond `most`."""
        ...

    def tasks(
        self,
        status: str,
        *,
        before: datetime | None = None,
        newest_first: bool = False,
        after: str = "",
        limit: int = 100,
    ) -> Page[TaskLine]:
        """Tasks of one status, by when they were created; with `before` only those created before it."""
        ...

    def lapsed(self, *, now: datetime, after: str = "", limit: int = 100) -> Page[TaskLine]:
        """Tasks that run by a lease that ran out, longest first."""
        ...

    def mails(self, status: str, *, newest_first: bool = False, after: str = "", limit: int = 100) -> Page[MailLine]:
        """Mails of one status (received, done), by when they were received."""
        ...

    def outboxes(self, *, before: datetime, after: str = "", limit: int = 100) -> Page[OutboxLine]:
        """Sessions with an entry saved at `before` or earlier, the one that waits longest first."""
        ...

    def ticks(self, *, after: str = "", limit: int = 100) -> Page[TickLine]:
        """Schedules by their keys."""
        ...
