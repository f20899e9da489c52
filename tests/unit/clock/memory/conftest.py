from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.store.ports import Store
from tests.contract.clock.conftest import bus, hands
from tests.helpers.memory import memory_store

__all__ = ["bus", "hands"]


@pytest.fixture
def store() -> Iterator[Store]:
    opened = memory_store()
    yield opened
    opened.close()
