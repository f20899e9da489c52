"""The authors' Python modules that an interview imports, found and compiled before any of it runs, as its YAML files are.

So all children of an interview run the same code, and a module that is half written is noticed while the version before it is there
still. Nothing is executed here. Not found is what author code imports by a name that it computes: that is read when it is imported.
"""

from __future__ import annotations

import ast
import importlib.util
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType

from shared.language.model import Interview, Kind
from shared.language.sources import Sources

#: Modules of one interview, and bytes of one, that are looked at; what is beyond is read when it is imported.
_MOST, _BYTES = 1000, 4 * 1024 * 1024


@dataclass(slots=True)
class AuthorModules:
    """`paths` in the order in which they were found, `code` by path of those that compile, `broken` says what the others suffer from."""

    paths: list[str] = field(default_factory=list)
    code: dict[str, CodeType] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)


def find(interview: Interview, sources: Sources, *, without: tuple[str, ...] = ()) -> AuthorModules:
    """What the ``imports`` and ``modules`` blocks of `interview` import, and what that imports in its turn.

    Packages named `without` are nobody's modules, even if they lie below a root.
    """
    found = AuthorModules()
    wanted = list(_named(interview))
    seen: set[str] = set()
    while wanted and len(found.paths) < _MOST:
        name = wanted.pop()
        for one in _with_parents(name):
            if one not in seen and one not in without:
                seen.add(one)
                path = sources.module(one)
                if path is not None:
                    wanted += _take(found, one, path, sources)
    return found


def _named(interview: Interview) -> Iterator[str]:
    for block in interview.setup:
        if block.kind in (Kind.IMPORTS, Kind.MODULES):
            for name in block.options.get("names", ()):
                yield _absolute(str(name), block.options.get("package") or "")


def _take(found: AuthorModules, name: str, path: Path, sources: Sources) -> Iterable[str]:
    """Compile one module; the names that it imports."""
    file = str(path)
    found.paths.append(file)
    try:
        source = sources.content(path)
    except OSError as error:
        found.broken.append(f"{name}: {error.strerror}")
        return ()
    if len(source) > _BYTES:
        return ()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # children warn of it, each for itself
            tree = ast.parse(source, file)
            found.code[file] = compile(tree, file, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        found.broken.append(f"{path.name}{line}: {type(error).__name__}: {text}")
        return ()
    return _imported(tree, name if path.name == "__init__.py" else name.rpartition(".")[0])


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute("." * node.level + (node.module or ""), package)
            if base:
                yield base
                yield from (f"{base}.{one.name}" for one in node.names if one.name != "*")


def _absolute(name: str, package: str) -> str:
    """`name`, which may be relative to `package`; nothing if it leads beyond the packages."""
    try:
        return importlib.util.resolve_name(name, package or None)
    except ImportError:
        return ""


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1) if all(parts))
