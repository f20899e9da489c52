"""The types of the contracts as plain dicts for the wire between parent and child, and back, strictly: by their type hints.

An unknown key, a missing one or a value of another type is a `BadForm` that names it. Values whose hint is Any must be plain.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from shared.contract import typed
from shared.engine.request import Request

T = TypeVar("T")

#: What the wire carries as it is.
_KEPT = (bytes, datetime)


class BadForm(ValueError):
    """A value does not have the form its type says. The message names the field and what was expected."""


def write(value: object) -> Any:
    """The plain form of a value. Raises `TypeError` for what has none."""
    return msgspec.to_builtins(value, builtin_types=_KEPT, enc_hook=_mapping)


def read(cls: type[T], form: object) -> T:
    """The `cls` that `form` describes. Raises `BadForm`."""
    try:
        return typed.convert(form, cls, builtin_types=_KEPT, dec_hook=_port)
    except (msgspec.ValidationError, RecursionError) as error:
        raise BadForm(f"{cls.__name__}: {error}") from None


def write_request(request: Request) -> Any:
    """`write`; its time as a text, so that nothing in it is other than what every encoding has."""
    form = write(request)
    form["now"] = request.now.isoformat()
    return form


def read_request(form: object) -> Request:
    """The `Request` that `write_request` (or `write`) made. Raises `BadForm`."""
    if isinstance(form, dict) and isinstance(form.get("now"), str):
        try:
            form = {**form, "now": datetime.fromisoformat(form["now"])}
        except ValueError as error:
            raise BadForm(f"Request: now: {error}") from None
    return read(Request, form)


def _port(cls: type, value: object) -> object:
    """What has no plain form (files, tasks, mails of a session) is set in the process that uses it, and never travels."""
    raise msgspec.ValidationError(f"a {cls.__name__} does not travel")


def _mapping(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a {type(value).__name__} does not travel")
