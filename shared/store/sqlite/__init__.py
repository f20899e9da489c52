"""The embedded adapter: one SQLite file, shared by threads and by processes of one machine.

Not for a file on a network share: SQLite's locks do not hold there.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from shared.store.ports import Store
from shared.store.sqlite.database import Database
from shared.store.sqlite.files import SqliteFiles
from shared.store.sqlite.ledger import SqliteLedger
from shared.store.sqlite.mails import SqliteMails
from shared.store.sqlite.outgoing import SqliteOutgoing
from shared.store.sqlite.overview import SqliteOverview
from shared.store.sqlite.runs import SqliteRuns
from shared.store.sqlite.schedule import SqliteSchedule
from shared.store.sqlite.sessions import SqliteSessions
from shared.store.sqlite.storage import SqliteStorage
from shared.store.sqlite.tasks import SqliteTasks
from shared.store.sqlite.ticks import SqliteTicks
from shared.store.sqlite.uploads import SqliteUploads


class SqliteStore(Store):
    """All ports over the file at `at`, which is created (its folder is not), or over another database of SQLite's."""

    def __init__(self, at: str | Path | Database, *, busy_seconds: float = 15.0) -> None:
        self._database = at if isinstance(at, Database) else Database(str(at), busy_seconds=busy_seconds)
        self.sessions = SqliteSessions(self._database)
        self.tasks = SqliteTasks(self._database)
        self.files = SqliteFiles(self._database)
        self.uploads = SqliteUploads(self._database)
        self.mails = SqliteMails(self._database)
        self.outgoing = SqliteOutgoing(self._database)
        self.schedule = SqliteSchedule(self._database)
        self.runs = SqliteRuns(self._database)
        self.ticks = SqliteTicks(self._database)
        self.ledger = SqliteLedger(self._database)
        self.storage = SqliteStorage(self._database)
        self.overview = SqliteOverview(self._database)

    def prepare(self) -> None:
        self._database.migrate()

    def prepared(self) -> bool:
        return self._database.migrated()

    def ping(self) -> None:
        self._database.ping()

    def time(self) -> datetime:
        """The machine's: a file is used by the processes of one."""
        return self._database.time()

    def check(self) -> None:
        self._database.check()

    def close(self) -> None:
        self._database.close()
