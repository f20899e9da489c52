"""Phone numbers, by ``phonenumbers`` (loaded on first use: its tables are large).

Source: functions.md, "Functions for working with phone numbers".
"""

from __future__ import annotations

import re
from typing import Any

from shared.authoring.functions.locales import get_country


def _parsed(number: Any, country: str | None) -> Any:
    """The number, or None if it cannot be one."""
    import phonenumbers

    try:
        return phonenumbers.parse(str(number), country or get_country())
    except phonenumbers.NumberParseException:
        return None


def phone_number_is_valid(number: Any, country: str | None = None) -> bool:
    """Whether this is a valid phone number in `country` (or with an international prefix)."""
    import phonenumbers

    parsed = _parsed(number, country)
    return parsed is not None and bool(phonenumbers.is_valid_number(parsed))


def phone_number_in_e164(number: Any, country: str | None = None) -> str | None:
    """The number as ``+12125551212``; None if it cannot be read."""
    import phonenumbers

    parsed = _parsed(number, country)
    return None if parsed is None else str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def phone_number_formatted(number: Any, country: str | None = None) -> str | None:
    """The number as it is written in its country; None if it cannot be read."""
    import phonenumbers

    parsed = _parsed(number, country)
    return None if parsed is None else str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL))


def phone_number_part(number: Any, part: int, country: str | None = None) -> str:
    """Group `part` (from 0) of the digits as the number is written in its country; empty if there is none."""
    text = phone_number_formatted(number, country)
    groups = re.findall(r"[0-9]+", text if text is not None else str(number))
    return groups[part] if 0 <= part < len(groups) else ""
