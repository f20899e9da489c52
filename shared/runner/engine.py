"""The one place where the runner meets engine, language and authoring: load an interview, run a step, find package files.

`Setup.engine` names this module; tests name others with the same functions.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType, MappingProxyType, ModuleType

from shared.authoring import modules, objects
from shared.authoring.functions.stored import CLASSES
from shared.authoring.text.words import update_word_collection
from shared.engine.naming.plan import plan_for
from shared.engine.naming.spoken import learn
from shared.engine.outcome import Outcome
from shared.engine.request import Request
from shared.engine.step import step
from shared.engine.steps.setup import layer
from shared.language.cachefile import Cache, program
from shared.language.errors import LanguageError
from shared.language.library import Library
from shared.language.model import Interview, Place
from shared.language.sources import Root, Sources
from shared.runner import authormodules, reach, wanted, warming
from shared.runner.authormodules import AuthorModules
from shared.runner.reach import Reach
from shared.state import classes
from shared.state.session import State

#: Under which names authors import our classes; states use the first.
_PUBLIC, *_OLDER = (f"{modules.BASE}.{name}" for name in ("util", "core", "functions", "legal"))

#: Names of ours below a root: no class of theirs is ever an author's.
_OURS = ("shared", "services", "tests", modules.BASE)


#: Doubts of one interview that are told; `parley check` tells all.
WARNINGS = 20


@dataclass(frozen=True, slots=True)
class Loaded:
    """A compiled interview; `sources` are the files it was made of: (path, time of change in ns, size).

    `code` is that of its modules, by path; `broken` says which of them do not compile, and why.
    """

    interview: Interview
    digest: str
    sources: tuple[tuple[str, int, int], ...]
    files: PackageFiles
    roots: tuple[str, ...]
    package: str
    code: Mapping[str, CodeType]
    broken: tuple[str, ...]
    warnings: tuple[str, ...] = ()  #: what compiling found doubtful, at most `WARNINGS` of it

    @property
    def events(self) -> list[list[object]]:
        """What may be asked of it out of turn by its name, and where: its events, and what else defines a name of scheduled tasks."""
        found: dict[str, Place] = {}
        for block in self.interview.blocks:
            scheduled = (name for name in block.sets if name.startswith("cron_") and name.isidentifier())
            found |= dict.fromkeys((*block.events, *scheduled), block.place)
        return [[name, place.file, place.block, place.line] for name, place in sorted(found.items())]


def prepare() -> None:
    """Import, once and for all children, what every interview uses: before the first of them."""
    importlib.import_module("shared.authoring.util")
    importlib.import_module("shared.markup.machine")
    importlib.import_module("shared.markup.texts")


def speak(words: Mapping[str, Mapping[str, str]]) -> None:
    """Translations that all interviews share, by language; an author's own come after them."""
    for language, phrases in words.items():
        update_word_collection(language, phrases)


_cache: list[Cache] = []


def keep_in(folder: str) -> None:
    """Compiled interviews are kept in `folder` from now on."""
    _cache[:] = [Cache(Path(folder))]
    program()  # the same for all templates


def warm() -> None:
    """Load and do once what every step does, before the first interview is loaded."""
    wanted.warm()
    warming.dry_session(registry)
    for name in ("calendar", "csv", "itertools", "json", "math", "random", "statistics", "string", "textwrap"):
        importlib.import_module(name)


def rehearse() -> None:
    """In a child that has nothing to do yet: what makes the first step of its session dear is done before there is one."""
    warming.rehearse()


def warm_for(loaded: Loaded) -> bool:
    """Load what this interview may use beyond that, when there is time for it; whether there was anything."""
    return wanted.warm_for(_text(path) for path, _, _ in loaded.sources)


def _text(path: str) -> str:
    try:
        return Path(path).read_text("utf-8", "replace")
    except OSError:  # it is gone meanwhile; steps will find what they need
        return ""


def load(name: str, roots: Iterable[str], kept: Mapping[str, bytes] = MappingProxyType({})) -> Loaded:
    """Compile the interview `name`. `kept` are contents, by path, that stand for what the files hold now. Raises `LanguageError`."""
    roots = tuple(roots)
    sources = Sources(roots, kept=kept)
    modules.install(roots)
    classes.use(registry(sources))
    library = Library(sources, cache=next(iter(_cache), None))
    while True:
        started = time.time_ns()
        compiled = library.compiled(name)
        stamps = [_stamp(str(source.path)) for source in compiled.sources]
        found = AuthorModules()
        if compiled.interview is not None:
            found = authormodules.find(compiled.interview, sources, without=_OURS)
        stamps += [_stamp(path) for path in found.paths]
        newest = max((changed for _, changed, _ in stamps), default=0)
        if newest < started or newest > time.time_ns():  # (a clock may be wrong)
            break  # no file was written while it was read
    interview = library.load(name)
    modules.use(found.code)
    plan = plan_for(interview)  # what it takes to know where each name comes from, once for all children
    package = interview.name.partition(":")[0]
    files = PackageFiles(sources, package)
    learn(plan, files.find)
    stamps += [_stamp(path) for path in _translations(interview, sources)]
    for libraries in _libraries(interview, sources):
        if libraries not in sys.path:
            sys.path.append(libraries)  # last: what the program brings is what it was tested with
    return Loaded(
        interview,
        interview.digest,
        tuple(stamps),
        files,
        tuple(str(root.folder) for root in sources.import_roots()),
        package,
        found.code,
        tuple(found.broken),
        tuple(map(str, library.problems(name)[:WARNINGS])),
    )


def kept(loaded: Loaded) -> dict[str, bytes] | None:
    """What the files of the interview hold, by path, or None if one of them is not any more what it was when it was loaded."""
    try:
        found = {path: Path(path).read_bytes() for path, _, _ in loaded.sources}
    except OSError:
        return None
    return found if [_stamp(path) for path in found] == list(loaded.sources) else None


def imports(loaded: Loaded) -> bool:
    """Whether its modules can be imported. A step that ended before it came to that, with a class that a state names, may lack them, too."""
    plan = plan_for(loaded.interview)
    try:
        layer(plan)
    except Exception:  # an author's module may fail in any way
        return False
    return plan.layered


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


def readable(loaded: Loaded, given: Iterable[str], *, guarded: Iterable[str] = ()) -> Reach:
    """What author code of this interview may read below the `given` roots: the packages that it names (`reach.named`)."""
    roots = tuple(map(Root.of, given))
    known, lone = reach.packages(roots), reach.lone(roots)
    sources = [Path(path) for path, _, _ in loaded.sources]
    names = [name.partition(":")[0] for name in loaded.interview.sources]
    packages = reach.named(sources, [loaded.package, *names], known, lone=lone)
    found = reach.of(packages, lone=lone, guarded=guarded)
    return replace(found, read=(*found.read, *_libraries(loaded.interview, Sources(roots))))


def _translations(interview: Interview, sources: Sources) -> list[str]:
    """The files of translated phrases that are there."""
    found = []
    for reference in interview.translations:
        try:
            found.append(str(sources.reference(reference, "sources", interview.name.partition(":")[0]).path))
        except LanguageError:
            continue
    return found


def _libraries(interview: Interview, sources: Sources) -> list[str]:
    """Where the Python dependencies of the interview's package lie, and then of those whose files it includes."""
    packages = dict.fromkeys(name.partition(":")[0] for name in (interview.name, *interview.sources))
    found = map(sources.libraries, packages)
    return list(dict.fromkeys(str(folder) for folder in found if folder is not None))


def registry(sources: Sources) -> classes.ClassRegistry:
    """The classes that states of interviews below these roots may hold."""
    made = classes.ClassRegistry(_author_modules(sources))
    made.register_public(objects, _PUBLIC, aliases=_OLDER)
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

    def find(self, reference: str, folder: str = "static") -> tuple[str, bytes]:
        last: Exception | None = None
        for place in dict.fromkeys((folder, "static", "sources", "templates")):
            try:
                path = self._sources.reference(reference, place, self._package).path
                return path.name, path.read_bytes()
            except (LanguageError, OSError) as error:
                last = error
        raise FileNotFoundError(
            f"there is no file {reference!r} in data/static, data/sources or data/templates of {self._package}"
        ) from last

    def full_name(self, reference: str) -> str:
        package, _, path = reference.rpartition(":")
        return f"{package or self._package}:{path.removeprefix('data/static/')}"
