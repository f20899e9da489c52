"""What records may hold besides their own fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any


def plain(value: Any) -> bool:
    """True for what records may hold in `body`, `extra`, `result`.

    None, bool, int, float, str, bytes, aware datetime, lists and mappings of these with strings as keys.
    """
    if isinstance(value, datetime):
        return value.utcoffset() is not None
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return True
    if isinstance(value, Mapping):
        return all(isinstance(k, str) and plain(v) for k, v in value.items())
    if isinstance(value, list | tuple):
        return all(plain(v) for v in value)
    return False
