"""Which classes a state may hold, and under which names: the list that takes the place of pickle's "anything".

A class is known by the path an author would import it from (``docassemble.base.util.Individual``,
``docassemble.demo.mymodule.Thing``). Two kinds are allowed: classes registered by name, and classes that live in a module
of an interview package. Does not live here: importing an author's module (the `load` given to the registry does).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import ModuleType

from shared.state.errors import UnknownClass

#: Given a module name, the module if it belongs to an interview package (importing it if need be), else None.
Load = Callable[[str], ModuleType | None]


#: Types whose values are stored anyway may also be stored as classes (an ``object_type`` of str, say).
_BUILT_IN = (bool, int, float, str, bytes, list, dict, set, frozenset, tuple, Decimal, date, datetime, time, timedelta)


class ClassRegistry:
    """Maps classes to the paths under which they are stored, and back."""

    def __init__(self, load: Load | None = None) -> None:
        self._load = load
        self._paths: dict[type, str] = {}
        self._classes: dict[str, type] = {}
        self._authors: dict[type, str | None] = {}
        for cls in _BUILT_IN:
            self.register(cls)

    def register(self, cls: type, path: str | None = None, *, aliases: Iterable[str] = ()) -> None:
        """Allow `cls` under `path` (default: where it is defined). `aliases` are further paths that are read, never written."""
        path = path or f"{cls.__module__}.{cls.__qualname__}"
        self._paths[cls] = path
        self._authors.pop(cls, None)
        for name in (path, *aliases):
            self._classes[name] = cls

    def register_public(self, module: ModuleType, prefix: str, *, aliases: Iterable[str] = ()) -> None:
        """Register every public class that `module` offers and that is defined in its package, as ``prefix.Name``."""
        names = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
        for name in names:
            cls = getattr(module, name)
            if isinstance(cls, type) and (cls.__module__ + ".").startswith(module.__name__ + "."):
                self.register(cls, f"{prefix}.{name}", aliases=[f"{alias}.{name}" for alias in aliases])

    def path_of(self, cls: type) -> str | None:
        """The path under which `cls` is stored, or None if no state may hold it."""
        path = self._paths.get(cls)
        if path is not None:
            return path
        if cls not in self._authors:
            self._authors[cls] = self._author_path(cls)
        return self._authors[cls]

    def _author_path(self, cls: type) -> str | None:
        module = self._author_module(cls.__module__)
        # Only what can be found again by its path may be stored: not a class made inside a function or a code block.
        if module is None or _attribute(module, cls.__qualname__) is not cls:
            return None
        return f"{cls.__module__}.{cls.__qualname__}"

    def _author_module(self, name: str) -> ModuleType | None:
        return self._load(name) if self._load is not None else None

    def resolve(self, path: str) -> type:
        """The class stored under `path`. Raises `UnknownClass` if it is not allowed, or gone from its module."""
        cls = self._classes.get(path)
        if cls is not None:
            return cls
        parts = path.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            module = self._author_module(".".join(parts[:cut]))
            if module is None:
                continue
            found = _attribute(module, ".".join(parts[cut:]))
            if isinstance(found, type) and found.__module__ == module.__name__:
                self._classes[path] = found
                return found
            raise UnknownClass(path, f"no longer exists in the module {module.__name__}")
        raise UnknownClass(path, "is not known: its module is gone, or is no part of an interview package")


def _attribute(module: ModuleType, qualname: str) -> object:
    found: object = module
    for part in qualname.split("."):
        found = vars(found).get(part) if isinstance(found, ModuleType | type) else None
    return found


def loaded_below(*packages: str) -> Load:
    """A `Load` that finds only modules already imported whose name is one of `packages` or below it."""

    def load(name: str) -> ModuleType | None:
        if any(name == package or name.startswith(package + ".") for package in packages):
            return sys.modules.get(name)
        return None

    return load


_standard = ClassRegistry()


def standard() -> ClassRegistry:
    """The registry of this process, used where none is given: a child process fills it once, for its one interview."""
    return _standard


def use(registry: ClassRegistry) -> None:
    """Make `registry` the one that `standard` gives."""
    global _standard
    _standard = registry
