"""Where upstream measures in other units than our settings: from the file's number to the setting's."""

from __future__ import annotations


def milliseconds(value: object) -> float:
    """Seconds, from milliseconds (config.md, "Polling frequency"). Under a second somebody meant seconds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not (value == 0 or 1000 <= value < 1e9):
        raise ValueError("a number of milliseconds, 0 or at least 1000")
    return value / 1000


def bytes_to_megabytes(value: object) -> int:
    """Whole megabytes, rounded up, from bytes (config.md, "Limiting size of HTTP requests")."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1_000_000:
        raise ValueError("a whole number of bytes, at least 1000000")
    return -(-value // (1024 * 1024))
