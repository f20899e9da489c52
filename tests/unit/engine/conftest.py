from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.cli.replay import MemoryFiles
from shared.authoring import modules
from shared.engine.outcome import Failure
from shared.engine.request import Request
from shared.engine.step import step
from shared.state.session import State
from tests.unit.engine.play import NOW, Play
from tests.unit.engine.saved import ASKS, Open, Saved
from tests.unit.language.sample import Pack


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return Pack(tmp_path)


@pytest.fixture(autouse=True)
def _forgotten_modules() -> Iterator[None]:
    """Each test has a package ``pack`` of its own; Python must not remember that of another."""
    yield
    for name in [name for name in sys.modules if name == "pack" or name.startswith("pack.")]:
        del sys.modules[name]


@pytest.fixture
def play(pack: Pack) -> Callable[..., Play]:
    """Opens a session of the interview given as text."""
    modules.install([pack.root])

    def open_session(text: str, **options: Any) -> Play:
        return Play(pack.interview(text), **{"files": MemoryFiles(pack.sources, "pack"), **options})

    return open_session


@pytest.fixture
def failure_of(pack: Pack) -> Callable[[str], Failure]:
    """Opens a session of the interview given as text, and gives the failure that it ends with."""
    modules.install([pack.root])

    def open_session(text: str) -> Failure:
        outcome = step(pack.interview(text), State(), Request(now=NOW, seed=1))
        assert outcome.failure is not None
        assert outcome.save == "ignore"
        return outcome.failure

    return open_session


@pytest.fixture
def open_session(pack: Pack) -> Open:
    modules.install([pack.root])
    return lambda text: Saved(pack.interview(text + ASKS), pack.sources)
