"""Answers as plain JSON data, and back: what ``all_variables()`` gives and ``set_variables(process_objects=True)`` takes.

Source: functions.md, all_variables(), set_variables(), transform_json_variables(); objects.md, ".as_serializable()".
"""

from __future__ import annotations

import datetime
import re
import sys
import types
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TypeAlias

from shared.authoring.text.dates import as_datetime
from shared.authoring.text.sizes import Left

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?")
_TIME = re.compile(r"\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?")
#: Deeper than any real answer, and shallow enough to stop at a cycle long before Python does.
_DEEPEST = 60


Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


def simplified(value: object, depth: int = 0) -> Json:
    """`value` as JSON data: objects as dictionaries, times as ISO text, what has no such form as None. Raises `TooMuch`."""
    return _Simplifying().of(value, depth)


class _Simplifying:
    def __init__(self) -> None:
        self._left = Left()

    def of(self, value: object, depth: int) -> Json:
        self._left.spend(value)
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if depth > _DEEPEST:
            return None
        if isinstance(value, datetime.datetime | datetime.date | datetime.time):
            return value.isoformat()
        if isinstance(value, Decimal):
            return float(value)
        if isinstance(value, types.ModuleType | types.FunctionType | type):
            return None
        serialize = getattr(value, "as_serializable", None)
        if callable(serialize):
            return self.of(serialize(), depth + 1)
        if isinstance(value, Mapping):
            return {_key(key): self.of(item, depth + 1) for key, item in value.items()}
        if isinstance(value, set | frozenset):
            return sorted((self.of(item, depth + 1) for item in value), key=str)
        if isinstance(value, list | tuple):
            return [self.of(item, depth + 1) for item in value]
        return None


def _key(key: object) -> str:
    if isinstance(key, str):
        return key
    return str(simplified(key)) if isinstance(key, datetime.date | datetime.time) else str(key)


def as_objects(value: object) -> object:
    """The reverse of `simplified`: dictionaries with ``_class`` become objects, texts that look like times become times."""
    if isinstance(value, str):
        return _moment(value)
    if isinstance(value, Mapping):
        if isinstance(value.get("_class"), str):
            return _object(value)
        return {key: as_objects(item) for key, item in value.items()}
    if isinstance(value, Iterable) and isinstance(value, list | tuple):
        return [as_objects(item) for item in value]
    return value


def _moment(text: str) -> object:
    try:
        if _DATE.fullmatch(text):
            return as_datetime(text)
        if _TIME.fullmatch(text):
            return datetime.time.fromisoformat(text)
    except ValueError:
        return text
    return text


def _object(value: Mapping[str, object]) -> object:
    """An object of the class named by ``_class`` with the other items as attributes; its ``init`` does not run."""
    cls = _class(str(value["_class"]))
    made: object = object.__new__(cls)
    for name, item in value.items():
        if name != "_class":
            made.__dict__[name] = as_objects(item)
    return made


def _class(path: str) -> type:
    """The interview class of that name, from a module that is loaded (ours are, as ``docassemble.base.util``); no other can be made."""
    module_name, _, name = path.rpartition(".")
    found = getattr(sys.modules.get(module_name), name, None)
    if isinstance(found, type) and hasattr(found, "as_serializable"):
        return found
    raise ValueError(f"{path!r} is not a class of interview objects; only those can be made from data")


def transform_json_variables(value: object) -> object:
    """`as_objects` under its documented name."""
    return as_objects(value)
