"""Each test runs over a SQLite file of its own and over a MongoDB database of its own at MONGO_URI; over both as they are and
behind a vault that seals. A test that opens the database itself (`store_uri`) is about the store alone.
"""

from __future__ import annotations

import inspect
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pymongo import MongoClient

from shared.store.open import open_store
from shared.store.ports import Store
from shared.vault.keys import MemoryKeys
from shared.vault.sealed import SealedVault
from shared.vault.store import VaultedStore


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "store" in metafunc.fixturenames:
        alone = "store_uri" in inspect.signature(metafunc.function).parameters
        metafunc.parametrize("store", ["open"] if alone else ["open", "sealed"], indirect=True)


@pytest.fixture(params=["sqlite", pytest.param("mongodb", marks=pytest.mark.mongodb)])
def store_uri(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/parley.sqlite"
        return
    database = f"test_{secrets.token_hex(6)}"
    address = urlsplit(os.environ["MONGO_URI"])
    yield address._replace(path=f"/{database}").geturl()
    with MongoClient(os.environ["MONGO_URI"]) as client:
        client.drop_database(database)


@pytest.fixture
def store(store_uri: str, request: pytest.FixtureRequest) -> Iterator[Store]:
    opened = open_store(store_uri)
    sealed = getattr(request, "param", "open") == "sealed"  # as `pytest_generate_tests` says; elsewhere nothing does
    yield VaultedStore(opened, SealedVault(MemoryKeys())) if sealed else opened
    opened.close()
