"""A simplified form of objects, of dictionaries, lists and plain values: ``as_serializable()`` and what JSON needs.

Objects say in ``_serialized_as()`` what is written in their place. What comes out cannot be turned back into the same
objects (objects.md, "as_serializable"; its form: api.md, "Setting variables").
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal

from shared.authoring.text.sizes import Left

_HERE = "shared.authoring."


def class_path(cls: type) -> str:
    """The path by which authors know a class."""
    if cls.__module__.startswith(_HERE):
        module = "docassemble.base.legal" if cls.__module__.endswith(".legal") else "docassemble.base.util"
        return f"{module}.{cls.__name__}"
    return f"{cls.__module__}.{cls.__name__}"


def as_serializable(value: object) -> object:
    """`value` in its simplified form. An object that is met again inside itself is only named. Raises `TooMuch`."""
    return _simplified(value, (), Left())


def _simplified(value: object, inside: tuple[int, ...], left: Left) -> object:
    left.spend(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if id(value) in inside:
        return {"_class": class_path(type(value)), "instanceName": getattr(value, "instanceName", None)}
    inside = (*inside, id(value))
    if isinstance(value, type):
        return {"_class": "type", "name": class_path(value)}
    instead = getattr(type(value), "_serialized_as", None)
    if instead is not None:
        return _simplified(instead(value), inside, left)
    if isinstance(value, Mapping):
        return {str(key): _simplified(part, inside, left) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_simplified(part, inside, left) for part in value]
    if isinstance(value, (set, frozenset)):
        return [_simplified(part, inside, left) for part in sorted(value, key=str)]
    return str(value)
