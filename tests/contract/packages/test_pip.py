"""Pip itself, which brings what `services.packages` adds."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.packages import pip
from services.packages.installing import PackageSet
from services.packages.metadata import NotAPackage
from tests.helpers.wheels import wheel


def test_pip_takes_a_wheel_from_disk(tmp_path: Path) -> None:
    made = wheel(tmp_path / "index", "docassemble.Court")
    known = PackageSet(tmp_path / "set", fetch=pip.fetch, install=pip.install)
    assert [one.package for one in known.add(str(made))] == ["docassemble.Court"]
    with pytest.raises(NotAPackage):
        known.add(str(tmp_path / "index" / "nothing.whl"))
