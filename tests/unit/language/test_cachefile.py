"""Compiled interviews on disk: the same interview comes back, and nothing else ever does."""

from __future__ import annotations

import marshal
import os
from pathlib import Path

import pytest

from shared.language import cachefile
from shared.language import compile as compiling
from shared.language.again import Earlier
from shared.language.cachefile import Cache
from shared.language.compile import compile_interview
from shared.language.library import Library
from shared.language.sources import Sources

ROOT = Path(__file__).parents[3]
_DEMOS = sorted(path.name for path in (ROOT / "demos" / "data" / "questions").glob("*.yml"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    questions = tmp_path / "pack" / "data" / "questions"
    questions.mkdir(parents=True)
    (questions / "main.yml").write_text("include: more.yml\n---\nmandatory: True\nquestion: ${ name }\n", "utf-8")
    (questions / "more.yml").write_text("code: |\n  name = 'Ada'\n---\nfeatures:\n  dates: 2026-02-01\n", "utf-8")
    return tmp_path


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which interviews were compiled rather than read."""
    asked: list[str] = []

    def noted(name: str, sources: Sources, earlier: Earlier | None = None) -> compiling.Compiled:
        asked.append(name)
        return compile_interview(name, sources, earlier)

    monkeypatch.setattr("shared.language.library.compile_interview", noted)
    return asked


def _library(root: Path) -> Library:
    return Library(Sources([root]), cache=Cache(root / "cache"))


@pytest.mark.parametrize("demo", _DEMOS)
def test_every_demo_comes_back_as_it_was(demo: str) -> None:
    made = compile_interview(f"demos:{demo}", Sources([ROOT]))
    raw = cachefile.dump((made.interview, made.problems))
    interview, problems = cachefile.load(raw)
    assert problems == made.problems
    assert marshal.loads(cachefile.dump((interview, problems))) == marshal.loads(raw)
    assert all(interview.by_name[block.name] is block for block in interview.blocks)


def test_it_is_compiled_once_for_all_processes(root: Path, compiled: list[str]) -> None:
    first = _library(root).load("pack:main.yml")
    second = _library(root).load("pack:main.yml")
    assert len(compiled) == 1
    assert second.digest == first.digest
    assert second.blocks[1].code is not None
    scope: dict[str, object] = {}
    exec(second.blocks[1].code.compiled if second.blocks[1].code else "", scope)
    assert [block.place for block in second.blocks] == [block.place for block in first.blocks]


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "pack/data/questions/more.yml").write_text("code: |\n  name = 'Eva'\n", "utf-8"),
        lambda root: (root / "pack/data/questions/new.yml").write_text("", "utf-8"),
        lambda root: (root / "pack/data/questions/more.yml").rename(root / "pack/data/questions/gone.yml"),
    ],
    ids=["content", "new file", "file gone"],
)
def test_a_change_counts(root: Path, compiled: list[str], change: object) -> None:
    _library(root).load("pack:main.yml")
    assert callable(change)
    change(root)
    _library(root).compiled("pack:main.yml")
    assert len(compiled) == 2


def test_a_module_with_a_datatype_counts(root: Path, compiled: list[str]) -> None:
    module = root / "pack" / "types.py"
    module.write_text("class A(CustomDataType):\n  name = 'odd'\n  parameters = ['one']\n", "utf-8")
    text = "question: Hi\nmandatory: True\nfields:\n  - A: a\n    datatype: odd\n    one: 1\n"
    (root / "pack/data/questions/main.yml").write_text(text, "utf-8")
    assert _library(root).problems("pack:main.yml") == ()
    module.write_text("class A(CustomDataType):\n  name = 'odd'\n  parameters = ['another']\n", "utf-8")
    _library(root).compiled("pack:main.yml")
    assert len(compiled) == 2


def test_what_others_can_write_is_not_read(root: Path, compiled: list[str]) -> None:
    _library(root).load("pack:main.yml")
    folder = root / "cache"
    assert folder.stat().st_mode & 0o777 == 0o700
    (kept,) = folder.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    for place, mode in ((kept, 0o620), (kept, 0o602), (folder, 0o720)):
        before = place.stat().st_mode
        os.chmod(place, mode)
        _library(root).load("pack:main.yml")
        assert compiled.pop() == "pack:data/questions/main.yml"
        assert compiled
        for path in (folder, *folder.iterdir()):
            os.chmod(path, 0o700 if path is folder else 0o600)
        os.chmod(place if place.exists() else folder, before if place.exists() else 0o700)


@pytest.mark.parametrize("damage", [lambda raw: raw[:-1], lambda raw: b"", lambda raw: raw[:40] + b"x" + raw[41:]])
def test_a_damaged_file_is_compiled_again(root: Path, compiled: list[str], damage: object) -> None:
    _library(root).load("pack:main.yml")
    (kept,) = (root / "cache").iterdir()
    assert callable(damage)
    kept.write_bytes(damage(kept.read_bytes()))
    _library(root).load("pack:main.yml")
    assert len(compiled) == 2


def test_another_program_compiles_for_itself(root: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    _library(root).load("pack:main.yml")
    monkeypatch.setattr(cachefile, "program", lambda: b"newer")
    _library(root).load("pack:main.yml")
    assert len(compiled) == 2


def test_without_a_place_to_write_it_is_compiled(root: Path, compiled: list[str]) -> None:
    (root / "cache").write_text("a file", "utf-8")
    _library(root).load("pack:main.yml")
    _library(root).load("pack:main.yml")
    assert len(compiled) == 2


def test_old_ones_go(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cachefile, "KEPT", 1)
    _library(root).load("pack:main.yml")
    _library(root).load("pack:more.yml")
    assert len(list((root / "cache").iterdir())) == 1
