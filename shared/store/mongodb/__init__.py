"""The MongoDB adapter: atomic operations on one document; plain, compound, unique and sparse indexes; nothing else.

No transactions, sessions, change streams, pipeline updates, partial or TTL indexes: so it also runs on the compatible
services that people use in MongoDB's place. Reads go to the primary; a write is confirmed by a majority's journals.
"""

from __future__ import annotations

from shared.store.mongodb.blobs import Blobs
from shared.store.mongodb.connection import Connection
from shared.store.mongodb.files import MongoFiles
from shared.store.mongodb.mails import MongoMails
from shared.store.mongodb.schedule import MongoSchedule
from shared.store.mongodb.schema import create_indexes
from shared.store.mongodb.sessions import MongoSessions
from shared.store.mongodb.tasks import MongoTasks
from shared.store.ports import Files, Mails, Schedule, Sessions, Tasks


class MongoStore:
    """All ports over the database that `uri` names (``parley`` if it names none). Open it after a fork."""

    def __init__(self, uri: str) -> None:
        self._connection = Connection(uri)
        blobs = Blobs(self._connection)
        self.sessions: Sessions = MongoSessions(self._connection, blobs)
        self.tasks: Tasks = MongoTasks(self._connection, blobs)
        self.files: Files = MongoFiles(self._connection)
        self.mails: Mails = MongoMails(self._connection, blobs)
        self.schedule: Schedule = MongoSchedule(self._connection)

    def prepare(self) -> None:
        create_indexes(self._connection)

    def ping(self) -> None:
        self._connection.ping()

    def close(self) -> None:
        self._connection.close()
