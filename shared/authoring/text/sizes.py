"""How large a value is when it is written out: a list that holds another one twice, forty times over, has a million million parts.

What writes values out (JSON for an answer, `all_variables()`, `as_serializable()`) stops here long before memory and time are gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Parts of one value written out, and characters of its texts: more belongs into a file.
MAX_VALUES: Final = 500_000
MAX_TEXT: Final = 16 << 20


class TooMuch(ValueError):
    """Written out, the value would be too large."""

    def __init__(self) -> None:
        super().__init__(
            f"written out, the value has more than {MAX_VALUES} parts or {MAX_TEXT >> 20} MB of text; keep it in a file"
        )


class Left:
    """What one value may still have."""

    __slots__ = ("_text", "_values")

    def __init__(self) -> None:
        self._values, self._text = MAX_VALUES, MAX_TEXT

    def spend(self, value: object) -> None:
        """Count one part. Raises `TooMuch`."""
        self._values -= 1
        if isinstance(value, str):
            self._text -= len(value)
        if self._values < 0 or self._text < 0:
            raise TooMuch


def check_size(value: object) -> None:
    """Raises `TooMuch` for plain data that is too large when it is written out."""
    left = Left()
    waiting = [value]
    while waiting:
        one = waiting.pop()
        left.spend(one)
        if isinstance(one, Mapping):
            waiting.extend(one.keys())
            waiting.extend(one.values())
        elif isinstance(one, list | tuple):
            waiting.extend(one)
