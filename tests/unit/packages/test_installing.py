"""A folder of packages: what is added is there with what it needs, what cannot be had changes nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.gateway.packages import Packages
from services.gateway.render.listing import Listing
from services.packages.installing import PackageSet
from services.packages.metadata import NotAPackage
from shared.language.sources import LIBRARIES, Sources
from shared.runner import engine
from tests.helpers.wheels import wheel


class Index:
    """Stands for a package index: wheels by name. `asked` are the requirements that were installed last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wheels: dict[str, Path] = {}
        self.asked: list[str] = []

    def add(self, name: str, *requires: str, version: str = "1.0", files: Sequence[str] = (), module: str = "") -> None:
        self.wheels[name] = wheel(self.folder, name, *requires, version=version, files=files, module=module)

    def fetch(self, given: str, folder: Path) -> Sequence[Path]:
        name = given.partition(">")[0]
        if name not in self.wheels:
            raise NotAPackage(f"no {name}")
        return [self.wheels[name]]

    def install(self, requirements: Sequence[str], folder: Path) -> None:
        self.asked = list(requirements)
        for one in requirements:
            (folder / f"{one.partition('>')[0]}.py").write_text("VALUE = 1\n", "utf-8")


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index(tmp_path / "index")


@pytest.fixture
def known(tmp_path: Path, index: Index) -> PackageSet:
    return PackageSet(tmp_path / "set", fetch=index.fetch, install=index.install)


def test_what_a_module_imports_without_saying_so_comes_too(known: PackageSet, index: Index) -> None:
    module = (
        "import os\n\ndef later():\n    from sqlalchemy.sql import text\n    import stripe\n    import unheard_of\n"
    )
    index.add("docassemble.Court", "Stripe>=2", module=module)
    known.add("docassemble.Court")
    assert index.asked == ["SQLAlchemy", "Stripe>=2"]


def test_what_an_ended_change_left_behind_goes(known: PackageSet, index: Index) -> None:
    index.add("docassemble.Court")
    known.add("docassemble.Court")
    old, young = known.folder / ".new-old", known.folder / ".new-young"
    for left in (old, young):
        (left / "libraries").mkdir(parents=True)
    os.utime(old, (0, 0))
    known.add("docassemble.Court")
    assert not old.exists()
    assert young.exists()  # somebody may be at work on it


def test_a_package_comes_with_what_it_needs(known: PackageSet, index: Index) -> None:
    index.add("docassemble.Court", "docassemble.base>=1.6", "docassemble.Tools>=2", "sums>=1", 'odd; extra == "dev"')
    index.add("docassemble.Tools", "docassemble.Court", version="2.0")
    assert [wheel.name for wheel in known.add("docassemble.Court")] == ["docassemble.Court", "docassemble.Tools"]
    assert [(one["name"], one["version"]) for one in known.entries()] == [
        ("docassemble.Court", "1.0"),
        ("docassemble.Tools", "2.0"),
    ]
    assert index.asked == ["sums>=1"]
    assert (known.folder / "docassemble" / "Tools" / "data" / "questions" / "main.yml").is_file()
    assert known.missing() == []
    groups = Listing(Packages([known.folder]), ()).groups()
    assert [entry.title for group in groups for entry in group.entries] == ["Court 1.0", "Tools 2.0"]


def test_its_interviews_read_their_libraries_and_others_do_not(known: PackageSet, index: Index, tmp_path: Path) -> None:
    index.add("docassemble.Court", "sums")
    known.add("docassemble.Court")
    other = tmp_path / "other" / "forms" / "data" / "questions"
    other.mkdir(parents=True)
    (other / "main.yml").write_text("mandatory: True\nquestion: Hi\n", "utf-8")
    roots = [str(known.folder), str(tmp_path / "other")]
    libraries = str(known.folder / LIBRARIES)
    assert libraries in engine.readable(engine.load("docassemble.Court:main.yml", roots), roots).read
    assert libraries not in engine.readable(engine.load("forms:main.yml", roots), roots).read
    assert Sources(roots).libraries("forms") is None


def test_an_interview_elsewhere_reads_the_libraries_of_what_it_includes(
    known: PackageSet, index: Index, tmp_path: Path
) -> None:
    index.add("docassemble.Court", "sums")
    known.add("docassemble.Court")
    other = tmp_path / "other" / "forms" / "data" / "questions"
    other.mkdir(parents=True)
    (other / "main.yml").write_text(
        "include: docassemble.Court:main.yml\n---\nmandatory: True\nquestion: Hi\n", "utf-8"
    )
    roots = [str(known.folder), str(tmp_path / "other")]
    assert str(known.folder / LIBRARIES) in engine.readable(engine.load("forms:main.yml", roots), roots).read


def test_a_newer_version_takes_the_place_of_the_older(known: PackageSet, index: Index) -> None:
    index.add("docassemble.Court", files=["docassemble/Court/old.py"])
    known.add("docassemble.Court")
    index.add("docassemble.Court", version="1.1")
    known.add("docassemble.Court")
    assert [one["version"] for one in known.entries()] == ["1.1"]
    assert not (known.folder / "docassemble" / "Court" / "old.py").exists()
    assert not [path for path in known.folder.iterdir() if path.name.startswith(".")]


def test_what_cannot_be_had_changes_nothing(known: PackageSet, index: Index) -> None:
    index.add("docassemble.Court", "docassemble.Missing")
    with pytest.raises(NotAPackage, match=r"no docassemble\.Missing"):
        known.add("docassemble.Court")
    assert known.entries() == []
    assert list(known.folder.iterdir()) == []


@pytest.mark.parametrize("file", ["../evil.py", "/etc/evil", "docassemble/Court/../../evil.py"])
def test_a_wheel_stays_in_its_folder(known: PackageSet, index: Index, file: str) -> None:
    index.add("docassemble.Court", files=[file])
    with pytest.raises(NotAPackage, match="outside"):
        known.add("docassemble.Court")


def test_a_package_goes_unless_another_needs_it(known: PackageSet, index: Index) -> None:
    index.add("docassemble.Court", "docassemble.Tools")
    index.add("docassemble.Tools")
    known.add("docassemble.Court")
    with pytest.raises(NotAPackage, match=r"needed by docassemble\.Court"):
        known.remove("docassemble-tools")
    known.remove("docassemble.Court")
    known.remove("docassemble.Tools")
    assert known.entries() == []
    assert Packages([known.folder]).names() == ()
    with pytest.raises(NotAPackage, match="no package"):
        known.remove("docassemble.Court")
