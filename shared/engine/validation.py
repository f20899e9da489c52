"""Limits of fields, the author's validation functions, and the words in which a refusal is told.

Rules: docs fields.md ("Input validation", "validate", "validation messages", "min", "maxlength" …).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from shared.authoring.errors import ValidationError
from shared.authoring.functions.dates import as_datetime
from shared.authoring.functions.words import word
from shared.engine.coercion import coerce, is_empty
from shared.engine.fields import MANY, OBJECT_MANY, OBJECT_TYPES, BuiltField
from shared.engine.refusal import Refused
from shared.engine.run import Run


def read(run: Run, field: BuiltField, value: Any, *, given: bool) -> Any:
    """The checked value of a field. `given` is False when nothing was sent for it. Raises `Refused`."""
    try:
        if field.screen.required and _missing(field, value, given):
            raise Refused(_required(field), "required")
        made = coerce(run, field, value)
        if not is_empty(value):
            _limits(field, made)
    except Refused as refused:
        raise Refused(_reworded(run, field, refused), refused.rule) from None
    except OverflowError:
        raise Refused(word("The number is too large.")) from None
    _authors(run, field, made)
    return made


def _missing(field: BuiltField, value: Any, given: bool) -> bool:
    if field.datatype in MANY or field.datatype in OBJECT_MANY:
        return _none_ticked(field, value) and bool(field.choices)
    if field.datatype in OBJECT_TYPES and str(value).lower() in ("", "none", "null"):
        return not field.screen.options.get("none of the above")
    if field.datatype == "threestate":
        return value == "" or not given
    if field.choices is not None:
        if value is None:
            return not any(choice.key is None for choice in field.choices) and not field.screen.options.get(
                "none of the above"
            )
        return value == "" and not any(choice.key == "" for choice in field.choices)
    return is_empty(value)


def _none_ticked(field: BuiltField, value: Any) -> bool:
    """Ticking nothing is an answer where "None of the above" is offered, as it is by default."""
    if field.screen.options.get("none of the above", True) is not False:
        return False
    if isinstance(value, Mapping):
        return not any(ticked in (True, "True", "true") for ticked in value.values())
    return is_empty(value)


def _required(field: BuiltField) -> str:
    if field.datatype in MANY or field.datatype in OBJECT_MANY:
        return word("You need to select at least one.")
    if field.choices is not None or field.datatype in ("boolean", "threestate"):
        return word("You need to select one.")
    return word("This field is required.")


def _limits(field: BuiltField, value: Any) -> None:
    options = field.screen.options
    if isinstance(value, datetime | date):
        _date_limits(options, value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        _number_limits(options, value, steps=field.datatype != "range")
    elif isinstance(value, str):
        _length_limits(options, value)
    elif field.datatype in MANY or field.datatype in OBJECT_MANY:
        elements = value.elements
        ticked = sum(1 for item in elements.values() if item is True) if isinstance(elements, dict) else len(elements)
        _count_limits(options, ticked)


def _number_limits(options: Mapping[str, Any], value: float, *, steps: bool) -> None:
    low, high, step = (_as_number(options.get(key)) for key in ("min", "max", "step"))
    if low is not None and value < low:
        raise Refused(word("You need to enter a number that is at least %s.") % options["min"], "min")
    if high is not None and value > high:
        raise Refused(word("You need to enter a number that is at most %s.") % options["max"], "max")
    if step and steps:
        count = (value - (low or 0)) / step
        if abs(count - round(count)) > 1e-6:
            raise Refused(word("Please enter a multiple of %s.") % options["step"], "step")


def _length_limits(options: Mapping[str, Any], value: str) -> None:
    low, high = (_as_number(options.get(key)) for key in ("minlength", "maxlength"))
    if low is not None and len(value) < low:
        raise Refused(word("You must type at least %s characters.") % options["minlength"], "minlength")
    if high is not None and len(value) > high:
        raise Refused(word("You cannot type more than %s characters.") % options["maxlength"], "maxlength")


def _count_limits(options: Mapping[str, Any], ticked: int) -> None:
    low, high = (_as_number(options.get(key)) for key in ("minlength", "maxlength"))
    if low is not None and ticked < low:
        raise Refused(word("Please select at least %s.") % options["minlength"], "checkbox minlength")
    if high is not None and ticked > high:
        raise Refused(word("Please select no more than %s.") % options["maxlength"], "checkbox maxlength")


def _date_limits(options: Mapping[str, Any], value: date) -> None:
    day = value.date() if isinstance(value, datetime) else value
    low, high = _as_date(options.get("min")), _as_date(options.get("max"))
    if low is not None and day < low:
        raise Refused(word("You need to enter a date on or after %s.") % low.isoformat(), "date min")
    if high is not None and day > high:
        raise Refused(word("You need to enter a date on or before %s.") % high.isoformat(), "date max")


def _as_number(value: Any) -> float | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _as_date(value: Any) -> date | None:
    if value in (None, ""):
        return None
    try:
        found: datetime = as_datetime(value)
    except Exception:
        return None
    return found.date()


def _reworded(run: Run, field: BuiltField, refused: Refused) -> str:
    """The author's own words for a broken rule: those of the field, then those of the interview."""
    if refused.rule:
        own = field.screen.messages.get(refused.rule)
        if own is not None:
            return own
        for language in (run.context.language, "*"):
            shared = run.interview.validation_messages.get(language, {}).get(refused.rule)
            if shared is not None:
                return str(shared)
    return refused.message


def _authors(run: Run, field: BuiltField, value: Any) -> None:
    """``validate``: a function of the value that raises, or returns something false, if it is not good."""
    check = field.field.validate
    if check is None:
        return
    function = run.evaluate(check)
    try:
        good = function(value)
    except ValidationError as error:
        raise Refused(error.message) from error
    except NameError:
        raise
    except Exception as error:
        raise Refused(str(error) or word("Please enter a valid value.")) from error
    if not good:
        raise Refused(word("Please enter a valid value."))
