"""Values as they would be answered: what a Screen carries as a default, and what is remembered of an invalidated value.

The forms are those of the ANSWER of the replay protocol; `answers` reads them back.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal


def answerable(value: object) -> object:
    """`value` in JSON form: dates as ISO texts, objects by their name, checkbox dicts as {key: bool}."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime):
        if value.hour == value.minute == value.second == 0:
            return value.strftime("%Y-%m-%d")
        return value.strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M:%S" if value.second else "%H:%M")
    if isinstance(value, Decimal):
        return float(value)
    elements = getattr(value, "elements", None) if hasattr(value, "instanceName") else value
    if isinstance(elements, dict):
        return {str(key): answerable(item) for key, item in elements.items()}
    if isinstance(elements, list | tuple | set | frozenset):
        return [answerable(item) for item in elements]
    name = getattr(value, "instanceName", None)
    if isinstance(name, str):
        return name
    return str(value)
