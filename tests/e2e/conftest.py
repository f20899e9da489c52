"""Fixtures of the end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.embedded import Embedded
from tests.helpers.hands import Hands


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    system = Embedded(tmp_path_factory.mktemp("var"))
    yield system
    system.stop()


@pytest.fixture
def hands() -> Hands:
    return Hands()
