"""Some cases of each driver. ``PARLEY_FUZZ`` says how many times as many, ``PARLEY_SEED`` which."""

from __future__ import annotations

import os

import pytest

from tests.fuzz.drivers import DRIVERS

pytestmark = pytest.mark.timeout(600)

#: About ten seconds of each.
CASES = {"http": 400, "yaml": 150, "codec": 400, "mail": 1000, "smtp": 150, "bus": 400}
TIMES = int(os.environ.get("PARLEY_FUZZ", "1"))
SEED = int(os.environ.get("PARLEY_SEED", "1"))


@pytest.mark.parametrize("name", sorted(DRIVERS))
def test_nothing_made_up_does_harm(name: str) -> None:
    report = DRIVERS[name](count=CASES[name] * TIMES, seed=SEED)
    print(report)
    assert report.wrong == []
