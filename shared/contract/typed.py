"""Plain values and bytes as values of a type, strictly, and from any thread.

msgspec makes what it knows of a type when the type is first read, and keeps it on the class before it is whole: a second thread that
reads the same type meanwhile takes the half of it and crashes the process. So each type is made ready once, under a lock;
nothing else in Parley calls msgspec's readers (ruff's TID251 refuses it).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_making = threading.Lock()
_ready: set[object] = set()


def convert(
    value: object,
    into: type[T],
    *,
    builtin_types: Iterable[type] = (),
    dec_hook: Callable[[type, object], object] | None = None,
) -> T:
    """The `into` that plain `value` describes. Raises `msgspec.ValidationError`, which names the field."""
    _prepare(into)
    return msgspec.convert(value, into, builtin_types=builtin_types, dec_hook=dec_hook)


def from_json(data: str | bytes | memoryview | msgspec.Raw, into: Any = Any) -> Any:
    """The `into` (any JSON value without it) that `data` is the JSON of. Raises `msgspec.DecodeError` or `ValidationError`."""
    _prepare(into)
    return msgspec.json.decode(data, type=into)


def from_msgpack(data: bytes, into: Any = Any) -> Any:
    """The same of MessagePack."""
    _prepare(into)
    return msgspec.msgpack.decode(data, type=into)


def plain_from_msgpack(data: bytes) -> Any:
    """Plain values in MessagePack, no extensions of it. Raises `msgspec.DecodeError`, ValueError, RecursionError."""
    return msgspec.msgpack.decode(data, ext_hook=_no_extension)


def _no_extension(code: int, data: memoryview) -> object:
    raise ValueError("an extension of MessagePack is no plain value")


def _prepare(into: object) -> None:
    if into in _ready:
        return
    with _making:
        # A decoder knows all of its type from the start; what it learns is kept on the classes, so it can go.
        msgspec.msgpack.Decoder(into, dec_hook=_never)
        _ready.add(into)


def _never(cls: type, value: object) -> object:
    raise AssertionError("a decoder made only to know its type reads nothing")
