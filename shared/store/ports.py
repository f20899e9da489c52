"""The ports. Every write is durable when the call returns (MongoDB ``w: majority, j: true``; SQLite ``synchronous=FULL``).

Excepted are writes that whoever finds them undone simply repeats: `publish_done`, `forget_applied`, `Tasks.add` (asked for
by an outbox entry that is removed after it), `claim`, `heartbeat` and `release` of a task, `Mails.done`, `note`, `forget`. Those
survive the death of every process; a loss of power may lose the last of them, and never an earlier one before a later one.

Only atomic operations on one document are used, so that the MongoDB adapter needs no transactions. Where two documents
belong together the order of idempotent steps is part of the method's contract.

Errors: `StoreUnavailable` (try again later), `DuplicateId`, `TooLarge`, `BadRecord` (refused before anything is sent:
a naive datetime, a malformed id, a body that is not plain). Methods that look for one thing return None when it is not
there; so they do for text that cannot be an id. Ids are 1 to 200 printable characters. Limits are in ``shared.store.checks``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final, Literal, Protocol

from shared.store.records import Address, Commit, FileInfo, Mail, Session, Step, Summary, Task


class Unchanged(Enum):
    """The type of `UNCHANGED`."""

    UNCHANGED = "unchanged"


#: Answer of `Sessions.load_newer`: the caller's copy has the version that is stored.
UNCHANGED: Final = Unchanged.UNCHANGED


class StoreError(Exception):
    """Base of this package's errors."""


class StoreUnavailable(StoreError):
    """The database cannot be reached, or did not confirm a write: nothing is known to be saved."""


class DuplicateId(StoreError):
    """A record with this id (or unique key) exists already."""


class TooLarge(StoreError):
    """A value is over the limit named in the message."""


class BadRecord(StoreError, ValueError):
    """A record or argument that this contract refuses; the message says what and why. Nothing was changed."""


class Sessions(Protocol):
    def create(self, session: Session) -> None:
        """Insert, with at most one step. Raises `DuplicateId`."""
        ...

    def load(self, session_id: str) -> Session | None: ...

    def load_newer(self, session_id: str, *, version: int) -> Session | Literal[Unchanged.UNCHANGED] | None:
        """For a caller that holds `version`: `UNCHANGED` if that is what is stored (nothing is transferred), else as `load`.

        `publish_done` and `forget_applied` do not change the version, so `outbox` and `applied` of the caller's
        copy may hold entries that are gone.
        """
        ...

    def commit(self, session_id: str, *, version: int, commit: Commit) -> bool:
        """Compare-and-set on `version`. False if the session has another version by now, or is gone.

        `pop` comes before `push`, so both together replace the newest step; a `pop` larger than the number of steps takes
        all of them. `push.previous` is the uid of the step that is on top after `pop`. Raises `BadRecord` if it is
        not; `TooLarge` (also if the outbox is full because nothing publishes it).
        """
        ...

    def step(self, session_id: str, uid: int) -> Step | None:
        """An older step. The newest few live in the session's document; the adapter moves the rest out."""
        ...

    def publish_done(self, session_id: str, entry_ids: Iterable[str]) -> None:
        """Take confirmed entries out of the outbox. Does not change the version."""
        ...

    def forget_applied(self, session_id: str, task_id: str) -> None: ...

    def unpublished(self, *, older_than: datetime, limit: int) -> list[str]:
        """Ids of sessions with outbox entries that a crash may have left behind."""
        ...

    def offering(self, event: str, *, after: str = "", limit: int = 200) -> list[str]:
        """Ids (ascending, after `after`) of sessions with allow_cron and multi_user whose interview offers `event`."""
        ...

    def idle(self, *, before: datetime, after: str = "", limit: int = 200) -> list[str]:
        """Ids of sessions not modified since `before`."""
        ...

    def owned(self, owner: str, *, limit: int = 200) -> list[Summary]:
        """The sessions with this `owner`, newest first."""
        ...

    def delete(self, session_id: str) -> bool:
        """Remove the session, its steps, files, addresses, mails, tasks. May be called again after a crash.

        False if nothing was there. A deletion that a crash cut short is found by `idle`.
        """
        ...


class Tasks(Protocol):
    def add(self, task: Task) -> bool:
        """Insert; False (and nothing changed) if the id exists."""
        ...

    def get(self, task_id: str) -> Task | None: ...
    def of_session(self, session_id: str) -> list[Task]: ...

    def claim(self, task_id: str, *, lease: str, now: datetime, length: timedelta) -> Task | None:
        """Take a queued task, or a running/responding one whose lease has run out. None if it is someone else's or ended.

        A queued task becomes running; a responding one stays so. `attempts` rises by one. Again with the same
        `lease`, the task that it holds.
        """
        ...

    def heartbeat(self, task_id: str, *, lease: str, now: datetime, length: timedelta) -> bool:
        """False: the lease was lost or the task was revoked; stop working on it."""
        ...

    def responding(self, task_id: str, *, lease: str, response: Mapping[str, Any]) -> bool:
        """Keep what a running task answers with (its response action), before it takes effect. False: the lease is lost."""
        ...

    def finish(self, task_id: str, *, lease: str | None, status: str, result: Mapping[str, Any], now: datetime) -> bool:
        """End a task (done, failed) under `lease` (None: whoever holds it), exactly once. False if it had ended or the lease is lost."""
        ...

    def release(self, task_id: str, *, lease: str, counted: bool = True) -> bool:
        """Give a claimed task back: a running one is queued again, a responding one may be claimed at once.

        Without `counted` it had not begun, and the claim is taken off its attempts.
        """
        ...

    def revoke(self, task_id: str, *, now: datetime, terminate: bool) -> Task | None:
        """End a queued (with `terminate`, also a running) task; the revoked task, or None if there was nothing to revoke.

        A responding task has its result already and is past revoking. A worker learns of it by its heartbeat.
        """
        ...

    def mark_delivered(self, task_id: str) -> bool:
        """True for exactly one caller."""
        ...

    def due(self, *, now: datetime, queued_before: datetime, limit: int) -> list[Task]:
        """Tasks that nobody works on though someone should: queued before `queued_before`, or with a lease that ran out."""
        ...

    def counts(self) -> dict[str, int]:
        """Number of tasks by status; every status is there."""
        ...


class Files(Protocol):
    """Contents of any size, in chunks. A file is visible (`info`, `read`) only once `put` has returned."""

    def put(self, *, session: str, filename: str, mimetype: str, content: Iterable[bytes], now: datetime) -> FileInfo:
        """Keep `content`, in pieces of any size. Raises `TooLarge`; then, and if `content` raises, nothing stays."""
        ...

    def info(self, number: int) -> FileInfo | None: ...
    def read(self, number: int, *, offset: int = 0) -> Iterator[bytes]:
        """The content from byte `offset` on, in pieces; nothing if there is no such file or no more of it."""
        ...

    def of_session(self, session_id: str) -> list[FileInfo]: ...
    def delete(self, number: int) -> bool: ...


class Mails(Protocol):
    def open(self, address: Address) -> bool:
        """Insert; False if this address exists (then it is the caller's own from an earlier try, or a clash: `find` tells)."""
        ...

    def find(self, address: str) -> Address | None: ...
    def keep(self, mail: Mail) -> bool:
        """Insert; False if the id exists."""
        ...

    def get(self, mail_id: str) -> Mail | None: ...
    def of_session(self, session_id: str) -> list[Mail]: ...
    def done(self, mail_id: str) -> None: ...
    def waiting(self, *, older_than: datetime, limit: int) -> list[str]:
        """Ids of mails not done that were received at `older_than` or before, oldest first."""
        ...

    def addresses(self, session_id: str) -> list[Address]: ...


class Schedule(Protocol):
    def claim(self, key: str, *, period: str, now: datetime) -> bool:
        """True for exactly one caller per (key, period), e.g. ("cron_daily", "2026-01-15").

        The periods of a key ascend as text: one that is not after the last claimed is refused.
        """
        ...

    def last(self, key: str) -> str | None: ...
    def note(self, name: str, value: Mapping[str, Any]) -> None:
        """Keep a small plain document (a service's heartbeat, a sweep's position)."""
        ...

    def forget(self, name: str) -> None:
        """Remove a note."""
        ...

    def notes(self, prefix: str) -> dict[str, Mapping[str, Any]]: ...


class Store(Protocol):
    """All ports over one database."""

    sessions: Sessions
    tasks: Tasks
    files: Files
    mails: Mails
    schedule: Schedule

    def prepare(self) -> None:
        """Create tables or indexes. May run in several services at once."""
        ...

    def ping(self) -> None:
        """Raise `StoreUnavailable` if the database does not answer."""
        ...

    def close(self) -> None: ...


def plain(value: Any) -> bool:
    """True for what records may hold in `body`, `extra`, `result`.

    None, bool, int, float, str, bytes, aware datetime, lists and mappings of these with strings as keys.
    """
    if isinstance(value, datetime):
        return value.utcoffset() is not None
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return True
    if isinstance(value, Mapping):
        return all(isinstance(k, str) and plain(v) for k, v in value.items())
    if isinstance(value, list | tuple):
        return all(plain(v) for v in value)
    return False
