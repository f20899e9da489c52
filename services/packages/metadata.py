"""What the wheel of an interview package says of itself (Core metadata: https://packaging.python.org/specifications/core-metadata/)."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

#: Names of distributions that stand for the reference itself: we are in their place.
_OURS = re.compile(r"docassemble[-_.](base|webapp|demo|cli|pattern)\Z", re.I)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class NotAPackage(Exception):
    """What was given cannot be installed; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """`folder` is where its interviews are, ``docassemble/AssemblyLine``; `requires` are requirements as it writes them."""

    path: Path
    name: str
    version: str
    folder: str
    requires: tuple[str, ...]

    @property
    def package(self) -> str:
        return self.folder.replace("/", ".")


def normal(name: str) -> str:
    """The name of a distribution as names are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_in(requirement: str) -> str:
    """The name that a requirement begins with."""
    found = _NAME.match(requirement.strip())
    return found.group() if found else ""


def holds_interviews(requirement: str) -> bool:
    """Whether it is, by its name, a package of interviews."""
    return normal(name_in(requirement)).startswith("docassemble-") and not is_ours(requirement)


def is_ours(requirement: str) -> bool:
    return _OURS.match(name_in(requirement)) is not None


def read(path: Path) -> Wheel:
    """Raises `NotAPackage`."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            (said,) = (name for name in names if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
            told = HeaderParser().parsestr(archive.read(said).decode("utf-8", "replace"))
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise NotAPackage(f"{path.name} is no wheel: {error}") from error
    folders = sorted(
        {found.group(1) for name in names if (found := re.match(r"(.+?)/data/questions/.+\.ya?ml\Z", name))}
    )
    if not folders:
        raise NotAPackage(f"{told['Name']} has no interviews: there is no YAML file in a data/questions folder of it")
    if len(folders) > 1:
        raise NotAPackage(f"{told['Name']} holds several packages of interviews: {', '.join(folders)}")
    bad = [name for name in names if name.startswith(("/", "\\")) or ".." in name.split("/") or ":" in name]
    if bad:
        raise NotAPackage(f"{told['Name']} names files outside of itself: {bad[0]}")
    return Wheel(
        path=path,
        name=str(told["Name"]),
        version=str(told["Version"]),
        folder=folders[0],
        requires=tuple(one for one in told.get_all("Requires-Dist", []) if "extra ==" not in one),
    )
