"""The MongoDB adapter: atomic operations on one document; plain, compound, unique and sparse indexes; nothing else.

No transactions, sessions, change streams, pipeline updates, partial or TTL indexes: so it also runs on the compatible
services that people use in MongoDB's place. Reads go to the primary; a write is confirmed by a majority's journals.
"""

from __future__ import annotations

from datetime import datetime

from shared.store.mongodb.blobs import Blobs
from shared.store.mongodb.connection import Connection
from shared.store.mongodb.files import MongoFiles
from shared.store.mongodb.ledger import MongoLedger
from shared.store.mongodb.mails import MongoMails
from shared.store.mongodb.outgoing import MongoOutgoing
from shared.store.mongodb.overview import MongoOverview
from shared.store.mongodb.runs import MongoRuns
from shared.store.mongodb.schedule import MongoSchedule
from shared.store.mongodb.schema import create_indexes, is_prepared
from shared.store.mongodb.sessions import MongoSessions
from shared.store.mongodb.storage import MongoStorage
from shared.store.mongodb.tasks import MongoTasks
from shared.store.mongodb.ticks import MongoTicks
from shared.store.mongodb.uploads import MongoUploads
from shared.store.ports import Store


class MongoStore(Store):
    """All ports over the database that `uri` names (``parley`` if it names none). Open it after a fork."""

    def __init__(self, uri: str) -> None:
        self._connection = Connection(uri)
        blobs = Blobs(self._connection)
        self.sessions = MongoSessions(self._connection, blobs)
        self.tasks = MongoTasks(self._connection, blobs)
        self.files = MongoFiles(self._connection)
        self.uploads = MongoUploads(self._connection)
        self.mails = MongoMails(self._connection, blobs)
        self.outgoing = MongoOutgoing(self._connection, blobs)
        self.schedule = MongoSchedule(self._connection)
        self.runs = MongoRuns(self._connection)
        self.ticks = MongoTicks(self._connection)
        self.ledger = MongoLedger(self._connection)
        self.storage = MongoStorage(self._connection)
        self.overview = MongoOverview(self._connection, blobs)

    def prepare(self) -> None:
        create_indexes(self._connection)

    def prepared(self) -> bool:
        return is_prepared(self._connection)

    def ping(self) -> None:
        self._connection.ping()

    def time(self) -> datetime:
        return self._connection.time()

    def check(self) -> None:
        """MongoDB has checksums of its own, and refuses to start over a file that is damaged."""
        self.ping()

    def close(self) -> None:
        self._connection.close()
