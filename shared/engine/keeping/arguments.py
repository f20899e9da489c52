"""What an effect is called with, in a form that tells the same call from another one.

Not for storing: nothing can be made of it again. Objects of an interview are their names (they may have grown since), groups
are their items, everything else is what it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from hashlib import blake2b
from typing import Any

#: Bytes of a digest: 72 bits, written as 18 hex digits. Two of a session's calls meet by chance once in 10^15 sessions.
_SIZE = 9

#: Objects inside one another deeper than this are told apart by their classes only.
_DEEPEST = 40

#: Parts that are looked at, of a table of some 20,000 rows; what is beyond them is told apart by its class, and by its place in the run.
_MOST = 100_000

_PLAIN = (type(None), bool, int, float, complex, str, bytes)


def digest(*parts: object) -> str:
    """18 hex digits that stand for `parts`, which are shapes (see `shape`) or plain values."""
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=_SIZE).hexdigest()


def shape(value: object) -> Any:
    """`value` made of plain values and tuples only, equal for two arguments that mean the same."""
    return _Shapes().of(value, 0)


class _Shapes:
    """The parts of one argument. What holds itself, and what is there over and over, would otherwise take for ever."""

    def __init__(self) -> None:
        self._left = _MOST
        self._around: set[int] = set()  #: identities of what the part is in

    def of(self, value: object, depth: int) -> Any:
        if isinstance(value, _PLAIN):
            return value
        self._left -= 1
        if depth > _DEEPEST or self._left < 0 or id(value) in self._around:
            return (type(value).__name__,)
        self._around.add(id(value))
        made = self._parts(value, depth + 1)
        self._around.discard(id(value))
        return made

    def _parts(self, value: object, depth: int) -> tuple[Any, ...]:
        name = type(value).__name__
        if isinstance(value, Mapping):
            return ("mapping", *((self.of(key, depth), self.of(item, depth)) for key, item in value.items()))
        if isinstance(value, list | tuple):
            return ("list", *(self.of(item, depth) for item in value))
        if isinstance(value, set | frozenset):
            return ("set", *sorted((self.of(item, depth) for item in value), key=repr))
        if isinstance(value, date | time | timedelta):
            return (name, _moment(value))
        held = getattr(value, "__dict__", None)
        if not isinstance(held, dict):
            return (name, repr(value))
        if "instanceName" in held and "_unnamed" not in held:
            if "elements" in held:
                return (name, self.of(held["elements"], depth))
            return (name, held["instanceName"])
        return (name, self.of({key: item for key, item in held.items() if key != "instanceName"}, depth))


def _moment(value: date | time | timedelta) -> str:
    """Not as a page writes it: that is the day alone, in the language of who is there."""
    if isinstance(value, timedelta):
        return f"{value.days} {value.seconds} {value.microseconds}"
    for kind in (datetime, date, time):
        if isinstance(value, kind):
            return kind.isoformat(value)  # type: ignore[arg-type]  # it is one
    raise TypeError(value)
