"""Each test runs twice: over a SQLite file of its own, and over a MongoDB database of its own at MONGO_URI."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from shared.store.open import open_store
from shared.store.ports import Store


@pytest.fixture(params=["sqlite", pytest.param("mongodb", marks=pytest.mark.mongodb)])
def store_uri(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/parley.sqlite"
        return
    from pymongo import MongoClient

    database = f"test_{secrets.token_hex(6)}"
    address = urlsplit(os.environ["MONGO_URI"])
    yield address._replace(path=f"/{database}").geturl()
    with MongoClient(os.environ["MONGO_URI"]) as client:
        client.drop_database(database)


@pytest.fixture
def store(store_uri: str) -> Iterator[Store]:
    opened = open_store(store_uri)
    yield opened
    opened.close()
