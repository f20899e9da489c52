"""Names of variables as authors write them, and what a piece of Python assigns.

One form for each name (``a["b"]`` and ``a[ 'b' ]`` are ``a['b']``), so that the index finds what the engine seeks.
Whether a name is defined is the engine's business.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterator
from functools import lru_cache

_SIMPLE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[(?:[0-9]+|[A-Za-z_]\w*|'[^'\\\"]*')\])*\Z")


@lru_cache(maxsize=16384)
def normalise(name: str) -> str | None:
    """The one form of the variable name `name`, or None if it is none: ``a``, ``a.b``, ``a[0]['k'].c``, ``a[i]``."""
    name = name.strip()
    if _SIMPLE.match(name):
        return None if any(keyword.iskeyword(part) for part in re.findall(r"(?:^|\.)(\w+)", name)) else name
    try:
        tree = ast.parse(name, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return _written(tree) if isinstance(tree, (ast.Name, ast.Attribute, ast.Subscript)) else None


def is_computed(name: str) -> bool:
    """Whether the normal form `name` has an index that is computed, as in ``a['n' + str(i)]``: no field can be named so."""
    if _SIMPLE.match(name):
        return False
    indexes = [node.slice for node in ast.walk(ast.parse(name, mode="eval")) if isinstance(node, ast.Subscript)]
    return any(isinstance(node, (ast.BinOp, ast.Call)) for index in indexes for node in ast.walk(index))


def why_not(name: str) -> str:
    """What is wrong with a name that `normalise` refuses."""
    name = name.strip()
    if not name:
        return "it is empty"
    if " " in name and "[" not in name:
        return "a variable name has no spaces"
    if name[0].isdigit():
        return "a variable name cannot begin with a digit"
    for part in re.findall(r"(?:^|\.)(\w+)", name):
        if keyword.iskeyword(part):
            return f"{part!r} is a word of Python"
    return "write it as in Python: letters, digits and underscores, with .attribute or [index]"


def _written(target: ast.expr) -> str | None:
    """The text of a chain of name, attributes and indexes; None for anything else, slices among it."""
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute):
        base = _written(target.value)
        return None if base is None else f"{base}.{target.attr}"
    if isinstance(target, ast.Subscript):
        base = _written(target.value)
        if base is None or isinstance(target.slice, (ast.Slice, ast.Starred)):
            return None
        return f"{base}[{ast.unparse(target.slice)}]"
    return None


def assigned(tree: ast.AST) -> tuple[str, ...]:
    """What running the statements of `tree` may define, each name once, in order of appearance.

    Functions and comprehensions have names of their own, which do not count; what ``del`` or ``except … as`` leave
    undefined does not either, nor what ``+=`` changes, which must be defined before. ``define('a', …)`` counts as ``a = …``.
    """
    found: dict[str, None] = {}
    for target in _targets(tree):
        name = _written(target) if isinstance(target, ast.expr) else target
        if name is not None:
            found[name] = None
    return tuple(found)


def _targets(node: ast.AST) -> Iterator[ast.expr | str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield child.name
            continue
        if isinstance(child, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            yield from _walrus(child)
            continue
        if isinstance(child, ast.Assign):
            for target in child.targets:
                yield from _flat(target)
        elif isinstance(child, (ast.For, ast.AsyncFor)) or (
            isinstance(child, ast.AnnAssign) and child.value is not None
        ):
            yield from _flat(child.target)
        elif isinstance(child, ast.NamedExpr):
            yield child.target
        elif isinstance(child, ast.Call):
            yield from _defined(child)
        elif isinstance(child, ast.withitem) and child.optional_vars is not None:
            yield from _flat(child.optional_vars)
        elif isinstance(child, (ast.Import, ast.ImportFrom)):
            for alias in child.names:
                if alias.name != "*":
                    yield alias.asname or alias.name.split(".")[0]
        elif isinstance(child, (ast.MatchAs, ast.MatchStar)) and child.name:
            yield child.name
        elif isinstance(child, ast.MatchMapping) and child.rest:
            yield child.rest
        yield from _targets(child)


def _defined(call: ast.Call) -> Iterator[str]:
    """The name in ``define('name', value)`` (functions.md, "define")."""
    if isinstance(call.func, ast.Name) and call.func.id == "define" and call.args:
        first = call.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            name = normalise(first.value)
            if name is not None:
                yield name


def _walrus(node: ast.AST) -> Iterator[ast.expr]:
    """``:=`` in a comprehension assigns outside of it; in a lambda it does not."""
    if isinstance(node, ast.Lambda):
        return
    for child in ast.walk(node):
        if isinstance(child, ast.NamedExpr):
            yield child.target


def _flat(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for item in target.elts:
            yield from _flat(item)
    elif isinstance(target, ast.Starred):
        yield from _flat(target.value)
    else:
        yield target
