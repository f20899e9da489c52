"""A pool over the tiny engine, and a folder to write its interviews in."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shared.contract.outcome import StepResult
from shared.engine.request import Request
from shared.runner.isolation import Rules
from shared.runner.pool import ProcessPool
from shared.runner.ports import Limits
from tests.helpers.outside import Nothing
from tests.helpers.screens import screen_of

SECRET = "the-secret-of-this-service-8472"


class PoolDriver:
    """Writes interviews and runs steps of them."""

    def __init__(self, root: Path, pool: ProcessPool) -> None:
        self.root = root
        self.pool = pool

    def write(self, name: str, text: str) -> Path:
        path = self.root / "pkg" / f"{name}.py"
        path.write_text(textwrap.dedent(text))
        return path

    def step(
        self, name: str, text: str | None = None, *, state: bytes | None = None, host: Any = None, seconds: float = 20,
        memory: int = 256 * 1024 * 1024, cancel: Any = None, session: str | None = "somebody", keep: bool = True, **request: Any,
    ) -> StepResult:  # fmt: skip
        if text is not None:
            self.write(name, text)
        return self.pool.step(
            name,
            state,
            Request(now=datetime(2026, 1, 15, tzinfo=UTC), seed=1, **request),
            host=host or Nothing(),
            limits=Limits(seconds=seconds, memory=memory),
            session=session,
            keep=keep,
            cancel=cancel,
        )

    def say(self, name: str, text: str | None = None, **options: Any) -> str:
        """The question of a step that must end well."""
        done = self.step(name, text, **options)
        assert done.failure is None, done.failure
        return screen_of(done).question or ""


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("roots")
    (root / "pkg").mkdir()
    # The folders pytest makes are for their owner alone; children run as somebody else.
    for folder in (root, *root.parents):
        if folder.name.startswith(("pytest", "roots")):
            folder.chmod(0o755)
    return root


@pytest.fixture
def make_driver(packages: Path) -> Iterator[Callable[..., PoolDriver]]:
    pools: list[ProcessPool] = []

    def make(**options: Any) -> PoolDriver:
        rules = options.pop("rules", Rules())
        pool = ProcessPool(roots=[packages], engine="tests.faults.runner.tiny", check_seconds=0, rules=rules, **options)
        pools.append(pool)
        return PoolDriver(packages, pool)

    yield make
    for pool in pools:
        pool.close()


@pytest.fixture(scope="module")  # no longer than its tests: the environment it changes is everybody's
def driver(packages: Path) -> Iterator[PoolDriver]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PARLEY_SECRET", SECRET)
        patch.setenv("MONGO_URI", f"mongodb://user:{SECRET}@localhost")
        pool = ProcessPool(roots=[packages], engine="tests.faults.runner.tiny", check_seconds=0)
        yield PoolDriver(packages, pool)
        pool.close()
