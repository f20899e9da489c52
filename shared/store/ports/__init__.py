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

from datetime import datetime
from typing import Protocol

from shared.store.overview import Overview
from shared.store.ports.failures import BadRecord, DuplicateId, StoreDamaged, StoreError, StoreUnavailable, TooLarge
from shared.store.ports.files import Files, Uploads
from shared.store.ports.mails import Mails, Outgoing
from shared.store.ports.runs import RunLog
from shared.store.ports.sessions import UNCHANGED, Sessions, Unchanged
from shared.store.ports.storage import Storage
from shared.store.ports.tasks import Tasks
from shared.store.ports.times import Ledger, Schedule, Ticks

__all__ = [
    "UNCHANGED",
    "BadRecord",
    "DuplicateId",
    "Files",
    "Ledger",
    "Mails",
    "Outgoing",
    "RunLog",
    "Schedule",
    "Sessions",
    "Storage",
    "Store",
    "StoreDamaged",
    "StoreError",
    "StoreUnavailable",
    "Tasks",
    "Ticks",
    "TooLarge",
    "Unchanged",
    "Uploads",
]


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
