"""Two changes of one state, made beside each other, as one: what a long response action changed, on top of what was answered meanwhile.

Works on the documents of `codec`, and knows their tables but nothing of objects. A merge is made only where both changes can be seen to
leave each other alone; everything else is None, and whoever asked runs its step again. Not here: deltas (`delta`), who wins (the caller:
`theirs` has been saved already, `ours` has not).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bson import decode as bson_decode
from bson import encode as bson_encode
from bson.errors import BSONError

from shared.state.upgrade import FORMAT

#: Tables whose last keys are labels: ``shared`` holds them itself, the others by the name of a class or base.
_TABLES = ("objects", "held")
_SHARED = "shared"
_REFERENCE = "$r"
_ABSENT = object()


class _Conflict(Exception):
    """Both sides changed the same thing."""


def merged(base: bytes, theirs: bytes, ours: bytes) -> bytes | None:
    """`theirs` with what `ours` changed of `base`; None if the two are not independent, or one is of another format."""
    if theirs == base:
        return ours
    if ours == base:
        return theirs
    try:
        old, left, right = bson_decode(base), bson_decode(theirs), bson_decode(ours)
        if not all(one.get("v") == FORMAT for one in (old, left, right)):
            return None
        right = _relabelled(right, first=old["next"], by=left["next"] - old["next"])
        made = {key: part for key, part in _dicts(old, left, right).items() if key != "next"}
        made["next"] = max(left["next"], right["next"])
        if not _whole(made):
            return None
        return bson_encode({key: made[key] for key in left})
    except (_Conflict, BSONError, RecursionError, LookupError, TypeError, ValueError, AttributeError):
        return None


def _relabelled(document: dict[str, Any], *, first: int, by: int) -> dict[str, Any]:
    """`document` with its labels from `first` on moved up: the other side gave the same numbers to objects of its own."""
    if by <= 0:
        return document

    def moved(label: str) -> str:
        return str(int(label) + by) if int(label) >= first else label

    def walk(value: Any) -> Any:
        if type(value) is dict:
            if len(value) == 1 and isinstance(value.get(_REFERENCE), str):
                return {_REFERENCE: moved(value[_REFERENCE])}
            return {key: walk(item) for key, item in value.items()}
        return [walk(item) for item in value] if type(value) is list else value

    made = {key: walk(part) for key, part in document.items()}
    for name in _TABLES:
        made[name] = {kind: {moved(k): v for k, v in table.items()} for kind, table in made[name].items()}
    made[_SHARED] = {moved(k): v for k, v in made[_SHARED].items()}
    made["next"] = document["next"] + by
    return made


def _dicts(old: dict[str, Any], left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    """`left` with what `right` changed of `old`. What is new in `right` comes last. Raises `_Conflict`."""
    made: dict[str, Any] = {}
    for key in [*left, *(key for key in right if key not in left)]:
        value = _one(*(side.get(key, _ABSENT) for side in (old, left, right)), free=key == "next")
        if value is not _ABSENT:
            made[key] = value
    return made


def _one(old: Any, left: Any, right: Any, *, free: bool) -> Any:
    if free or _same(old, right):
        return left
    if _same(old, left) or _same(left, right):
        return right
    both = isinstance(left, dict) and isinstance(right, dict) and not any(k.startswith("$") for k in (*left, *right))
    if both and (isinstance(old, dict) or old is _ABSENT):
        return _dicts(old if isinstance(old, dict) else {}, left, right)
    raise _Conflict


def _same(one: Any, other: Any) -> bool:
    if one is _ABSENT or other is _ABSENT:
        return one is other
    return type(one) is type(other) and bool(one == other) and bson_encode({"": one}) == bson_encode({"": other})


def _whole(document: dict[str, Any]) -> bool:
    """Whether everything that is referred to is there: one side may have let go of what the other took."""
    there = set(document[_SHARED])
    for name in _TABLES:
        for table in document[name].values():
            there |= set(table)
    return all(label in there for label in _references(document))


def _references(document: dict[str, Any]) -> Iterator[str]:
    waiting: list[Any] = [document]
    while waiting:
        value = waiting.pop()
        if type(value) is dict:
            if len(value) == 1 and isinstance(value.get(_REFERENCE), str):
                yield value[_REFERENCE]
            else:
                waiting.extend(value.values())
        elif type(value) is list:
            waiting.extend(value)
