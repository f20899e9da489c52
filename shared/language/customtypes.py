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
    for path in _modules(package, sources):
        known = _datatypes(path, path.stat().st_mtime_ns).get(datatype)
        if known is not None:
            return known
    return None


def _modules(package: str, sources: Sources) -> list[Path]:
    found = list(sources.modules(package))
    for root in sources.roots:
        for folder in (root, root / "docassemble"):
            if folder.is_dir():
                for inner in sorted(folder.iterdir()):
                    if (inner / "data" / "questions").is_dir():
                        found.extend(sorted(inner.glob("*.py")))
    return list(dict.fromkeys(found))


@lru_cache(maxsize=512)
def _datatypes(path: Path, changed: int) -> Mapping[str, Mapping[str, str]]:
    """Datatype -> its parameters, of every CustomDataType subclass in one file; `changed` is part of the cache's key."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, LanguageError):
        return {}
    found: dict[str, Mapping[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any("DataType" in ast.unparse(base) for base in node.bases):
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
