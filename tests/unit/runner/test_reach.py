"""What author code may read is a list of names: what its interview names, and nothing that happens to lie beside it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from shared.language.sources import Root
from shared.runner import engine, reach


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "demos/data/questions/one.yml": "modules:\n  - .household\n  - helper\n---\nquestion: |\n  Hello\nmandatory: True\n",
        "demos/household.py": "import os, docassemble.tools.words\n",
        "docassemble/tools/words.py": "from docassemble.deep import fun\n",
        "docassemble/tools/data/questions/a.yml": "",
        "docassemble/deep/data/static/a.txt": "",
        "docassemble/apart/data/questions/b.yml": "",
        "other/data/questions/c.yml": "",
        "helper.py": "",
        "unasked.py": "",
        "config.yml": "secretkey: x",
        ".env": "PARLEY_SECRET=x",
        "var/secret": "x",
        "var/parley.sqlite": "x",
        "demos/.git/config": "x",
        "services/__init__.py": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def reached(root: Path, name: str) -> set[str]:
    loaded = engine.load(name, [str(root)])
    found = engine.readable(loaded, [str(root)])
    return {str(Path(path).relative_to(root)) for path in found.read}


def test_an_interview_reaches_the_packages_that_it_names_and_those_that_they_name(root: Path) -> None:
    assert reached(root, "demos:one.yml") == {
        "demos/data",
        "demos/household.py",
        "helper.py",
        "docassemble/tools",
        "docassemble/deep",
    }
    assert reached(root, "other:c.yml") == {"other"}


def test_nothing_of_the_installation_is_within_reach(root: Path) -> None:
    loaded = engine.load("demos:one.yml", [str(root)])
    readable = [*reach.system(), *engine.readable(loaded, [str(root)]).read]
    for name in (
        "config.yml",
        ".env",
        "var/secret",
        "var/parley.sqlite",
        "demos/.git/config",
        "docassemble/apart",
        "services",
    ):
        assert reach.reached(root / name, readable) is None, name
    assert reach.reached(root / "demos/data/questions/one.yml", readable) == str(root / "demos/data")


def test_the_import_path_is_no_reason_to_read_a_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(root), *sys.path])
    system = reach.system()
    assert reach.reached(root / "var/secret", system) is None
    assert reach.reached(Path(reach.__file__), system), "our own code is named"
    assert reach.reached(Path(pytest.__file__), system), "what is installed, too"


def test_beside_an_interview_in_no_package_only_what_authors_keep_is_read(tmp_path: Path) -> None:
    for name in (
        "mine.yml",
        "helper.py",
        "config.yml",
        "parley.sqlite",
        ".env",
        "notes",
        "sub/data.csv",
        "data/static/a.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("", "utf-8")
    roots = [Root(tmp_path, "folder")]
    known = reach.packages(roots)
    found = reach.of(known, lone=reach.lone(roots), guarded=[str(tmp_path / "config.yml")])
    assert {Path(path).name for path in found.read} == {"mine.yml", "helper.py", "data"}


def test_a_root_that_is_not_there_has_no_packages(tmp_path: Path) -> None:
    assert reach.packages([tmp_path / "nowhere"]) == {}
