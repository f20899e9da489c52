"""Phone numbers, by ``phonenumbers`` (loaded on first use: its tables are large).

Source: functions.md, "Functions for working with phone numbers".
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from shared.authoring.text.locales import get_country


@cache
def _library() -> Any:
    import phonenumbers  # noqa: PLC0415  heavy: 60 ms and large tables

    return phonenumbers


def _parsed(number: object, country: str | None) -> Any:
    """The number, or None if it cannot be one."""
    library = _library()
    try:
        return library.parse(str(number), country or get_country())
    except library.NumberParseException:
        return None


def phone_number_is_valid(number: object, country: str | None = None) -> bool:
    """Whether this is a valid phone number in `country` (or with an international prefix)."""
    parsed = _parsed(number, country)
    return parsed is not None and bool(_library().is_valid_number(parsed))


def _written(number: object, country: str | None, form: str) -> str | None:
    parsed = _parsed(number, country)
    if parsed is None:
        return None
    return str(_library().format_number(parsed, getattr(_library().PhoneNumberFormat, form)))


def phone_number_in_e164(number: object, country: str | None = None) -> str | None:
    """The number as ``+12125551212``; None if it cannot be read."""
    return _written(number, country, "E164")


def phone_number_formatted(number: object, country: str | None = None) -> str | None:
    """The number as it is written in its country; None if it cannot be read."""
    return _written(number, country, "NATIONAL")


def phone_number_part(number: object, part: int, country: str | None = None) -> str:
    """Group `part` (from 0) of the digits as the number is written in its country; empty if there is none."""
    text = phone_number_formatted(number, country)
    groups = re.findall(r"[0-9]+", text if text is not None else str(number))
    return groups[part] if 0 <= part < len(groups) else ""
