"""Documents of what is known so far: with ``skip undefined`` blanks, with ``draft`` gaps that can be seen, where an answer is not there yet.

A name that is missing stands for a gap while the document is described, and is missing again afterwards. Rules: docs documents.md, "skip undefined".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from shared.authoring.errors import MISSING
from shared.authoring.objects.empty import Nothing
from shared.engine.naming import lookup
from shared.engine.naming.names import BadName
from shared.engine.run import Run

T = TypeVar("T")

#: How a gap looks; names that may be missing in one document.
SHOWN: Final = "[____]"
_MOST: Final = 500


class Gap(Nothing):
    """Whatever is asked of it, it is a gap, and shown as its text."""

    def __init__(self, text: str) -> None:
        self.__dict__["_text"] = text

    def __str__(self) -> str:
        return str(self.__dict__["_text"])

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return str(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Gap)

    def __hash__(self) -> int:
        return 0

    def __lt__(self, other: object) -> bool:
        return False

    __gt__ = __le__ = __ge__ = __lt__

    def __add__(self, other: object) -> Any:
        return str(self) + other if isinstance(other, str) else self

    def __radd__(self, other: object) -> Any:
        return other + str(self) if isinstance(other, str) else self

    def _same(self, _other: object) -> Gap:
        return self

    __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _same


def filled(run: Run, work: Callable[[], T], text: str) -> T:
    """What `work` gives with each name that it misses shown as `text`. Raises what else `work` raises."""
    put: list[str] = []
    try:
        while True:
            try:
                return work()
            except MISSING as error:
                name = str(getattr(error, "variable", None) or getattr(error, "name", None) or "")
                if name in put or len(put) >= _MOST:
                    raise
                try:
                    lookup.assign(run.namespace, name, Gap(text))
                except (*MISSING, BadName, TypeError, ValueError, LookupError):
                    raise error from None
                put.append(name)
    finally:
        for name in reversed(put):
            lookup.remove(run.namespace, name)
