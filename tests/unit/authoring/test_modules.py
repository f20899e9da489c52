"""Author modules are those of their own package, whatever lies beside it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.authoring import modules
from shared.language.sources import Root


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    loaded, finders = set(sys.modules), list(sys.meta_path)
    yield
    sys.meta_path[:] = finders
    for name in set(sys.modules) - loaded:
        del sys.modules[name]


def package(folder: Path, word: str, *, interview: str = "a.yml") -> Path:
    (folder / interview).parent.mkdir(parents=True)
    (folder / interview).write_text("question: Hello", "utf-8")
    (folder / "household.py").write_text(f"WORD = {word!r}", "utf-8")
    return folder


@pytest.mark.parametrize("interview", ["a.yml", "data/questions/a.yml"])
def test_a_module_beside_a_package_does_not_stand_before_it(tmp_path: Path, interview: str) -> None:
    package(tmp_path / "au_forms", "ours", interview=interview)
    (tmp_path / "au_forms.py").write_text("WORD = 'beside'", "utf-8")
    modules.install([tmp_path])
    assert importlib.import_module("au_forms.household").WORD == "ours"


def test_a_package_has_the_name_that_its_root_says(tmp_path: Path) -> None:
    folder = package(tmp_path / "2026 My forms", "ours")
    (tmp_path / "beside.py").write_text("", "utf-8")
    modules.install([Root(folder, "forms_2026")])
    assert importlib.import_module("forms_2026.household").WORD == "ours"
    with pytest.raises(ImportError):
        importlib.import_module("beside")


def test_an_init_of_a_package_is_run(tmp_path: Path) -> None:
    folder = package(tmp_path / "with init", "ours")
    (folder / "__init__.py").write_text("from .household import WORD", "utf-8")
    modules.install([f"with_init={folder}"])
    assert importlib.import_module("with_init").WORD == "ours"


def test_a_module_that_is_no_package_is_still_found(tmp_path: Path) -> None:
    (tmp_path / "alone_helper.py").write_text("WORD = 'alone'", "utf-8")
    (tmp_path / "alone_helper").mkdir()
    modules.install([tmp_path])
    assert importlib.import_module("alone_helper").WORD == "alone"
