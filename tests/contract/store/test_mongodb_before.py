"""What versions before left in MongoDB is brought up to date when it is opened. (Of SQLite: `test_sqlite_file`.)"""

from __future__ import annotations

import os
import secrets
from typing import Any
from urllib.parse import urlsplit

import pytest
from pymongo import MongoClient

from shared.store.open import open_store
from tests.contract.store.make import a_session, at


@pytest.mark.mongodb
def test_files_that_outlast_their_sessions_were_of_use_when_they_were_kept() -> None:
    uri = urlsplit(os.environ["MONGO_URI"])._replace(path=f"/test_{secrets.token_hex(6)}").geturl()
    open_store(uri).close()
    kept = {"filename": "f", "mimetype": "m", "size": 1, "sha256": "x", "created": at(5)}
    with MongoClient[dict[str, Any]](uri, tz_aware=True) as client:
        database = client.get_default_database()
        database["files"].insert_many(
            [
                {"_id": 1, "session": "s", **kept},
                {"_id": 2, "session": "open:s", **kept},
                {"_id": 3, "session": "lasting:s", **kept},
                {"_id": 4, "session": "lasting:t"},
            ]
        )
        store = open_store(uri)
        assert store.files.unused(before=at(6)) == [(4, "t"), (3, "s")]
        store.close()
        client.drop_database(database.name)


@pytest.mark.mongodb
def test_sessions_say_in_which_quarter_of_an_hour_they_were_changed() -> None:
    uri = urlsplit(os.environ["MONGO_URI"])._replace(path=f"/test_{secrets.token_hex(6)}").geturl()
    store = open_store(uri)
    for number in range(5):
        store.sessions.create(a_session(f"s{number}", modified=at(number * 1000), accessed=at(number * 1000)))
    store.close()
    with MongoClient[dict[str, Any]](uri, tz_aware=True) as client:
        database = client.get_default_database()
        database["sessions"].update_many({}, {"$unset": {"modified_quarter": "", "accessed_quarter": ""}})
        store = open_store(uri)
        assert store.sessions.every(before=at(3000)).lines == ("s0", "s1", "s2")
        assert store.sessions.unvisited("demos:welcome.yml", before=at(1001)).lines == ("s0", "s1")
        store.close()
        client.drop_database(database.name)
