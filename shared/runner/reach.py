"""What author code may read: a list that names each file and folder, never a folder of the import path as such.

The interpreter and what is installed with it, our own code, and the packages that an interview names. Not for: how the list is
enforced (`isolation`), which secrets must lie outside of it (`services.walls`).
"""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from shared.language.sources import Root

#: Endings of files that authors keep beside an interview that lies in no package.
_BESIDE = frozenset(
    (".py", ".yml", ".yaml", ".md", ".txt", ".csv", ".json", ".docx", ".pdf", ".xlsx", ".svg", ".png", ".jpg", ".jpeg", ".gif")
)  # fmt: skip

#: What a program reads in order to find libraries, time zones, names of languages, kinds of files.
_SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/zoneinfo",
    "/usr/share/locale",
    "/etc/localtime",
    "/etc/ld.so.cache",
    "/etc/mime.types",
    "/dev/urandom",
    "/dev/random",
    "/dev/zero",
)

#: Names of packages in Python code, and in YAML: an item of ``modules`` or ``imports``, the beginning of ``package:file``.
_IMPORTED = re.compile(r"^[ \t]*(?:-[ \t]*)?(?:from|import)[ \t]+([\w.]+(?:[ \t]*,[ \t]*[\w.]+)*)", re.M)
_LISTED = re.compile(r"^[ \t]*-[ \t]*[\"']?([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)[\"']?[ \t]*(?:#.*)?$", re.M)
_PREFIX = re.compile(r"\b([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*):(?=\S)")

#: Bytes of one source, and modules of one package, that are looked through for names.
_READ = 1024 * 1024
_MODULES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """`read`: files, and folders with all that is in them; `listed`: folders of which the names can be seen."""

    read: tuple[str, ...]
    listed: tuple[str, ...]


def of(packages: Mapping[str, Path], *, lone: Iterable[str] = (), guarded: Iterable[str] = ()) -> Reach:
    """What is read of these packages; Python's import looks for a module by listing the folder it may be in."""
    lone, guarded = frozenset(lone), tuple(guarded)
    read = [path for name, place in packages.items() for path in inside(place, lone=name in lone, guarded=guarded)]
    listed = [str(place) for place in packages.values() if place.is_dir()]
    return Reach(read=tuple(read), listed=tuple(listed))


def lone(roots: Iterable[Root | Path | str]) -> frozenset[str]:
    """The packages that are a folder of the operator's choice rather than one that was made to be a package."""
    return frozenset(root.package for root in map(Root.of, roots) if root.package is not None)


def system() -> list[str]:
    """Python, what is installed with it, our own code, and what every program reads."""
    ours = Path(__file__).parents[1]
    known = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    known += [Path(path) for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    known += [Path(sys.base_prefix, "lib"), Path(sys.prefix, "pyvenv.cfg"), ours, *map(Path, _SYSTEM)]
    return [str(path) for path in dict.fromkeys(known) if path.exists()]


def packages(roots: Iterable[Root | Path | str]) -> dict[str, Path]:
    """The packages of interviews below `roots`, and modules that lie in a root itself: name to folder (or file)."""
    found: dict[str, Path] = {}
    for root in map(Root.of, roots):
        if root.package is not None:
            found.setdefault(root.package, root.folder)
            continue
        for folder in _folders(root.folder):
            if _holds_interviews(folder):
                found.setdefault(folder.name, folder)
            for inner in _folders(folder):
                if inner.name != "data" and _holds_interviews(inner):
                    found.setdefault(f"{folder.name}.{inner.name}", inner)
        for module in _entries(root.folder):
            if module.suffix == ".py" and module.is_file():
                found.setdefault(module.stem, module)
    return found


def named(
    sources: Iterable[Path], start: Iterable[str], known: Mapping[str, Path], *, lone: Iterable[str] = ()
) -> dict[str, Path]:
    """Those of the `known` packages that an interview reaches: `start`, what its `sources` name, what those packages' modules name.

    A module that is only found by a computed name is not seen; the operator can name its folder.
    """
    lone = frozenset(lone)
    wanted = [*start, *(name for source in sources for name in _names(source))]
    found: dict[str, Path] = {}
    while wanted:
        name = _known(wanted.pop(), known)
        if name is not None and name not in found:
            found[name] = known[name]
            for module in _modules(known[name], lone=name in lone):
                wanted.extend(_names(module))
    return found


def _modules(place: Path, *, lone: bool) -> Iterator[Path]:
    """The Python files of a package; of a folder that was not made for one, only those in itself."""
    if place.is_file():
        yield place
    elif lone:
        yield from (path for path in _entries(place) if path.suffix == ".py")
    else:
        yield from islice((path for path in _files(place) if path.suffix == ".py"), _MODULES)


def inside(folder: Path, *, lone: bool, guarded: Iterable[str] = ()) -> list[str]:
    """What of a package's folder may be read: all of it, or each by its name, if something hidden or `guarded` lies in it.

    The folder of a `lone` interview was not made for it: only what authors keep beside an interview is read there.
    """
    kept = {str(Path(path).resolve()) for path in guarded}
    entries = [folder] if folder.is_file() else _entries(folder)
    # A link opens what it leads to: one that leads elsewhere opens nothing.
    own = folder.resolve()
    found = [path for path in entries if (real := path.resolve()).is_relative_to(own) and str(real) not in kept]
    if not lone and len(found) == len(entries) and not _holds_hidden(folder):
        return [str(folder)]
    return [str(path) for path in found if not lone or _is_authors(path)]


def _holds_hidden(folder: Path) -> bool:
    try:
        return any(path.name.startswith(".") for path in folder.iterdir())
    except OSError:  # a file, or nothing that can be read
        return False


def _is_authors(path: Path) -> bool:
    return path.name == "data" if path.is_dir() else path.suffix.lower() in _BESIDE


def reached(path: Path | str, readable: Iterable[str]) -> str | None:
    """The entry of `readable` through which `path` can be read, or None."""
    real = Path(path).resolve()
    for entry in readable:
        if real.is_relative_to(Path(entry).resolve()):
            return entry
    return None


def _known(name: str, known: Mapping[str, Path]) -> str | None:
    parts = name.split(".")
    for length in range(min(len(parts), 2), 0, -1):
        if (candidate := ".".join(parts[:length])) in known:
            return candidate
    return None


def _names(source: Path) -> Iterator[str]:
    try:
        with source.open("rb") as file:
            text = file.read(_READ).decode("utf-8", "replace")
    except OSError:
        return
    for match in _IMPORTED.finditer(text):
        yield from (part.strip() for part in match.group(1).split(","))
    if source.suffix != ".py":
        for pattern in (_LISTED, _PREFIX):
            yield from pattern.findall(text)


def _holds_interviews(folder: Path) -> bool:
    return (folder / "data").is_dir() or any(path.suffix in (".yml", ".yaml") for path in _entries(folder))


def _folders(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if path.is_dir()]


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
        yield from (Path(place, name) for name in names)


def _entries(folder: Path) -> list[Path]:
    """What is in a folder and not hidden, sorted; nothing if it cannot be read."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return []
