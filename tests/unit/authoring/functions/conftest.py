"""The step that most tests of functions run in."""

from __future__ import annotations

import pytest

from tests.unit.authoring.plain import plain_step


@pytest.fixture
def step():
    with plain_step() as step:
        yield step
