"""The client, its write guarantee, and what happens when the server does not answer.

Two kinds of operation. One that may be repeated (a read; a write keyed so that a second one changes nothing) goes
through `repeat`, which tries again when the connection broke, as it does in a fail-over. One that may not be repeated
blindly runs under `reach` alone, and its caller finds out what became of it (see `MongoSessions.commit`).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from bson.codec_options import CodecOptions
from pymongo import MongoClient, ReadPreference, ReturnDocument, WriteConcern
from pymongo.collection import Collection
from pymongo.errors import (
    AutoReconnect,
    ConfigurationError,
    ConnectionFailure,
    DocumentTooLarge,
    DuplicateKeyError,
    ExecutionTimeout,
    InvalidOperation,
    InvalidURI,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.uri_parser import parse_uri

from shared.store.ports import BadRecord, StoreError, StoreUnavailable, TooLarge

Document = dict[str, Any]
T = TypeVar("T")

#: Unless the address says otherwise. Short, because a person waits; `repeat` bridges a fail-over.
_DEFAULTS: Final = {
    "appname": "parley",
    "connectTimeoutMS": 3_000,
    "serverSelectionTimeoutMS": 5_000,
    "socketTimeoutMS": 20_000,
    "maxPoolSize": 50,
}
CODECS: Final = CodecOptions(document_class=dict, tz_aware=True, tzinfo=UTC)
#: Pauses in seconds before each further try.
_PAUSES: Final = (0.05, 0.2, 0.5, 1.0, 2.0)
_TOO_LARGE: Final = frozenset({10334, 17419, 17420})


class Connection:
    def __init__(self, uri: str) -> None:
        try:
            given = parse_uri(uri)
            defaults: dict[str, Any] = {
                name: value for name, value in _DEFAULTS.items() if name.lower() not in _lower(given["options"])
            }
            self._client: MongoClient[Document] = MongoClient(uri, **defaults)
        except (InvalidURI, ConfigurationError, ValueError) as error:
            raise BadRecord(f"the address of MongoDB is not right: {error}") from None
        self._database = self._client.get_database(
            given.get("database") or "parley",
            codec_options=CODECS,
            read_preference=ReadPreference.PRIMARY,
            write_concern=WriteConcern(w="majority", j=True, wtimeout=10_000),
            read_concern=ReadConcern("local"),
        )

    def collection(self, name: str) -> Collection[Document]:
        return self._database[name]

    def ping(self) -> None:
        with reach():
            self._client.admin.command("ping")

    def time(self) -> datetime:
        """The primary's. By the command that every server answers to everybody, also those which do not know ``hello``."""
        found: datetime = repeat(lambda: self._client.admin.command("isMaster", codec_options=CODECS)["localTime"])
        return found

    def close(self) -> None:
        self._client.close()


def _lower(options: Any) -> set[str]:
    return {name.lower() for name in options}


@contextmanager
def reach() -> Iterator[None]:
    """Turn pymongo's errors into this package's. `DuplicateKeyError` passes: its meaning is the caller's."""
    try:
        yield
    except DuplicateKeyError:
        raise
    except DocumentTooLarge as error:
        raise TooLarge(f"a document of over 16 MB was refused: {error}") from error
    except InvalidOperation as error:  # the client is closed
        raise StoreUnavailable(f"the store is closed: {str(error)[:100]}") from error
    except (ConnectionFailure, ExecutionTimeout, WTimeoutError, WriteConcernError) as error:
        raise StoreUnavailable(f"MongoDB did not confirm: {type(error).__name__}: {str(error)[:300]}") from error
    except OperationFailure as error:
        if error.code in _TOO_LARGE:
            raise TooLarge(f"a document of over 16 MB was refused: {error.code}") from error
        raise StoreError(f"MongoDB refused ({error.code}): {str(error)[:300]}") from error
    except PyMongoError as error:
        raise StoreError(f"{type(error).__name__}: {str(error)[:300]}") from error


def new_id() -> str:
    """An id that no other write ever has."""
    return secrets.token_hex(12)


def insert_once(collection: Collection[Document], record_id: str, document: Document) -> bool:
    """Insert; False if the id exists. Repeated after a broken connection it may find its own first try: `write` tells."""
    document = {**document, "write": new_id()}
    try:
        done = repeat(lambda: collection.update_one({"_id": record_id}, {"$setOnInsert": document}, upsert=True))
    except DuplicateKeyError:  # two upserts at once; one of them may be our own
        pass
    else:
        if done.upserted_id is not None:
            return True
    return repeat(lambda: collection.find_one({"_id": record_id, "write": document["write"]}, {"_id": 1})) is not None


def update_once(
    collection: Collection[Document], where: Document, change: Document, *, fields: Mapping[str, int] | None = None
) -> Document | None:
    """Change the one document `where` finds (it names the `_id`); the document after it (or `fields` of it), or None.

    If the connection breaks and the second try finds nothing, the first may have changed what it looked for: `write` tells.
    """
    write = new_id()
    change = {**change, "$set": {**change.get("$set", {}), "write": write}}

    def attempt() -> Document | None:
        return collection.find_one_and_update(where, change, projection=fields, return_document=ReturnDocument.AFTER)

    try:
        with reach():
            return attempt()
    except StoreUnavailable as error:
        if not interrupted(error):
            raise
    return repeat(attempt) or repeat(lambda: collection.find_one({"_id": where["_id"], "write": write}, fields))


def interrupted(error: StoreUnavailable) -> bool:
    """The connection broke on the way: another try may succeed at once. (No server at all was waited for already.)"""
    cause = error.__cause__
    return isinstance(cause, AutoReconnect) and not isinstance(cause, ServerSelectionTimeoutError)


def repeat(operation: Callable[[], T]) -> T:
    """Run an operation that may be repeated, again while connections break, for some four seconds."""
    for pause in _PAUSES:
        try:
            with reach():
                return operation()
        except StoreUnavailable as error:
            if not interrupted(error):
                raise
        time.sleep(pause)
    with reach():
        return operation()
