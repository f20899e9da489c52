"""Datatypes that a Python module of the interview's packages defines: found by reading the module, never by running it.

Source: fields.md, "Custom data types": every module of a package is looked at, named by the interview or not.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from shared.language.errors import LanguageError
from shared.language.sources import Sources

_KINDS = {"parameters": "plain", "code_parameters": "code", "mako_parameters": "mako"}


def parameters_of(datatype: str, package: str, sources: Sources) -> Mapping[str, str] | None:
    """Parameters of the custom datatype (name -> ``plain``, ``code`` or ``mako``), or None if no module defines it.

    Looked at are the modules of `package` and of the packages beside it.
    """
    for path in modules(package, sources):
        known = _of(path, sources).get(datatype)
        if known is not None:
            return known
    return None


def modules(package: str, sources: Sources) -> list[Path]:
    """The modules that are looked at for datatypes."""
    found = list(sources.modules(package))
    for root in sources.roots:
        for folder in (root, root / "docassemble"):
            if folder.is_dir():
                for inner in sorted(folder.iterdir()):
                    if (inner / "data" / "questions").is_dir():
                        found.extend(sorted(inner.glob("*.py")))
    return list(dict.fromkeys(found))


def _of(path: Path, sources: Sources) -> Mapping[str, Mapping[str, str]]:
    if sources.keeps(path):
        return _datatypes(sources.content(path))
    return _datatypes_of_file(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=512)
def _datatypes_of_file(path: Path, changed: int) -> Mapping[str, Mapping[str, str]]:
    """`changed` is part of the cache's key."""
    try:
        return _datatypes(path.read_bytes())
    except OSError:
        return {}


def _datatypes(source: bytes) -> Mapping[str, Mapping[str, str]]:
    """Datatype -> its parameters, of every CustomDataType subclass in one file."""
    if b"DataType" not in source:  # most modules: reading a tree costs far more than looking for a word
        return {}
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, LanguageError):
        return {}
    found: dict[str, Mapping[str, str]] = {}
    derived: set[str] = set()  # classes of this file that are datatypes: others may derive from them
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        bases = {ast.unparse(base) for base in node.bases}
        if bases & derived or any("DataType" in base for base in bases):
            derived.add(node.name)
            name, parameters = None, {}
            for statement in node.body:
                if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
                    continue
                target = statement.targets[0].id
                try:
                    value = ast.literal_eval(statement.value)
                except (ValueError, SyntaxError, TypeError):
                    continue
                if target == "name" and isinstance(value, str):
                    name = value
                elif target in _KINDS and isinstance(value, (list, tuple)):
                    parameters.update(dict.fromkeys(map(str, value), _KINDS[target]))
            if name is not None:
                found[name] = parameters
    return found
