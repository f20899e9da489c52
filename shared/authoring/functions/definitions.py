"""Undefined values that reach a function instead of raising: what template languages other than Mako hand over.

Source: functions.md, "A caveat regarding functions called from docx templates"; objects.md, prevent_dependency_satisfaction.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from shared.authoring.errors import MISSING


def ensure_definition(*values: object, **named: object) -> None:
    """Raise the error of a missing variable if one of the arguments is Jinja's stand-in for one."""
    for value in (*values, *named.values()):
        if any(cls.__name__ == "Undefined" and cls.__module__.startswith("jinja2") for cls in type(value).__mro__):
            str(value)
            missing = getattr(value, "_undefined_name", None)
            raise NameError(f"name '{missing}' is not defined", name=missing)


def prevent_dependency_satisfaction(function: Callable[..., object]) -> Callable[..., object]:
    """Decorator: a missing variable inside `function` is an ordinary error, and nothing is asked because of it."""

    @wraps(function)
    def guarded(*args: object, **kwargs: object) -> object:
        try:
            return function(*args, **kwargs)
        except MISSING as missing:
            name = getattr(missing, "variable", None) or getattr(missing, "name", None) or missing
            raise RuntimeError(
                f"{function.__name__}() needs {name}, which is not defined, and must not ask for it"
            ) from missing

    return guarded


class RawValue:
    """A value that goes into a document as it is."""

    def __init__(self, value: object) -> None:
        self.value = value


def raw(value: object) -> RawValue:
    """Pass `value` to a DOCX template without converting it to text."""
    return RawValue(value)
