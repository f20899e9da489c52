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
from types import MappingProxyType, ModuleType
from typing import Any

#: Top package of the documented names.
NAMESPACE = "docassemble"
BASE = "docassemble.base"
#: Documented (and older) names of the module of all functions and classes.
_UTIL_NAMES = ("util", "functions", "core", "legal", "error", "generate_key")
#: All that an interview gets with ``suppress loading util``.
_ALWAYS = ("process_action", "nav")


def names(suppress: bool = False) -> Mapping[str, Any]:
    """What an interview finds without importing anything; with `suppress` (``suppress loading util``) almost nothing."""
    from shared.authoring import util

    wanted = _ALWAYS if suppress else util.__all__
    return MappingProxyType({name: getattr(util, name) for name in wanted})


def default_names() -> Mapping[str, Any]:
    """`names` of an interview that suppresses nothing."""
    return names()


#: Loaded by functions when they are first used, because an author's own scripts need few of them.
_LATE = (
    "babel.dates",
    "dateutil.parser",
    "num2words",
    "phonenumbers",
    "pycountry",
    "titlecase",
    "ua_parser",
    "werkzeug.utils",
)


def warm() -> None:
    """Import all that functions may need, so that a process which forks children does it once for all of them."""
    importlib.import_module("shared.authoring.util")
    for name in _LATE:
        importlib.import_module(name)
    # Tables that these libraries read at their first call.
    from shared.authoring.functions.dateformat import format_datetime
    from shared.authoring.functions.device import device_of
    from shared.authoring.functions.geography import states_list
    from shared.authoring.functions.languages import language_name
    from shared.authoring.functions.numbers import nice_number
    from shared.authoring.functions.phones import phone_number_is_valid

    nice_number(7)
    format_datetime("2026-01-15 10:30", format="full")
    phone_number_is_valid("202-456-1111")
    states_list(country_code="US")
    language_name("en")
    device_of("Mozilla/5.0")


class _Authors(importlib.abc.MetaPathFinder):
    """Finds packages of interviews and their modules below the roots.

    A folder below a root is a package whether or not it has an ``__init__.py``; ``docassemble`` may lie in several roots.
    Names of Python's own and of installed packages are never taken over: this finder is asked last.
    """

    def __init__(self, roots: Sequence[Path]) -> None:
        self.roots = tuple(roots)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if path is None:
            places: list[str] = [str(root) for root in self.roots]
        elif any(self._is_ours(folder) for folder in path):
            places = list(path)
        else:
            return None
        return importlib.machinery.PathFinder.find_spec(fullname, places)

    def _is_ours(self, folder: str) -> bool:
        return any(Path(folder).is_relative_to(root) for root in self.roots)


def install(roots: Iterable[Path | str] = ()) -> None:
    """Make the documented modules importable, and those of the packages below `roots`. May be called again."""
    folders = tuple(Path(root).resolve() for root in roots)
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Authors)]
    sys.meta_path.append(_Authors(folders))
    _install_base(folders)


def _install_base(roots: Sequence[Path]) -> None:
    from shared.authoring import util

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
    made.__getattr__ = lambda attribute: getattr(module, attribute)  # type: ignore[method-assign]
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
