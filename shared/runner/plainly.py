"""What author code gives back, as plain values of bounded size: made in the child, so that nothing large reaches a service.

A value that refers to itself often (``x = [x, x]`` forty times) is small in the child and would be endless outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

#: Values in a result, and bytes of its texts: more belongs into a file.
MAX_NODES = 100_000
MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 50
#: What a database holds.
_INT = 2**63


class NotPlain(ValueError):
    """The message says where in the value (``result['a'][3]``) something is, and of which type; never what it is."""


def plainly(value: object, *, nodes: int = MAX_NODES, size: int = MAX_BYTES) -> object:
    """A copy of `value` made of None, bool, int, float, str, bytes, datetimes in UTC, lists and dicts with texts as keys.

    Tuples become lists. Raises `NotPlain`.
    """
    return _Copy(nodes, size).of(value, "result", 0)


class _Copy:
    def __init__(self, nodes: int, size: int) -> None:
        self._nodes = nodes
        self._size = size

    def of(self, value: Any, path: str, depth: int) -> object:
        self._nodes -= 1
        if self._nodes < 0:
            raise NotPlain("the result has too many values; keep it in a file")
        if value is None or type(value) in (bool, float):
            return value
        if type(value) is int:
            if not -_INT <= value < _INT:
                raise NotPlain(f"{path[:200]} is a whole number of more than 64 bits")
            return value
        if type(value) is str:
            return self._text(value, path)
        if type(value) is bytes:
            self._spend(len(value))
            return value
        if isinstance(value, datetime):
            return self._moment(value, path)
        if depth >= MAX_DEPTH:
            raise NotPlain(f"{path[:200]} is nested deeper than {MAX_DEPTH}")
        if type(value) in (list, tuple):
            return [self.of(item, f"{path}[{number}]", depth + 1) for number, item in enumerate(value)]
        if isinstance(value, Mapping):
            return {self._key(key, path): self.of(item, f"{path}[{key!r}]", depth + 1) for key, item in value.items()}
        raise NotPlain(f"{path[:200]} is a {type(value).__name__}")

    def _moment(self, value: datetime, path: str) -> datetime:
        offset = value.utcoffset()
        if offset is None:
            raise NotPlain(f"{path[:200]} is a datetime without a time zone")
        try:
            return datetime.combine(value.date(), value.time()).replace(tzinfo=UTC) - offset
        except OverflowError:
            raise NotPlain(f"{path[:200]} is a datetime at the end of time") from None

    def _key(self, key: object, path: str) -> str:
        if type(key) is not str:
            raise NotPlain(f"{path[:200]} has a key that is a {type(key).__name__}, not a text")
        if "\0" in key:
            raise NotPlain(f"{path[:200]} has a key with a NUL")
        return self._text(key, path)

    def _text(self, text: str, path: str) -> str:
        self._spend(len(text))  # before it is encoded
        try:
            self._spend(len(text.encode()) - len(text))
        except UnicodeEncodeError:
            raise NotPlain(f"{path[:200]} is not Unicode text: it holds a lone surrogate") from None
        return text

    def _spend(self, size: int) -> None:
        self._size -= size
        if self._size < 0:
            raise NotPlain("the result is too large; keep it in a file")
