from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.store.ports import Store
from shared.vault.keys import MemoryKeys
from shared.vault.sealed import SealedVault
from shared.vault.store import VaultedStore
from tests.helpers.memory import memory_store


@pytest.fixture(params=["open", "sealed"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    opened = memory_store()
    yield VaultedStore(opened, SealedVault(MemoryKeys())) if request.param == "sealed" else opened
    opened.close()
