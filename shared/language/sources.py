"""Where interviews and the files they name are: ``package:path`` below the configured roots.

``demos:x.yml`` is ``<root>/demos/data/questions/x.yml``, ``docassemble.demo:data/questions/x.yml`` is the same path below
``<root>/docassemble/demo``. A file that lies in no package has its folder as one. Nothing outside of a package is read:
not by ``..``, not by an absolute path, not through a symbolic link. See docs/architecture.md, "Names of interviews".
A root may be one package itself, whatever its folder is called: ``forms=/srv/My Forms``.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from shared.language.errors import NoSource, SourceRefused

_PACKAGE = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*\Z")
_BASE = "docassemble.base"
#: Our own files of that package, which a configured ``docassemble/base`` folder goes before.
_BASE_FILES = Path(__file__).resolve().parents[1] / "authoring" / "basefiles"
#: The folder of a root in which the Python dependencies of its packages lie (``parley packages``).
LIBRARIES = "libraries"
FOLDERS = ("questions", "static", "templates", "sources")


@dataclass(frozen=True, slots=True)
class Found:
    """A file: its full name ``package:path``, and where it is."""

    name: str
    package: str
    path: Path


@dataclass(frozen=True, slots=True)
class Root:
    """A folder in which packages lie; or one that is the package named `package`. `folder` is absolute."""

    folder: Path
    package: str | None = None

    @classmethod
    def of(cls, given: Root | Path | str) -> Root:
        """``/folder`` or ``package=/folder``, as a text or a path."""
        if isinstance(given, Root):
            return given
        name, equals, folder = str(given).partition("=")
        if equals and folder and _PACKAGE.match(name):
            return cls(Path(folder).expanduser().resolve(), name)
        return cls(Path(given).resolve())

    def __str__(self) -> str:
        return f"{self.package}={self.folder}" if self.package else str(self.folder)


class Sources:
    """Files of the packages below `roots`, and of lone folders named by `locate`. Holds no open file and no cache.

    `kept` are contents by path that stand for what these files hold now: the last good version of an interview.
    """

    def __init__(
        self,
        roots: Iterable[Root | Path | str] = (),
        *,
        lone: Iterable[tuple[str, Path]] = (),
        kept: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        given = tuple(dict.fromkeys(map(Root.of, roots)))
        self.roots = tuple(root.folder for root in given if root.package is None)
        self._lone = {root.package: root.folder for root in given if root.package is not None} | dict(lone)
        self._kept = kept

    def same(self, other: Sources) -> bool:
        """Whether every name means the same file in both."""
        return self.roots == other.roots and self._lone == other._lone

    # -- packages

    def folder(self, package: str) -> Path | None:
        """The folder of `package`, or None. Raises `SourceRefused` for what is no package name."""
        lone = self._lone.get(package)
        if lone is not None:
            return lone
        if not _PACKAGE.match(package):
            raise SourceRefused(package, "this is not the name of a package")
        for root in self.roots:
            candidate = root.joinpath(*package.split("."))
            if os.path.isdir(candidate) and _inside(candidate, root):
                return candidate
        return None

    def import_roots(self) -> tuple[Root, ...]:
        """Where modules of the packages can be imported from (`shared.authoring.modules`)."""
        return (*(Root(folder, name) for name, folder in self._lone.items()), *map(Root, self.roots))

    def libraries(self, package: str) -> Path | None:
        """Where the Python dependencies of `package` lie: beside it, in a root made by ``parley packages``."""
        folder = self.folder(package)
        for root in self.roots:
            beside = root / LIBRARIES
            if folder is not None and folder.is_relative_to(root) and beside.is_dir():
                return beside
        return None

    def modules(self, package: str) -> Iterator[Path]:
        """The Python files of `package`, without its subfolders."""
        folder = self.folder(package)
        if folder is not None:
            yield from sorted(path for path in folder.glob("*.py") if _inside(path, folder))

    def module(self, name: str) -> Path | None:
        """The file of the module ``package.module`` (or of the package itself) below the roots, or None."""
        parts = name.split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        for root in self.import_roots():
            top = root.package.split(".") if root.package is not None else []
            if parts[: len(top)] != top:
                continue
            inside = parts[len(top) :]
            base = root.folder.joinpath(*inside)
            for candidate in (base / "__init__.py", base.with_suffix(".py")):
                if self._there(candidate) and _inside(candidate, root.folder):
                    return candidate
        return None

    def keeps(self, path: Path) -> bool:
        """Whether another content stands for what this file holds now."""
        return str(path) in self._kept

    def _there(self, path: Path) -> bool:
        # Not Path.is_file(), which raises where a root is out of a child's reach: then the module is in another root, or nowhere.
        return self.keeps(path) or os.path.isfile(path)

    # -- files

    def interview(self, name: str, *, within: Found | None = None) -> Found:
        """The interview `name`; without a package it is looked for where the file `within` is, and then in docassemble.base.

        Raises `NoSource`, `SourceRefused`.
        """
        return self._find(name, "questions", within)

    def reference(self, name: str, folder: str, package: str) -> Found:
        """The file that `name` means in ``data/<folder>`` of `package` (static, templates, sources).

        Raises `NoSource`, `SourceRefused`.
        """
        if folder not in FOLDERS:
            raise ValueError(f"{folder!r} is not one of {FOLDERS}")
        if ":" not in name:
            name = f"{package}:{name}"
        return self._find(name, folder, None)

    def installed(self, name: str) -> bool:
        """Whether `name` is an interview that somebody put there as one: an address may open it, and pages may show its lines.

        That is a YAML file below a package's ``data/questions``; of a folder that is a package without a ``data`` folder, one that
        lies in the folder itself.
        """
        package, _, path = name.strip().rpartition(":")
        try:
            folder = self.folder(package)
        except SourceRefused:
            return False
        if folder is None or not path.lower().endswith((".yml", ".yaml")):
            return False
        if any(part.startswith(".") or not part for part in path.split("/")):
            return False
        if (folder / "data").is_dir():
            inside = path.removeprefix("data/questions/")
            # By its first part: `data/static/x.yml` is a file of the package, and no interview.
            return self._file_there(folder / "data" / "questions", inside)
        return package in self._lone and "/" not in path and self._file_there(folder, path)

    @staticmethod
    def _file_there(folder: Path, path: str) -> bool:
        try:
            return "\\" not in path and (folder / path).is_file() and _inside(folder / path, folder)
        except (OSError, ValueError):
            return False

    def text(self, found: Found) -> str:
        """The content of a file as text. Raises `NoSource`, `SourceRefused` (not UTF-8)."""
        try:
            return self.content(found.path).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            raise SourceRefused(found.name, "it is not UTF-8 text") from error
        except OSError as error:
            raise NoSource(found.name, searched=error.strerror or "") from error

    def content(self, path: Path) -> bytes:
        """What the file at `path` holds. Raises OSError."""
        kept = self._kept.get(str(path))
        return path.read_bytes() if kept is None else kept

    def _find(self, name: str, folder: str, within: Found | None) -> Found:
        package, colon, path = name.strip().rpartition(":")
        if not colon:
            if within is None:
                raise SourceRefused(name, "an interview is named package:path")
            tried = self._relative(path, folder, within)
        else:
            tried = [(package, candidate) for candidate in self._paths(package, path, folder)]
        for place, candidate in tried:
            found = self._file(name, place, candidate)
            if found is not None:
                return found
        known = self.folder(tried[0][0]) is not None
        reason = "looked for " + ", ".join(f"{place}:{candidate}" for place, candidate in tried)
        raise NoSource(name, searched=reason if known else f"there is no package {tried[0][0]!r}")

    def _relative(self, path: str, folder: str, within: Found) -> list[tuple[str, str]]:
        tried = [(within.package, candidate) for candidate in self._paths(within.package, path, folder)]
        _, _, own = within.name.rpartition(":")
        beside = own.rpartition("/")[0]
        if beside:
            tried.append((within.package, f"{beside}/{path}"))
        tried.extend((_BASE, candidate) for candidate in self._paths(_BASE, path, folder))
        return list(dict.fromkeys(tried))

    def _paths(self, package: str, path: str, folder: str) -> list[str]:
        if package in self._lone:
            return list(dict.fromkeys([path, f"data/{folder}/{path}"]))
        inside = f"data/{folder}/{path}"
        # `package:x.yml` beside no data/questions is the file in the folder itself: ``parley run x.yml`` names it so.
        return [path] if path.startswith("data/") else [inside, path]

    def _file(self, name: str, package: str, path: str) -> Found | None:
        if path.startswith(("/", "\\", "~")) or "\\" in path or "\0" in path:
            raise SourceRefused(name, "the path must be relative to its package")
        if any(part in {"..", ""} for part in path.split("/")):
            raise SourceRefused(name, "the path must stay inside of its package")
        own = _BASE_FILES if package == _BASE else None
        for folder in filter(None, (self.folder(package), own)):
            found = self._inside_of(folder, name, package, path)
            if found is not None:
                return found
        return None

    def _inside_of(self, folder: Path, name: str, package: str, path: str) -> Found | None:
        candidate = folder / path
        try:
            if not self._there(candidate):
                return None
        except (OSError, ValueError):  # a name too long for the file system, among others
            return None
        if not _inside(candidate, folder):
            raise SourceRefused(name, "it is a link that leaves its package")
        return Found(f"{package}:{path}", package, candidate)

    def names(self, package: str) -> tuple[str, ...]:
        """The interviews of `package`, by full name, sorted."""
        folder = self.folder(package)
        if folder is None:
            return ()
        base = folder / "data" / "questions" if package not in self._lone else folder
        paths = sorted(
            path for suffix in ("yml", "yaml") for path in base.rglob(f"*.{suffix}") if _inside(path, folder)
        )
        return tuple(f"{package}:{path.relative_to(folder).as_posix()}" for path in paths)


def locate(path: Path | str, sources: Sources) -> tuple[Sources, str]:
    """`sources` with the package that the file at `path` lies in, and the file's full name there.

    ``/dir/docassemble/base/data/questions/x.yml`` is of package docassemble.base with root ``/dir``; a file outside of any
    ``data/questions`` has its own folder as a package. Raises `NoSource`.
    """
    file = Path(path).resolve()
    if not file.is_file():
        raise NoSource(str(path))
    parents = list(file.parents)
    for data, questions in zip(parents[1:], parents, strict=False):
        if questions.name == "questions" and data.name == "data":
            package = data.parent
            root, parts = package.parent, [package.name]
            while (root / "__init__.py").is_file() or root.name == "docassemble":
                parts.insert(0, root.name)
                root = root.parent
            name = ".".join(parts)
            if _PACKAGE.match(name):
                return (
                    Sources((root, *sources.roots), lone=sources._lone.items()),
                    f"{name}:{file.relative_to(package).as_posix()}",
                )
            break
    name = re.sub(r"[^\w-]", "_", file.parent.name) or "folder"
    name = name if not name[0].isdigit() and name[0] != "-" else f"_{name}"
    while _importable(name) or ((taken := sources.folder(name)) is not None and taken != file.parent):
        name += "_"
    return Sources(sources.roots, lone=(*sources._lone.items(), (name, file.parent))), f"{name}:{file.name}"


def _importable(name: str) -> bool:
    """Whether Python has a module of that name already: those of a folder ``email`` or ``test`` would not be found below it."""
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    return found is not None and found.origin is not None


def _inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
