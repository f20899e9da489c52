"""An embedded system with the interviews of a test module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.embedded.system import System
from services.settings import load
from tests.e2e.background.documented import named
from tests.helpers.packs import write_pack


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("documented")


@pytest.fixture(scope="module")
def system(request: pytest.FixtureRequest, folder: Path) -> Iterator[System]:
    """With what the module calls `INTERVIEWS`, texts by case, and `MODULES`, texts of the package's Python modules by name."""
    write_pack(folder, "documented", {named(case): text for case, text in request.module.INTERVIEWS.items()})
    (folder / "documented" / "__init__.py").touch()
    for name, text in getattr(request.module, "MODULES", {}).items():
        (folder / "documented" / f"{name}.py").write_text(text)
    made = System(load({}, var=str(folder / "var"), packages=str(folder), smtp_port=0, port=0, log_level="ERROR"))
    made.start()
    yield made
    made.stop()
