"""The embedded adapter: one SQLite file, shared by threads and by processes of one machine.

Not for a file on a network share: SQLite's locks do not hold there.
"""

from __future__ import annotations

from pathlib import Path

from shared.store.ports import Files, Mails, Schedule, Sessions, Tasks
from shared.store.sqlite.database import Database
from shared.store.sqlite.files import SqliteFiles
from shared.store.sqlite.mails import SqliteMails
from shared.store.sqlite.schedule import SqliteSchedule
from shared.store.sqlite.sessions import SqliteSessions
from shared.store.sqlite.tasks import SqliteTasks


class SqliteStore:
    """All ports over the file at `path`, which is created (its folder is not)."""

    def __init__(self, path: str | Path, *, busy_seconds: float = 15.0) -> None:
        self._database = Database(str(path), busy_seconds=busy_seconds)
        self.sessions: Sessions = SqliteSessions(self._database)
        self.tasks: Tasks = SqliteTasks(self._database)
        self.files: Files = SqliteFiles(self._database)
        self.mails: Mails = SqliteMails(self._database)
        self.schedule: Schedule = SqliteSchedule(self._database)

    def prepare(self) -> None:
        self._database.migrate()

    def ping(self) -> None:
        self._database.ping()

    def close(self) -> None:
        self._database.close()
