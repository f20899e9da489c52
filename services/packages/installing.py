"""A folder of interview packages with what they need: `PackageSet`. It is its own; nothing is put into the program's environment.

Below the folder lie the packages (``docassemble/AssemblyLine``), `LIBRARIES` with their Python dependencies, and `RECORD`, which says what
came from where. Each change is made beside what is there and then renamed into its place. Fetching and building is pip's (`Fetch`).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from services.packages import granted, metadata
from services.packages.metadata import NotAPackage, Wheel, normal
from shared.language.sources import LIBRARIES

RECORD = "packages.json"
#: What the names of folders begin with in which something is being made.
NEW = ".new-"
#: Seconds after which nobody is still at work on one: whoever was, was ended.
ABANDONED = 3600
#: Packages that one package may need, all in all.
MOST = 50

#: Makes wheels of what is named, without what it requires, in a folder; gives their paths.
Fetch = Callable[[str, Path], Sequence[Path]]
#: Installs requirements into a folder.
Install = Callable[[Sequence[str], Path], None]
Entry = dict[str, object]


class PackageSet:
    """The packages below `folder`, which is made when something is added."""

    def __init__(self, folder: Path, *, fetch: Fetch, install: Install) -> None:
        self.folder = folder
        self._fetch = fetch
        self._install = install

    def entries(self) -> list[Entry]:
        """What is installed, by name: ``{"name", "version", "package", "requires", "from"}``. Raises `NotAPackage` for a broken record."""
        try:
            told = json.loads((self.folder / RECORD).read_text("utf-8"))
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            raise NotAPackage(f"{self.folder / RECORD} cannot be read: {error}") from error
        return sorted(told, key=lambda one: str(one["name"]).lower())

    def add(self, given: str) -> list[Wheel]:
        """Install `given` (a name, a wheel, a zip, a folder, an address of git) and the interview packages it needs. Raises `NotAPackage`."""
        entries = {normal(str(one["name"])): one for one in self.entries()}
        self.folder.mkdir(parents=True, exist_ok=True)
        self._tidy()
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=NEW) as new:
            wheels = self._gathered(given, Path(new), set(entries))
            for wheel in wheels:
                _refuse_others(wheel, entries)
                entries[normal(wheel.name)] = {
                    "name": wheel.name,
                    "version": wheel.version,
                    "package": wheel.package,
                    "requires": list(dict.fromkeys([*wheel.requires, *_taken(wheel)])),
                    "from": given if wheel is wheels[0] else wheel.name,
                }
            # What cannot be had is said before anything is changed.
            libraries = self._libraries(entries.values(), Path(new))
            for wheel in wheels:
                _replace(_unpacked(wheel, Path(new)), self.folder / wheel.folder)
            _replace(libraries, self.folder / LIBRARIES)
            self._record(list(entries.values()))
        return wheels

    def remove(self, name: str) -> Entry:
        """Take a package away, by the name of its distribution or of its package. Raises `NotAPackage`."""
        entries = self.entries()
        gone = next(
            (one for one in entries if name == one["package"] or normal(name) == normal(str(one["name"]))), None
        )
        if gone is None:
            raise NotAPackage(f"there is no package {name!r} in {self.folder}")
        rest = [one for one in entries if one is not gone]
        needing = [str(one["name"]) for one in rest if normal(str(gone["name"])) in map(normal, _names(one))]
        if needing:
            raise NotAPackage(f"{gone['name']} is needed by {', '.join(needing)}")
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=NEW) as new:
            libraries = self._libraries(rest, Path(new))
            (self.folder / str(gone["package"]).replace(".", "/")).rename(Path(new) / "gone")
            _replace(libraries, self.folder / LIBRARIES)
            self._record(rest)
        return gone

    def missing(self) -> list[str]:
        """Requirements of interview packages that are not in the set, as ``name, needed by name``."""
        entries = self.entries()
        there = {normal(str(one["name"])) for one in entries}
        return [
            f"{name}, needed by {one['name']}"
            for one in entries
            for name in _names(one)
            if metadata.holds_interviews(name) and normal(name) not in there
        ]

    def _gathered(self, given: str, new: Path, known: set[str]) -> list[Wheel]:
        """The wheel of `given`, and those of interview packages that it needs and that are not `known`."""
        found: list[Wheel] = []
        wanted = [given]
        while wanted:
            if len(found) >= MOST:
                raise NotAPackage(f"{given} needs more than {MOST} packages of interviews")
            made = self._fetch(wanted.pop(0), Path(tempfile.mkdtemp(dir=new)))
            wheel = metadata.read(_only(made))
            found.append(wheel)
            have = known | {normal(one.name) for one in found}
            asked = {normal(metadata.name_in(one)) for one in wanted}
            for requirement in wheel.requires:
                name = normal(metadata.name_in(requirement))
                if metadata.holds_interviews(requirement) and name not in have | asked:
                    wanted.append(requirement.partition(";")[0].strip())
        return found

    def _libraries(self, entries: Iterable[Entry], new: Path) -> Path:
        folder = new / LIBRARIES
        folder.mkdir()
        needed = {
            requirement
            for one in entries
            for requirement in _requires(one)
            if not metadata.holds_interviews(requirement) and not metadata.is_ours(requirement)
        }
        if needed:
            self._install(sorted(needed), folder)
        return folder

    def _tidy(self) -> None:
        """Take away what an earlier change left behind that was ended."""
        for left in self.folder.glob(f"{NEW}*"):
            with contextlib.suppress(OSError):
                if left.stat().st_mtime < time.time() - ABANDONED:
                    shutil.rmtree(left, ignore_errors=True)

    def _record(self, entries: list[Entry]) -> None:
        made = self.folder / f".{RECORD}.new"
        made.write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n", "utf-8")
        os.replace(made, self.folder / RECORD)


def _only(made: Sequence[Path]) -> Path:
    if len(made) != 1:
        raise NotAPackage(f"expected one package, found {len(made)}")
    return made[0]


def _taken(wheel: Wheel) -> list[str]:
    """What the wheel's modules import though it does not say so."""
    said = {normal(metadata.name_in(one)) for one in wheel.requires}
    return [name for name in granted.taken(wheel.path, wheel.folder) if normal(name) not in said]


def _names(entry: Entry) -> list[str]:
    return [metadata.name_in(one) for one in _requires(entry)]


def _requires(entry: Entry) -> list[str]:
    requires = entry["requires"]
    return [str(one) for one in requires] if isinstance(requires, list) else []


def _refuse_others(wheel: Wheel, entries: dict[str, Entry]) -> None:
    for name, one in entries.items():
        if one["package"] == wheel.package and name != normal(wheel.name):
            raise NotAPackage(f"{wheel.package} is of {one['name']} already: remove that first")


def _unpacked(wheel: Wheel, new: Path) -> Path:
    """The package's folder out of the wheel."""
    into = Path(tempfile.mkdtemp(dir=new))
    with zipfile.ZipFile(wheel.path) as archive:
        archive.extractall(into, [name for name in archive.namelist() if name.startswith(f"{wheel.folder}/")])
    return into / wheel.folder


def _replace(made: Path, place: Path) -> None:
    """Put the folder `made` in `place`; what was there goes."""
    place.parent.mkdir(parents=True, exist_ok=True)
    os.chmod(made, 0o755)  # noqa: S103  (children, of another user, read it)
    old = None
    if place.exists():
        old = Path(tempfile.mkdtemp(dir=made.parent)) / "old"
        place.rename(old)
    made.rename(place)
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)
