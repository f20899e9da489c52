"""The one place where the runner meets engine, language and authoring: load an interview, run a step, find package files.

`Setup.engine` names this module; tests name others with the same functions.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from shared.authoring import modules, objects
from shared.authoring.functions.stored import CLASSES
from shared.engine import templates
from shared.engine.outcome import Outcome
from shared.engine.request import Request
from shared.engine.step import step
from shared.language.errors import LanguageError
from shared.language.library import Library
from shared.language.model import Interview, Place
from shared.language.sources import Sources
from shared.state import classes
from shared.state.session import State

#: Under which names authors import our classes; states use the first.
_PUBLIC, *_OLDER = (f"{modules.BASE}.{name}" for name in ("util", "core", "functions", "legal"))

#: Names of ours below a root: no class of theirs is ever an author's.
_OURS = ("shared", "services", "tests", modules.BASE)


#: Endings of files that authors keep beside an interview.
_BESIDE = frozenset(
    [
        ".py",
        ".yml",
        ".yaml",
        ".md",
        ".txt",
        ".csv",
        ".json",
        ".docx",
        ".pdf",
        ".xlsx",
        ".svg",
        ".png",
        ".jpg",
        ".jpeg",
        ".gif",
    ]
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A compiled interview; `sources` are the files it was made of: (path, time of change in ns, size)."""

    interview: Interview
    digest: str
    sources: tuple[tuple[str, int, int], ...]
    files: PackageFiles
    roots: tuple[str, ...]


def prepare() -> None:
    """Import, once and for all children, what every interview uses: before the first of them."""
    importlib.import_module("shared.authoring.util")
    importlib.import_module("shared.authoring.markup")


def warm() -> None:
    """Import what some interviews use, when there is time for it. May be called again."""
    modules.warm()
    for name in ("calendar", "csv", "itertools", "json", "math", "random", "statistics", "string", "textwrap"):
        importlib.import_module(name)


def load(name: str, roots: Iterable[str]) -> Loaded:
    """Compile the interview `name`. Raises `LanguageError`."""
    roots = tuple(roots)
    sources = Sources(roots)
    modules.install(roots)
    classes.use(registry(sources))
    library = Library(sources)
    while True:
        started = time.time_ns()
        read = library.compiled(name).sources
        stamps = [_stamp(str(source.path)) for source in read]
        newest = max((changed for _, changed, _ in stamps), default=0)
        if newest < started or newest > time.time_ns():  # (a clock may be wrong)
            break  # no file was written while it was read
    interview = library.load(name)
    package = interview.name.partition(":")[0]
    return Loaded(
        interview, interview.digest, tuple(stamps), PackageFiles(sources, package), tuple(map(str, sources.roots))
    )


def _stamp(path: str) -> tuple[str, int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return path, 0, -1
    return path, found.st_mtime_ns, found.st_size


def run(loaded: Loaded, state: State, request: Request) -> Outcome:
    """One step; see `shared.engine.step`."""
    return step(loaded.interview, state, request)


def place_of(loaded: Loaded, name: str) -> Place | None:
    """Where the interview sets the variable `name`: the last of its blocks, which is tried first."""
    blocks = loaded.interview.index.get(name)
    return blocks[-1].place if blocks else None


def files(loaded: Loaded) -> PackageFiles:
    return loaded.files


def module_roots(loaded: Loaded) -> tuple[str, ...]:
    return loaded.roots


def readable(roots: Iterable[str]) -> list[str]:
    """The folders below the roots that hold packages of interviews: what author code may read, rather than the whole root.

    A root is often a project's folder, in which a database and settings lie beside the packages.
    """
    found = []
    for root in map(Path, roots):
        try:
            folders = sorted(folder for folder in root.iterdir() if folder.is_dir() and not folder.name.startswith("."))
        except OSError:
            continue
        for folder in folders:
            if (folder / "data").is_dir() or any(folder.glob("*/data/questions")):
                found.append(str(folder))
        found.extend(str(path) for path in root.glob("*.py"))
        found.extend(str(path) for path in root.glob("*.y*ml"))
        if (root / "data").is_dir():
            found.append(str(root / "data"))
    return found


def beside(loaded: Loaded) -> list[str]:
    """Files in the folders of the interview's own files: an interview that lies in no package has its modules beside it.

    Files, not the folders: a database may lie in one.
    """
    folders = dict.fromkeys(Path(path).parent for path, _, _ in loaded.sources)
    found: list[str] = []
    for folder in folders:
        try:
            found.extend(str(path) for path in folder.iterdir() if path.suffix.lower() in _BESIDE and path.is_file())
        except OSError:
            continue
    return found


def registry(sources: Sources) -> classes.ClassRegistry:
    """The classes that states of interviews below these roots may hold."""
    made = classes.ClassRegistry(_author_modules(sources))
    made.register_public(objects, _PUBLIC, aliases=_OLDER)
    templates.register(made)
    for cls in CLASSES:
        made.register(cls, f"{_PUBLIC}.{cls.__name__}", aliases=[f"{name}.{cls.__name__}" for name in _OLDER])
    return made


def _author_modules(sources: Sources) -> classes.Load:
    def load_module(name: str) -> ModuleType | None:
        if any(name == ours or name.startswith(f"{ours}.") for ours in _OURS) or sources.module(name) is None:
            return None
        try:
            return importlib.import_module(name)
        except Exception:  # an author's module may fail in any way; the state then names the class that is missing
            return None

    return load_module


class PackageFiles:
    """Implements ``shared.runner.remote.PackageFiles`` for the interviews of one package."""

    def __init__(self, sources: Sources, package: str) -> None:
        self._sources = sources
        self._package = package

    def find(self, reference: str) -> tuple[str, bytes]:
        last: Exception | None = None
        for folder in ("static", "sources", "templates"):
            try:
                path = self._sources.reference(reference, folder, self._package).path
                return path.name, path.read_bytes()
            except (LanguageError, OSError) as error:
                last = error
        raise FileNotFoundError(
            f"there is no file {reference!r} in data/static, data/sources or data/templates of {self._package}"
        ) from last

    def full_name(self, reference: str) -> str:
        package, _, path = reference.rpartition(":")
        return f"{package or self._package}:{path.removeprefix('data/static/')}"
