"""JSON from outside, read with a bound on how deep it is nested. Not for: JSON that this process wrote itself.

How deep Python's own parser goes before it gives up differs by version (3.13 takes 5,000 levels that 3.11 refuses), and
what it lets through would fail in whatever comes after it: the bus, the codec of the state, the pages.
"""

from __future__ import annotations

import json

from shared.contract.jsonvalue import Json

#: Twice what a state may hold (`shared.state.encoding.MAX_DEPTH`): a reply has a state's values inside of a screen.
MAX_DEPTH = 200


class TooDeep(ValueError):
    """Lists and objects nested in each other beyond `MAX_DEPTH`."""

    def __init__(self) -> None:
        super().__init__(f"lists and objects are nested more than {MAX_DEPTH} deep")


def loads(text: str | bytes | bytearray) -> Json:
    """The value of JSON text. Raises `ValueError` for what is no JSON, and `TooDeep`."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise TooDeep from None
    check_depth(value, text)
    return value


def check_depth(value: object, text: str | bytes | bytearray) -> None:
    """Raises `TooDeep` if lists and dicts in `value`, which `text` stands for, are nested beyond `MAX_DEPTH`."""
    opened = text.count("[") + text.count("{") if isinstance(text, str) else text.count(b"[") + text.count(b"{")
    if opened <= MAX_DEPTH:  # nearly always, and and far cheaper than to look
        return
    level = [value]  # level by level: a recursion would be what is to be prevented
    for _ in range(MAX_DEPTH + 1):
        level = [inner for item in level if isinstance(item, list | tuple | dict) for inner in _inside(item)]
        if not level:
            return
    raise TooDeep


def _inside(item: list[object] | tuple[object, ...] | dict[str, object]) -> list[object]:
    """What counts of a container: one of it at least, so that an empty list is a level too."""
    return list(item.values() if isinstance(item, dict) else item) or [None]
