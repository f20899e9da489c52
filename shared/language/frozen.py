"""Lists and dicts that can be shared between sessions: real `list` and `dict` to whoever reads, closed to writers.

A compiled interview is shared by all requests, so a value such as ``metadata`` must not change under anyone.
``copy.copy`` and ``copy.deepcopy`` give ordinary, open copies.
"""

from __future__ import annotations

import copy
from typing import Any, NoReturn


def _closed(self: object, *args: object, **kwargs: object) -> NoReturn:
    raise TypeError("this value belongs to a compiled interview and cannot be changed; copy it first")


class FrozenList(list[Any]):
    """A list without writers."""

    __slots__ = ()
    append = extend = insert = remove = pop = clear = sort = reverse = _closed
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _closed

    def __copy__(self) -> list[object]:
        return list(self)

    def __deepcopy__(self, memo: dict[int, object]) -> list[object]:
        return [copy.deepcopy(item, memo) for item in self]

    def __reduce__(self) -> tuple[object, ...]:
        return (FrozenList, (list(self),))


class FrozenDict(dict[Any, Any]):
    """A dict without writers."""

    __slots__ = ()
    pop = popitem = clear = update = setdefault = _closed
    __setitem__ = __delitem__ = __ior__ = _closed

    def __copy__(self) -> dict[object, object]:
        return dict(self)

    def __deepcopy__(self, memo: dict[int, object]) -> dict[object, object]:
        return {copy.deepcopy(key, memo): copy.deepcopy(value, memo) for key, value in self.items()}

    def __reduce__(self) -> tuple[object, ...]:
        return (FrozenDict, (dict(self),))


def freeze(value: object) -> Any:
    """`value` with every list, tuple and dict in it closed; leaves are kept as they are."""
    if isinstance(value, dict):
        return FrozenDict({key: freeze(item) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return FrozenList(freeze(item) for item in value)
    return value
