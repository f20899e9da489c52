"""The step that most tests of functions run in, and the documented names of modules."""

from __future__ import annotations

import pytest

from shared.authoring import modules
from tests.unit.authoring.plain import plain_step


@pytest.fixture(scope="session", autouse=True)
def _documented_modules():
    """Data names classes as ``docassemble.base.util.…``."""
    modules.install()


@pytest.fixture
def step():
    with plain_step() as step:
        yield step
