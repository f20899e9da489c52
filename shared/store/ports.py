"""The ports. Every write is durable when the call returns (MongoDB ``w: majority, j: true``; SQLite ``synchronous=FULL``).

Excepted are writes that whoever finds them undone simply repeats: `publish_done`, `forget_applied`, `Tasks.add` (asked for
by an outbox entry that is removed after it), `claim`, `heartbeat` and `release` of a task, `Mails.done`, `note`, `forget`, `visit`,
`Ticks.put`. Those survive the death of every process; a loss of power may lose the last of them, and never an earlier one before a later one.

Only atomic operations on one document are used, so that the MongoDB adapter needs no transactions. Where two documents
belong together the order of idempotent steps is part of the method's contract.

Errors: `StoreUnavailable` (try again later), `DuplicateId`, `TooLarge`, `BadRecord` (refused before anything is sent:
a naive datetime, a malformed id, a body that is not plain). Methods that look for one thing return None when it is not
there; so they do for text that cannot be an id. Ids are 1 to 200 printable characters. Limits are in ``shared.store.checks``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final, Literal, Protocol

from shared.contract import errors
from shared.contract.tasks import TaskStatus
from shared.store.overview import COUNTED, Overview, Page
from shared.store.records import (
    Address,
    Commit,
    DueTask,
    Ended,
    FileInfo,
    LedgerEntry,
    Mail,
    MailHead,
    OutgoingMail,
    RunRecord,
    Session,
    SessionName,
    Step,
    StoredItem,
    Summary,
    Task,
    TickMark,
    Upload,
    Visit,
)


class Unchanged(Enum):
    """The type of `UNCHANGED`."""

    UNCHANGED = "unchanged"


#: Answer of `Sessions.load_newer`: the caller's copy has the version that is stored.
UNCHANGED: Final = Unchanged.UNCHANGED


class StoreError(Exception):
    """Base of this package's errors."""


class StoreUnavailable(StoreError, errors.StoreUnavailable):
    """The database cannot be reached, or did not confirm a write: nothing is known to be saved."""


class StoreDamaged(StoreError):
    """What the database holds is not whole; the message names the file, what was found, and what to do."""


class DuplicateId(StoreError):
    """A record with this id (or unique key) exists already."""


class TooLarge(StoreError, errors.TooLarge):
    """A value is over the limit named in the message."""


class BadRecord(StoreError, errors.BadRecord, ValueError):
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

    def scheduled(self, interview: str, *, after: str = "", limit: int = 200) -> list[str]:
        """Ids (ascending, after `after`) of the sessions of `interview` that take part in scheduled tasks."""
        ...

    def interviews(self, *, scheduled: bool, after: str = "", limit: int = 200) -> list[str]:
        """The interviews (ascending, after `after`) of which there are sessions that take part in scheduled tasks, or that do not."""
        ...

    def visit(self, session_id: str, visit: Visit) -> None:
        """Note that somebody was here. Does not change the version, nor `modified`; an earlier visit than that known is no news."""
        ...

    def visits(self, session_id: str) -> tuple[Visit, ...]:
        """The last visit of each who was here."""
        ...

    def exists(self, session_id: str) -> bool:
        """Whether it is there, without reading it."""
        ...

    def idle(
        self, interview: str, *, scheduled: bool, before: datetime, after: str = "", limit: int = 200
    ) -> Page[str]:
        """Ids of sessions of `interview` that were not modified since `before`, the one longest idle first.

        Of those that take part in scheduled tasks (`scheduled`), or of those that do not.
        """
        ...

    def unvisited(self, interview: str, *, before: datetime, after: str = "", limit: int = 200) -> Page[str]:
        """Ids of sessions of `interview` that nobody used since `before`, the one longest alone first."""
        ...

    def every(self, *, before: datetime, after: str = "", limit: int = 200) -> Page[str]:
        """Ids of all sessions that were not modified since `before`, the one longest unchanged first."""
        ...

    def remains(self, *, limit: int = 200) -> list[str]:
        """Ids of sessions whose deletion a crash cut short: `delete` ends it."""
        ...

    def owned(self, owner: str, *, limit: int = 200) -> list[Summary]:
        """The sessions with this `owner`, newest first."""
        ...

    def of_browsers(
        self, browsers: Iterable[str], *, interview: str | None = None, session: str | None = None, limit: int = 24
    ) -> list[SessionName]:
        """The sessions (of `interview`; `session` alone) in which one of these `browsers` has been, the one changed last first."""
        ...

    def delete(self, session_id: str, *, keep: Collection[int] = ()) -> bool:
        """Remove the session, its steps, files, uploads, addresses, mails, tasks, runs, ticks. May be called again after a crash.

        The files `keep` (numbers) stay until it is called without them. False if nothing was there.
        A deletion that a crash cut short is found by `remains`.
        """
        ...


class Tasks(Protocol):
    def add(self, task: Task) -> bool:
        """Insert; False (and nothing changed) if the id exists."""
        ...

    def get(self, task_id: str) -> Task | None: ...
    def status(self, task_id: str, *, session: str) -> TaskStatus | None:
        """How far this task of the session is, without anything else of it: for whoever asks again and again."""
        ...

    def of_session(self, session_id: str) -> list[Task]:
        """All of them. Not for what is asked with every request: a session may have had thousands."""
        ...

    def undelivered(self, session_id: str, *, limit: int = 100) -> list[Task]:
        """Tasks that ended (done, failed), have a `ui` and were not delivered: at most `limit`, those given oldest first."""
        ...

    def claim(self, task_id: str, *, lease: str, now: datetime, length: timedelta) -> Task | None:
        """Take a queued task, or a running/responding one whose lease has run out. None if it is someone else's or ended.

        A queued task becomes running; a responding one stays so. `attempts` rises by one. Again with the same
        `lease`, the task that it holds. `now` is the store's time (`shared.store.clock`); a lease that would last for
        longer than `checks.LONGEST_LEASE` from then counts as one that has run out.
        """
        ...

    def urgent(self, queue: str, *, now: datetime, above: int | None = None, below: int | None = None) -> str | None:
        """The id of the queued task of `queue` that is to run first: of the highest priority, over `above` or under `below`; the oldest of these.

        None if there is none whose time has come.
        """
        ...

    def heartbeat(self, task_id: str, *, lease: str, now: datetime, length: timedelta) -> bool:
        """False: the lease was lost or the task was revoked; stop working on it."""
        ...

    def progress(self, task_id: str, *, lease: str, progress: Mapping[str, Any]) -> bool:
        """Keep how far a running task says it is. False: the lease is lost."""
        ...

    def requeue(self, task_id: str, *, lease: str | None, at: datetime) -> Task | None:
        """Queue a task again, to be run at `at`: a running one under its `lease`, or without one a failed one that has all it was given.

        None if it is neither. What came of it before is gone; of a failed one its attempts and deaths are, too.
        """
        ...

    def responding(self, task_id: str, *, lease: str, response: Mapping[str, Any]) -> bool:
        """Keep what a running task answers with (its response action), before it takes effect. False: the lease is lost."""
        ...

    def finish(
        self, task_id: str, *, lease: str | None, status: TaskStatus, result: Mapping[str, Any], now: datetime
    ) -> bool:
        """End a task (done, failed) under `lease` (None: whoever holds it), exactly once. False if it had ended or the lease is lost."""
        ...

    def release(self, task_id: str, *, lease: str, ended: Ended = Ended.INTERRUPTED) -> bool:
        """Give a claimed task back: a running one is queued again, a responding one may be claimed at once.

        `UNBEGUN` takes the claim off its attempts, `DIED` adds to its deaths.
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

    def due(self, *, now: datetime, queued_before: datetime, limit: int) -> list[DueTask]:
        """Tasks that nobody works on though someone should: queued before `queued_before`, or with a lease that ran out."""
        ...

    def untrimmed(self, *, before: datetime, after: str = "", limit: int = 200) -> Page[str]:
        """Ids of tasks that ended before `before` and still have all that they were given, the one that ended first first."""
        ...

    def trim(self, task_id: str, *, result: Mapping[str, Any] | None) -> bool:
        """Of an ended task keep `result` (None: the one it has) and what is known of it; arguments and response go. False if it has not ended."""
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


class Uploads(Protocol):
    """Files on their way, in pieces that may arrive through different processes, repeated and in any order."""

    def append(self, session: str, upload: str, *, offset: int, piece: bytes, now: datetime) -> None:
        """Keep the piece that begins at byte `offset`; again replaces it. Nothing happens once the upload became a file."""
        ...

    def find(self, session: str, upload: str) -> Upload | None: ...
    def pieces(self, session: str, upload: str) -> Iterator[tuple[int, bytes]]:
        """The pieces with their offsets, in order, read one by one."""
        ...

    def finish(self, session: str, upload: str, *, number: int) -> int | None:
        """It has become file `number`: drop its pieces. The number of whoever was first; None if it is not there (any more)."""
        ...

    def old(self, *, before: datetime, limit: int = 100) -> list[Upload]:
        """Those that nothing was added to since `before`, whatever became of them, the oldest first."""
        ...

    def remove(self, session: str, upload: str) -> None: ...


class Mails(Protocol):
    def open(self, address: Address) -> bool:
        """Insert; False if this address exists (then it is the caller's own from an earlier try, or a clash: `find` tells)."""
        ...

    def find(self, address: str) -> Address | None: ...
    def keep(self, mail: Mail, *, head: bytes | None = None) -> bool:
        """Insert; False if the id exists. `head` is what `heads` gives, for whoever keeps `raw` in another form."""
        ...

    def get(self, mail_id: str) -> Mail | None: ...
    def of_session(self, session_id: str) -> list[Mail]:
        """All of them, whole: for tests and for operators. An interview lists `heads`."""
        ...

    def heads(self, session_id: str, *, after: str = "", limit: int = 100) -> Page[MailHead]:
        """The mails of a session without their contents, oldest first."""
        ...

    def dissected(self, mail_id: str, *, session: str, parts: bytes) -> bool:
        """Keep what the mail is made of (`shared.contract.mail`). False if somebody was faster: then theirs counts."""
        ...

    def parts(self, mail_id: str, *, session: str) -> bytes | None:
        """What `dissected` kept; None until then."""
        ...

    def size(self, session_id: str) -> int:
        """Bytes of all mails of a session."""
        ...

    def done(self, mail_id: str) -> None: ...
    def remove(self, mail_id: str) -> bool:
        """Forget a mail, and what it was found to be made of; False if there is none. Files of its parts stay with the session."""
        ...

    def waiting_of(self, session_id: str, *, limit: int) -> list[str]:
        """Ids of the mails of a session that are not done, in the order in which they came."""
        ...

    def retire(self, session_id: str, *, now: datetime) -> None:
        """Its addresses are about to go with the session: keep a digest of each, so that senders can be told."""
        ...

    def gone(self, address: str) -> bool:
        """Whether the address was retired."""
        ...

    def forget_gone(self, *, before: datetime, limit: int) -> int:
        """Forget such addresses that went before `before`, at most `limit`; how many it were."""
        ...

    def waiting(self, *, older_than: datetime, limit: int) -> list[str]:
        """Ids of mails not done that were received at `older_than` or before, oldest first."""
        ...

    def addresses(self, session_id: str) -> list[Address]: ...


class Outgoing(Protocol):
    """Mails that leave: rows with a lease, like tasks. They outlive their session until they have been sent."""

    def add(self, mail: OutgoingMail) -> bool:
        """Insert; False (and nothing changed) if the id exists."""
        ...

    def get(self, mail_id: str) -> OutgoingMail | None: ...
    def claim(self, mail_id: str, *, lease: str, now: datetime, length: timedelta) -> OutgoingMail | None:
        """Take one that is due, or whose lease has run out. None if it is someone else's, ended, or not due yet. `attempts` rises by one."""
        ...

    def heartbeat(self, mail_id: str, *, lease: str, now: datetime, length: timedelta) -> bool:
        """False: the lease was lost."""
        ...

    def later(
        self, mail_id: str, *, lease: str, due: datetime, last: Mapping[str, Any], body: Mapping[str, Any] | None = None
    ) -> bool:
        """Give it back, to be tried at `due`. `body` replaces what is to be sent (to fewer recipients). False: the lease was lost."""
        ...

    def renew(self, mail_id: str, *, body: Mapping[str, Any]) -> bool:
        """Put another body in the place of that of one that waits: sealed anew, say. False: it does not wait."""
        ...

    def put_off(self, mail_id: str, *, lease: str, due: datetime) -> bool:
        """Give it back untried: it was no attempt."""
        ...

    def finish(self, mail_id: str, *, lease: str, status: str, last: Mapping[str, Any], now: datetime) -> bool:
        """End it (sent, failed) under `lease`, once. What was sent has no body any more. False: the lease was lost."""
        ...

    def bounce(self, mail_id: str, *, last: Mapping[str, Any], now: datetime) -> bool:
        """One that was sent came back. False if it was not sent."""
        ...

    def again(self, mail_id: str, *, now: datetime) -> bool:
        """Try one that failed again from the beginning, or one that waits at once."""
        ...

    def remove(self, mail_id: str) -> bool: ...
    def due(self, *, now: datetime, limit: int) -> list[str]:
        """Ids of those to be tried: due at `now`, or with a lease that ran out; the one that is due longest first."""
        ...

    def waiting_of(self, session: str, *, limit: int = 1000) -> list[OutgoingMail]:
        """Those of the session that are neither sent nor failed, with their bodies."""
        ...

    def latest(self, session: str, task: str) -> OutgoingMail | None:
        """The newest mail of a session for a task (`records.task_digest`), without its body."""
        ...

    def page(self, status: str, *, after: str = "", limit: int = 100) -> Page[OutgoingMail]:
        """Those of one status without their bodies, the one created first first."""
        ...

    def counts(self, *, most: int = COUNTED) -> dict[str, int]:
        """Number of mails by status, each up to `most`; every status is there."""
        ...

    def forget(self, *, before: datetime, limit: int) -> int:
        """Remove those that ended before `before`, at most `limit`; how many it were."""
        ...


class Schedule(Protocol):
    def claim(self, key: str, *, period: str, now: datetime) -> bool:
        """True for exactly one caller per (key, period), e.g. ("cron_daily", "2026-01-15").

        The periods of a key ascend as text: one that is not after the last claimed is refused.
        """
        ...

    def move(self, key: str, *, was: str | None, to: str, now: datetime) -> bool:
        """Claim `to`, whatever its order, if the last claimed is `was` (None: nothing is); a compare-and-set. False: it is not."""
        ...

    def last(self, key: str) -> str | None: ...
    def expire(self, prefix: str, *, before: datetime, limit: int) -> int:
        """Forget claims of keys that begin with `prefix` and were made before `before`, at most `limit`; how many it were."""
        ...

    def note(self, name: str, value: Mapping[str, Any]) -> None:
        """Keep a small plain document (a service's heartbeat, a sweep's position)."""
        ...

    def forget(self, name: str) -> None:
        """Remove a note."""
        ...

    def notes(self, prefix: str) -> dict[str, Mapping[str, Any]]: ...


class RunLog(Protocol):
    """What runs of interviews said and what they failed of, for a while. A session's go with it."""

    def append(self, run: RunRecord) -> bool:
        """Insert; False if the id exists. Raises `BadRecord`, `TooLarge`."""
        ...

    def page(self, kind: str, *, after: str = "", limit: int = 100) -> Page[RunRecord]:
        """Runs of `kind`, newest first; `after` is that of the page before."""
        ...

    def forget(self, kind: str, *, before: datetime, keep: int) -> int:
        """Remove those of `kind` that are older than `before`, and all but the newest `keep`; how many that were."""
        ...


class Storage(Protocol):
    """What interviews share between sessions. A session's own goes with it."""

    def get(self, scope: str, key: str) -> StoredItem | None: ...
    def put(self, item: StoredItem) -> bool:
        """Compare-and-set on ``item.version``, which rises by one (0: insert). False: somebody was faster, or its session is gone."""
        ...

    def remove(self, scope: str, key: str, *, version: int) -> bool:
        """False if it has another version by now."""
        ...

    def keys(self, scope: str, *, after: str = "", limit: int = 200) -> list[str]:
        """The keys of a scope, ascending, after `after`."""
        ...

    def expire(self, *, before: datetime, limit: int) -> int:
        """Remove what was to be kept until before `before`, at most `limit`; how many that were."""
        ...


class Ticks(Protocol):
    """How far sessions have come with their scheduled events. A session's go with it."""

    def get(self, session_id: str, event: str) -> TickMark | None: ...
    def put(self, mark: TickMark) -> None:
        """Insert or replace; a mark of an earlier period than the one kept changes nothing."""
        ...

    def of_session(self, session_id: str) -> list[TickMark]: ...
    def failing(self, event: str, *, after: str = "", limit: int = 100) -> list[TickMark]:
        """Those of `event` that failed the last time, by the ids of their sessions, after `after`."""
        ...


class Ledger(Protocol):
    """Every tick of every schedule, and what became of it."""

    def note(self, entry: LedgerEntry) -> bool:
        """Insert; False (and nothing changed) if the schedule has an entry of this period."""
        ...

    def open(self, *, limit: int = 1000) -> list[LedgerEntry]:
        """Entries that have not come to their end, those due first first."""
        ...

    def take(self, schedule: str, period: str, *, by: str, was: str) -> bool:
        """Have an open entry be run by the clock `by` instead of `was` (nobody: ``""``). False: it is somebody else's, or ended."""
        ...

    def save(self, entry: LedgerEntry) -> bool:
        """Replace an open entry that is run by `entry.by`. False: it is not, any more."""
        ...

    def page(self, schedule: str, *, after: str = "", limit: int = 100) -> Page[LedgerEntry]:
        """The entries of a schedule, newest first; `after` is that of the page before."""
        ...

    def schedules(self) -> list[str]:
        """The names of schedules that have entries."""
        ...

    def forget(self, schedule: str, *, before: datetime, keep: int) -> int:
        """Remove ended entries of `schedule` that were due before `before`, and all but the newest `keep`; how many that were."""
        ...

    def lead(self, by: str, *, now: datetime, length: timedelta) -> bool:
        """Be the clock that runs what is due, for `length` from `now`. False: another one is."""
        ...


class Store(Protocol):
    """All ports over one database."""

    sessions: Sessions
    tasks: Tasks
    files: Files
    uploads: Uploads
    mails: Mails
    outgoing: Outgoing
    schedule: Schedule
    runs: RunLog
    ticks: Ticks
    ledger: Ledger
    storage: Storage
    overview: Overview

    def prepare(self) -> None:
        """Create tables or indexes. May run in several services at once."""
        ...

    def prepared(self) -> bool:
        """Whether `prepare` has ever been here. Changes nothing; a database that was lost or emptied looks like one before its first use."""
        ...

    def ping(self) -> None:
        """Raise `StoreUnavailable` if the database does not answer."""
        ...

    def time(self) -> datetime:
        """The time by the clock that all who use this database share. `shared.store.clock` asks it. Raises `StoreUnavailable`."""
        ...

    def check(self) -> None:
        """Raise `StoreDamaged` if what the database holds is not whole. Reads all of it, where the database does not do so by itself."""
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
