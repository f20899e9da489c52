"""A simplified form of objects, of dictionaries, lists and plain values: ``as_serializable()`` and what JSON needs.

It cannot be turned back into the same objects (objects.md, "as_serializable"; its form: api.md, "Setting variables").
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.authoring.objects.base import HIDDEN, DAObject, DAObjectPlusParameters
from shared.authoring.objects.group import Group

_HERE = "shared.authoring.objects."


def class_path(cls: type) -> str:
    """The path by which authors know a class."""
    if cls.__module__.startswith(_HERE):
        module = "docassemble.base.legal" if cls.__module__.endswith(".legal") else "docassemble.base.util"
        return f"{module}.{cls.__name__}"
    return f"{cls.__module__}.{cls.__name__}"


def as_serializable(value: Any) -> Any:
    """`value` in its simplified form. An object that is met again inside itself is only named."""
    return _simplified(value, ())


def _simplified(value: Any, inside: tuple[int, ...]) -> Any:
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
    if isinstance(value, DAObject):
        return _object(value, inside)
    if isinstance(value, Mapping):
        return {str(key): _simplified(part, inside) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_simplified(part, inside) for part in value]
    if isinstance(value, (set, frozenset)):
        return [_simplified(part, inside) for part in sorted(value, key=str)]
    if isinstance(value, DAObjectPlusParameters):
        return _simplified(value.objectClass, inside)
    return str(value)


def _object(value: DAObject, inside: tuple[int, ...]) -> Any:
    if callable(getattr(type(value), "to_json", None)):
        return _simplified(value.to_json(), inside)
    output: dict[str, Any] = {"_class": class_path(type(value)), "instanceName": value.instanceName}
    state = {name: part for name, part in value.__dict__.items() if name not in HIDDEN}
    if isinstance(value, Group):
        state = {**_settings(value), **state, "object_type": _plain_type(value.object_type)}
    for name, part in state.items():
        if name not in output:
            output[name] = _simplified(part, inside)
    return output


def _settings(group: Group) -> dict[str, Any]:
    """Elements and settings in the order of the documentation (api.md); what is not set has its default."""
    kind = group.object_type
    return {
        "elements": group.elements,
        "auto_gather": group.auto_gather,
        "ask_number": group.ask_number,
        "minimum_number": group.minimum_number,
        "object_type": None,
        "object_type_parameters": kind.parameters if isinstance(kind, DAObjectPlusParameters) else {},
        "complete_attribute": group.complete_attribute,
        "ask_object_type": group.ask_object_type,
    }


def _plain_type(kind: Any) -> Any:
    return kind.objectClass if isinstance(kind, DAObjectPlusParameters) else kind
