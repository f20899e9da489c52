"""How long all texts of one page may take to be converted, together. What comes after that is shown as paragraphs.

Each text has a limit of its own, but a page may hold hundreds of them, all written to take as long as they may (a list of mails), and
others' texts wait meanwhile. Not for: the limit of one text (`shared.runner.marking`).
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

#: Seconds; a page of what people write takes some hundredths.
PAGE: Final = 2.0
#: A text so short costs nothing that would be worth its looks.
SHORT: Final = 500


class _Left:
    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


_left: ContextVar[_Left | None] = ContextVar("left", default=None)


def begin(seconds: float = PAGE) -> None:
    """A new page begins in this thread (or greenthread)."""
    _left.set(_Left(seconds))


def limit(text: str, seconds: float) -> float:
    """Of `seconds` that `text` may take by itself, those that there are. 0: none."""
    left = _left.get()
    return seconds if left is None or len(text) <= SHORT else max(0.0, min(seconds, left.seconds))


def spend(seconds: float) -> None:
    left = _left.get()
    if left is not None:
        left.seconds -= seconds
