"""A running site with the interviews that are attacked, and a browser (those of the page tests)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.browser.conftest import Site, context

__all__ = ["context"]

PACKAGES = Path(__file__).parent / "packages"
ROOT = Path(__file__).parents[3]


def attacked(var: Path, **settings: str) -> Site:
    """A system of one's own, with the interviews of this folder's package."""
    return Site(var, PARLEY_PACKAGES=f"{PACKAGES}:{ROOT}", **settings)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`site.url("attacks:planted.yml")` is the address of an interview of this folder's package."""
    running = attacked(tmp_path_factory.mktemp("attacked"))
    yield running
    running.stop()
