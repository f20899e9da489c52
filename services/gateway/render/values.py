"""Answers as the strings a form holds, and back again to attributes. The counterpart of the engine's reading of raw values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import SupportsFloat, SupportsIndex

#: Answer forms that wrap one string (the ANSWER protocol): {"date": "2026-01-15"}.
_WRAPPED = ("date", "time", "datetime")


def text_of(value: object) -> str:
    """One value as a form sends it: True -> "True", 12.0 -> "12", None -> ""."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, Mapping):
        return next((text_of(value[key]) for key in _WRAPPED if key in value), "")
    return str(value)


def choice_text(value: object) -> str:
    """The value of a choice: as `text_of`, but None is the string None ("I don't know")."""
    return "None" if value is None else text_of(value)


def ticked(value: object) -> set[str]:
    """Which keys a default of checkboxes ticks: a mapping to booleans, a list of keys, or one key."""
    if value is None or value == "":
        return set()
    if isinstance(value, Mapping):
        return {str(key) for key, on in value.items() if on is True or on == "True"}
    if isinstance(value, list | tuple | set):
        return {choice_text(item) for item in value}
    return {choice_text(value)}


def number_of(value: object) -> float | None:
    if not isinstance(value, str | bytes | bytearray | SupportsFloat | SupportsIndex):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def whole(text: str) -> int | None:
    """A number that `text` writes in decimal digits; None for anything else, such as ² or a thousand digits."""
    return int(text) if 0 < len(text) <= 18 and text.isascii() and text.isdecimal() else None


def truth(value: object) -> bool | None:
    """A value the author wrote or a form sent as a boolean; None if it is neither."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "yes": True, "false": False, "no": False}.get(value.strip().lower())
    return None
