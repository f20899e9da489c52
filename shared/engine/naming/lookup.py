"""Is a variable there, and what is it: reading, setting and deleting by name without asking anybody for anything.

The author's ``defined()``, ``value()`` and ``undefine()`` and the engine itself come here. Nothing in this module seeks.
"""

from __future__ import annotations

import ast
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from shared.authoring.errors import MISSING
from shared.engine.naming.names import BadName, parts_of

#: What a process shares between sessions. A name that arrives in a link must not reach into it.
_CODE = (ModuleType, type, FunctionType, BuiltinFunctionType, MethodType)

NOTHING: Any = object()
_NOTHING = NOTHING


class Unset(NameError):
    """A part of a name is not there. `variable` is the part that is missing, so that it can be sought."""

    def __init__(self, variable: str) -> None:
        super().__init__(f"name '{variable}' is not defined")
        self.variable = variable


def fetch(namespace: dict[str, object], name: str) -> object:
    """The value of `name`. Raises `Unset` with the first missing part; never gathers, creates or asks."""
    parts = parts_of(name)
    value = namespace.get(parts[0], _NOTHING)
    if value is _NOTHING:
        value = _layer(namespace).get(parts[0], _NOTHING)
        if value is _NOTHING:
            raise Unset(parts[0])
    for position, part in enumerate(parts[1:], start=2):
        value = _step(namespace, value, part)
        if value is _NOTHING:
            raise Unset("".join(parts[:position]))
    return value


def is_defined(namespace: dict[str, object], name: str) -> bool:
    """Whether `name` has a value now. A text that is no name is not defined."""
    try:
        fetch(namespace, name)
    except (*MISSING, BadName):
        return False
    return True


def fetch_or(namespace: dict[str, object], name: str, default: object = None) -> Any:
    try:
        return fetch(namespace, name)
    except (*MISSING, BadName):
        return default


def assign(namespace: dict[str, object], name: str, value: object) -> None:
    """Set `name`. Raises whatever the object of which it is a part raises, and `Unset` if that object is missing."""
    parts = parts_of(name)
    if len(parts) == 1:
        namespace[name] = value
        return
    owner = evaluate(namespace, "".join(parts[:-1]))
    if isinstance(owner, _CODE):
        raise TypeError(f"{name} is a part of code, not a variable of the interview; it cannot be set")
    last = parts[-1]
    if last[0] == ".":
        setattr(owner, last[1:], value)
    else:
        owner[key_of(namespace, last)] = value


def remove(namespace: dict[str, object], name: str) -> bool:
    """Delete `name`; returns whether there was something to delete."""
    parts = parts_of(name)
    if len(parts) == 1:
        return namespace.pop(name, _NOTHING) is not _NOTHING
    owner = fetch_or(namespace, "".join(parts[:-1]), _NOTHING)
    if owner is _NOTHING or isinstance(owner, _CODE):
        return False
    last = parts[-1]
    try:
        if last[0] == ".":
            delattr(owner, last[1:])
        else:
            del owner[key_of(namespace, last)]
    except (AttributeError, KeyError, IndexError, TypeError):
        return False
    return True


def evaluate(namespace: dict[str, object], name: str) -> Any:
    """The value of `name` as Python finds it: objects may create what is missing, or raise what has to be sought."""
    parts = parts_of(name)
    if len(parts) == 1:
        value = namespace.get(name, _NOTHING)
        if value is _NOTHING:
            value = _layer(namespace).get(name, _NOTHING)
            if value is _NOTHING:
                raise Unset(name)
        return value
    value = evaluate(namespace, parts[0])
    for part in parts[1:]:
        value = getattr(value, part[1:]) if part[0] == "." else value[key_of(namespace, part)]
    return value


def key_of(namespace: dict[str, object], part: str) -> Any:
    """The key in a part such as ``[0]``, ``['a']`` or ``[i]``."""
    return index_value(namespace, part[1:-1])


def index_value(namespace: dict[str, object], source: str) -> object:
    """The value of the source text of an index: a literal, or a name. Raises `BadName` for anything else: it is no code."""
    try:
        return ast.literal_eval(source)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return evaluate(namespace, source)


def _layer(namespace: dict[str, object]) -> dict[str, object]:
    layer = namespace.get("__builtins__")
    return layer if isinstance(layer, dict) else {}


def _step(namespace: dict[str, object], value: Any, part: str) -> Any:
    if part[0] == ".":
        attribute = part[1:]
        held = getattr(value, "__dict__", None)
        if held is not None and attribute in held:
            return held[attribute]
        try:
            return getattr(value, attribute)
        except (AttributeError, NameError):
            return _NOTHING
    try:
        key = key_of(namespace, part)
    except NameError:
        return _NOTHING
    held = getattr(value, "__dict__", None)
    container = held["elements"] if held is not None and "elements" in held else value
    try:
        return container[key]
    except (LookupError, TypeError, NameError, AttributeError):
        return _NOTHING
