from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.interview.house import House


@pytest.fixture
def house() -> Iterator[House]:
    made = House()
    yield made
    made.bus.close()
    made.store.close()
