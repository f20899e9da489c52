from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.language.sample import Pack


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return Pack(tmp_path)
