"""Where packages of interviews lie on disk: names to folders. Not for what may be read of them (web/files.py, render/)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from shared.language.sources import Root


class Packages:
    """The packages below `roots`."""

    def __init__(self, roots: Iterable[Root | Path]) -> None:
        given = tuple(map(Root.of, roots))
        self._roots = tuple(root.folder for root in given if root.package is None)
        self._named = {root.package: root.folder for root in given if root.package is not None}

    def names(self) -> tuple[str, ...]:
        """The packages that hold interviews, those of the first root first."""
        found = list(self._named)
        for root in self._roots:
            for prefix, folder in (("", root), ("docassemble.", root / "docassemble")):
                found += [
                    f"{prefix}{inner.name}" for inner in _inner(folder) if (inner / "data" / "questions").is_dir()
                ]
        return tuple(dict.fromkeys(found))

    def folder(self, package: str) -> Path | None:
        """The folder of `package`: ``a.b`` is ``<root>/a/b``, or a folder of that very name. None if there is none."""
        if not package.isprintable() or package.startswith(".") or any(part in package for part in ("/", "\\", "..")):
            return None
        if not package or len(package) > 200:
            return None
        if package in self._named:
            return self._named[package]
        for root in self._roots:
            for candidate in (root / Path(*package.split(".")), root / package):
                # A folder is a package of interviews by its `data`: nothing else that lies below a root is anybody's to see.
                if (candidate / "data").is_dir() and candidate.resolve().is_relative_to(root.resolve()):
                    return candidate
        return None


def _inner(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return []
