"""The Python modules of interviews: ``docassemble.base.util`` and kin, and authors' own modules below the interview roots.

`install` is called once in the process that runs author code. It makes our names importable under the documented ones and
lets ``docassemble.demo.fish`` or ``demos.helpers`` be imported from the configured folders, and from nowhere else in them.
`refresh` forgets author modules whose file has changed. Running ``imports`` and ``modules`` blocks is the engine's.

Source: initial.md, "modules", "suppress loading util"; packages.md.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import CodeType, MappingProxyType, ModuleType

from shared.authoring import util
from shared.authoring.functions.internals import internal
from shared.authoring.surface.finder import WORKING, Surface
from shared.authoring.surface.standin import factory
from shared.language.sources import Root

#: Top package of the documented names.
NAMESPACE = "docassemble"
BASE = "docassemble.base"
#: Documented (and older) names of the module of all functions and classes.
_UTIL_NAMES = ("util", "functions", "core", "legal")
#: All that an interview gets with ``suppress loading util``.
_ALWAYS = ("process_action", "nav")


def names(suppress: bool = False) -> Mapping[str, object]:
    """What an interview finds without importing anything; with `suppress` (``suppress loading util``) almost nothing."""
    wanted = _ALWAYS if suppress else util.__all__
    return MappingProxyType({"_internal": internal, **{name: getattr(util, name) for name in wanted}})


class _Authors(importlib.abc.MetaPathFinder):
    """Finds packages of interviews and their modules below the roots.

    A folder below a root is a package whether or not it has an ``__init__.py``; ``docassemble`` may lie in several roots.
    One that holds interviews is found before a module of the same name beside it. Names of Python's own and of installed
    packages are never taken over: this finder is asked last.
    """

    def __init__(self, roots: Sequence[Root]) -> None:
        self._packages = {root.package: root.folder for root in roots if root.package is not None}
        self._folders = tuple(root.folder for root in roots if root.package is None)
        self.roots = (*self._packages.values(), *self._folders)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname in self._packages:
            return _package(fullname, self._packages[fullname])
        if any(name.startswith(fullname + ".") for name in self._packages) and fullname not in sys.modules:
            return importlib.machinery.ModuleSpec(fullname, None, is_package=True)  # nothing but what is in it
        if path is None:
            places: list[str] = [str(root) for root in self._folders]
        elif any(self._is_ours(folder) for folder in path):
            places = list(path)
        else:
            return None
        for place in places:
            folder = Path(place, fullname.rpartition(".")[2])
            if _holds_interviews(folder):
                return _package(fullname, folder)
        for place in places:
            # Asked for by its name: a child may read a module of a root without seeing what else is there.
            folder = Path(place, fullname.rpartition(".")[2])
            if _there(folder / "__init__.py"):
                return _package(fullname, folder)
            if _there(module := folder.with_suffix(".py")):
                return _spec(fullname, module)
        return importlib.machinery.PathFinder.find_spec(fullname, places)

    def _is_ours(self, folder: str) -> bool:
        return any(Path(folder).is_relative_to(root) for root in self.roots)


class _Within(importlib.abc.MetaPathFinder):
    """Folders that are a package within another one, such as an operator's folder of tasks: what lies there besides stays.

    It is asked first: Python itself would find the folder that is there besides, and look no further.
    """

    def __init__(self, roots: Sequence[Root]) -> None:
        self._packages = {root.package: root.folder for root in roots if root.package and "." in root.package}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self._packages:
            return None
        beside = (Path(folder, fullname.rpartition(".")[2]) for folder in path or ())
        return _package(fullname, self._packages[fullname], *(folder for folder in beside if folder.is_dir()))


#: Code by path, compiled before anything of it ran: all children of an interview have the same, whatever becomes of the files.
_compiled: dict[str, CodeType] = {}


def use(compiled: Mapping[str, CodeType]) -> None:
    """Let imports of these files, by path, take this code: children that are forked later never meet one that is half written."""
    _compiled.clear()
    _compiled.update(compiled)


class _Compiled(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType | None:
        found = _compiled.get(self.path)
        return super().get_code(fullname) if found is None else found


class _Inner(importlib.abc.MetaPathFinder):
    """Finds what has been compiled of a package's modules. It is asked early: Python itself would read their files."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if path is None or not _compiled:
            return None
        last = fullname.rpartition(".")[2]
        for place in path:
            if (init := f"{place}/{last}/__init__.py") in _compiled:
                return _spec(fullname, Path(init), [f"{place}/{last}"])
            if (module := f"{place}/{last}.py") in _compiled:
                return _spec(fullname, Path(module))
        return None


def _there(file: Path) -> bool:
    return str(file) in _compiled or file.is_file()


def _spec(name: str, file: Path, places: list[str] | None = None) -> importlib.machinery.ModuleSpec | None:
    loader = _Compiled(name, str(file))
    return importlib.util.spec_from_file_location(name, file, loader=loader, submodule_search_locations=places)


def _package(name: str, folder: Path, *more: Path) -> importlib.machinery.ModuleSpec | None:
    """The package `name` that `folder` is, with or without an ``__init__.py``; its modules may lie in `more` folders."""
    init = folder / "__init__.py"
    if _there(init):
        return _spec(name, init, [str(folder), *map(str, more)])
    made = importlib.machinery.ModuleSpec(name, None, is_package=True)
    made.submodule_search_locations = [str(folder), *map(str, more)]
    return made


def _holds_interviews(folder: Path) -> bool:
    try:
        return (folder / "data").is_dir() or any(
            entry.suffix in (".yml", ".yaml") for entry in (folder.iterdir() if folder.is_dir() else ())
        )
    except OSError:  # a child may see the names of only some folders
        return False


def install(roots: Iterable[Root | Path | str] = ()) -> None:
    """Make the documented modules importable, and those of the packages below `roots`. May be called again."""
    given = tuple(map(Root.of, roots))
    ours = (_Authors, _Within, _Inner, Surface)
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, ours)]
    sys.meta_path[:0] = [_Within(given), _Inner()]
    sys.meta_path += [_Authors(given), Surface()]
    _install_base([root.folder for root in given if root.package is None])


def _install_base(roots: Sequence[Path]) -> None:
    top = sys.modules.get(NAMESPACE) or ModuleType(NAMESPACE, "Packages of interviews.")
    top.__path__ = [str(root / NAMESPACE) for root in roots]
    base = ModuleType(BASE, "What interviews import.")
    base.__path__ = []
    base.__package__ = BASE
    top.base = base  # type: ignore[attr-defined]
    sys.modules[NAMESPACE] = top
    sys.modules[BASE] = base
    for name in _UTIL_NAMES:
        module = _alias(f"{BASE}.{name}", util) if name != "util" else util
        setattr(base, name, module)
        sys.modules[f"{BASE}.{name}"] = module


def _alias(name: str, module: ModuleType) -> ModuleType:
    """A module of that name that offers everything `module` does, as it is by then."""
    made = ModuleType(name, module.__doc__)
    inner = WORKING.get(name, {})
    unknown = factory(name) if name == f"{BASE}.functions" else None

    def find(attribute: str) -> object:
        if attribute in inner:
            return inner[attribute]
        if unknown is not None and not hasattr(module, attribute):
            return unknown(attribute)
        return getattr(module, attribute)

    made.__getattr__ = find  # type: ignore[method-assign]
    made.__dict__["__all__"] = list(module.__all__)
    return made


class _Version:
    """How the file of an author module looked when it was loaded."""

    def __init__(self) -> None:
        self.seen: dict[str, tuple[int, int]] = {}

    @staticmethod
    def of(path: str) -> tuple[int, int] | None:
        try:
            status = Path(path).stat()
        except OSError:
            return None
        return (status.st_mtime_ns, status.st_size)


_versions = _Version()


def author_modules() -> dict[str, ModuleType]:
    """The author modules that are loaded, by name."""
    finders = [finder for finder in sys.meta_path if isinstance(finder, _Authors)]
    roots = [root for finder in finders for root in finder.roots]
    return {
        name: module
        for name, module in list(sys.modules.items())
        if not name.startswith(BASE)
        and any(
            Path(file).is_relative_to(root)
            for root in roots
            for file in [getattr(module, "__file__", None) or "/dev/null"]
        )
        and name.partition(".")[0] not in ("shared", "services", "tests")
    }


def refresh() -> tuple[str, ...]:
    """Forget author modules that changed on disk, and with them all others (they may have imported from them).

    Gives the names that were forgotten; empty in the usual case. The next import loads them anew.
    """
    modules = author_modules()
    changed = False
    for name, module in modules.items():
        version = _Version.of(str(module.__file__))
        if _versions.seen.setdefault(name, version or (0, 0)) != version:
            changed = True
    if not changed:
        return ()
    for name in modules:
        sys.modules.pop(name, None)
    _versions.seen.clear()
    importlib.invalidate_caches()
    return tuple(modules)
