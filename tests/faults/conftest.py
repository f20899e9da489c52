"""The store of the system that a test module starts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.system import Running
from shared.store.open import open_store
from shared.store.ports import Store


@pytest.fixture
def store(system: Running) -> Iterator[Store]:
    opened = open_store(system.environment["MONGO_URI"])
    yield opened
    opened.close()
