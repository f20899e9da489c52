"""Checks of single settings: each takes what was written and gives the value, or says what it expects.

The text of the `ValueError` completes "expected …". Not for: which settings there are (`services.settings`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

#: 32 characters of URL-safe base64 are 192 bits: beyond guessing, and short enough to paste.
SECRET_LENGTH = 32


def text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text that is not empty")
    return value.strip()


def whole(low: int, high: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        try:
            number = int(value) if not isinstance(value, bool | float) else None
        except (TypeError, ValueError):
            number = None
        if number is None or not low <= number <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return number

    return parse


def seconds(low: float, high: float) -> Callable[[Any], float]:
    def parse(value: Any) -> float:
        try:
            number = float(value) if not isinstance(value, bool) else None
        except (TypeError, ValueError):
            number = None
        if number is None or not low <= number <= high:
            raise ValueError(f"a number of seconds from {low:g} to {high:g}")
        return number

    return parse


def uri(*schemes: str) -> Callable[[Any], str | None]:
    def parse(value: Any) -> str | None:
        if value is None or value == "":
            return None
        expected = ValueError("an address like " + " or ".join(f"{scheme}://host" for scheme in schemes))
        if not isinstance(value, str):
            raise expected
        try:
            parts = urlsplit(value)
        except ValueError:
            raise expected from None
        if parts.scheme not in schemes or not (parts.netloc or (parts.scheme == "sqlite" and parts.path)):
            raise expected
        return value

    return parse


def paths(value: Any) -> tuple[Path, ...]:
    parts = value.split(":") if isinstance(value, str) else value
    if isinstance(parts, list | tuple) and parts and all(isinstance(part, str | Path) and str(part) for part in parts):
        return tuple(Path(part).expanduser() for part in parts)
    raise ValueError("folders, separated by ':' (or a list of folders in the file)")


def path(value: Any) -> Path:
    if not isinstance(value, str | Path) or not str(value):
        raise ValueError("a folder")
    return Path(value).expanduser()


def zone(value: Any) -> str:
    try:
        return str(ZoneInfo(text(value)))
    except (ValueError, OSError, LookupError):
        raise ValueError("a time zone like Europe/Berlin or UTC") from None


def flag(value: Any) -> bool:
    known = {True: True, False: False, "true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
    wanted = value.lower() if isinstance(value, str) else value
    if not isinstance(wanted, bool | str) or wanted not in known:
        raise ValueError("true or false")
    return known[wanted]


def level(value: Any) -> str:
    if isinstance(value, str) and value.upper() in ("DEBUG", "INFO", "WARNING", "ERROR"):
        return value.upper()
    raise ValueError("DEBUG, INFO, WARNING or ERROR")


def secret(value: Any) -> str:
    if not isinstance(value, str) or len(value) < SECRET_LENGTH or len(set(value)) < 8:
        raise ValueError(f"at least {SECRET_LENGTH} random characters (openssl rand -base64 33)")
    return value


def name(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", value):
        return value
    raise ValueError("a short name of small letters, digits and hyphens")


def domain(value: Any) -> str:
    label = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    if isinstance(value, str) and len(value) <= 253 and re.fullmatch(rf"{label}(\.{label})*", value):
        return value.lower()
    raise ValueError("a domain name like mail.example.org")


def mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ValueError("a mapping with texts as keys")
    return MappingProxyType(dict(value))
