"""A plant that is closed at the end of its test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.worker.plant import Plant


@pytest.fixture
def plant() -> Iterator[Plant]:
    made = Plant()
    yield made
    made.close()
