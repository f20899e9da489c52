"""Checks of what arrives in calls: everything from outside is suspect, and a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from shared.contract.errors import BadValue, TooLarge

#: A screen has at most some hundred fields; more is an attack or a mistake.
_FIELDS = 5000
_NAME = 1000


def identifier(name: str, value: object, *, limit: int = 200) -> None:
    """Refuse what cannot be an id: not a string, empty, too long, with control characters."""
    if not isinstance(value, str) or not value or len(value) > limit or not value.isprintable():
        raise BadValue(f"{name} must be a printable text of 1 to {limit} characters")


def text(name: str, value: object) -> None:
    """Refuse what is neither a text nor None."""
    if not isinstance(value, str | None):
        raise BadValue(f"{name} must be a text")


def request_identifier(value: object) -> None:
    """Refuse what cannot be the id of a request. Ids of its effects are made of it, and ids have 200 characters at most."""
    identifier("request_id", value, limit=150)


def values_of(value: object) -> dict[str, object]:
    """`value` as a dict of JSON values by variable name."""
    if not isinstance(value, Mapping):
        raise BadValue("values must be an object")
    if len(value) > _FIELDS:
        raise TooLarge(f"at most {_FIELDS} values can be answered at once")
    for key in value:
        if not isinstance(key, str) or len(key) > _NAME:
            raise BadValue(f"names of variables are texts of at most {_NAME} characters")
    return dict(value)
