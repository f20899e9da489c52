"""Limits of fields, the author's validation functions, and the words in which a refusal is told.

Rules: docs fields.md ("Input validation", "validate", "validation messages", "min", "maxlength" …).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from shared.authoring.errors import ValidationError
from shared.authoring.text.datepatterns import date_text
from shared.authoring.text.dates import as_datetime
from shared.authoring.text.words import counted, word
from shared.contract.datatype_columns import Limits
from shared.engine.fields.coercion import coerce
from shared.engine.fields.fields import BuiltField
from shared.engine.fields.readers import is_empty
from shared.engine.fields.refusal import Refused
from shared.engine.run import Run

#: Characters of an answer to a field that has no ``maxlength`` of its own.
LONGEST = 100_000


def read(run: Run, field: BuiltField, value: object, *, given: bool) -> object:
    """The checked value of a field. `given` is False when nothing was sent for it. Raises `Refused`."""
    try:
        if field.screen.required and _missing(field, value, given):
            raise Refused(_required(field), "required")
        _not_endless(field, value)
        made = coerce(run, field, value)
        if not is_empty(value):
            LIMITS[field.datatype.limits](field.screen.options, made)
    except Refused as refused:
        raise Refused(_reworded(field, refused), refused.rule) from None
    except OverflowError:
        raise Refused(word("The number is too large.")) from None
    _authors(run, field, made)
    return made


def _not_endless(field: BuiltField, value: object) -> None:
    """No text that was typed is longer; more is pasted into a field that its author gave a larger ``maxlength``."""
    if isinstance(value, str) and len(value) > LONGEST:
        longest = max(LONGEST, _as_number(field.screen.options.get("maxlength")) or 0)
        if len(value) > longest:
            raise Refused(_too_long(int(longest)) % int(longest), "maxlength")


def _missing(field: BuiltField, value: object, given: bool) -> bool:
    if field.datatype.many:
        return _none_ticked(field, value) and bool(field.choices)
    if field.datatype.objects and str(value).lower() in ("", "none", "null"):
        return not field.screen.options.get("none of the above")
    if field.datatype.maybe:
        return value == "" or not given
    if field.choices is not None:
        if value is None:
            return not any(choice.key is None for choice in field.choices) and not field.screen.options.get(
                "none of the above"
            )
        return value == "" and not any(choice.key == "" for choice in field.choices)
    return is_empty(value)


def _none_ticked(field: BuiltField, value: object) -> bool:
    """Ticking nothing is an answer where "None of the above" is offered, as it is by default."""
    if field.screen.options.get("none of the above", True) is not False:
        return False
    if isinstance(value, Mapping):
        return not any(ticked in (True, "True", "true") for ticked in value.values())
    return is_empty(value)


def _required(field: BuiltField) -> str:
    if field.datatype.many:
        return word("You need to select at least one.")
    if field.choices is not None or field.datatype.truth:
        return word("You need to select one.")
    return word("This field is required.")


def _number_limits(options: Mapping[str, object], value: object) -> None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        _range_limits(options, value)
        _step(options, value)


def _slider_limits(options: Mapping[str, object], value: object) -> None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        _range_limits(options, value)


def _range_limits(options: Mapping[str, object], value: float) -> None:
    low, high = (_as_number(options.get(key)) for key in ("min", "max"))
    if low is not None and value < low:
        raise Refused(word("You need to enter a number that is at least %s.") % options["min"], "min", options["min"])
    if high is not None and value > high:
        raise Refused(word("You need to enter a number that is at most %s.") % options["max"], "max", options["max"])


def _step(options: Mapping[str, object], value: float) -> None:
    low, step = (_as_number(options.get(key)) for key in ("min", "step"))
    if step:
        count = (value - (low or 0)) / step
        if abs(count - round(count)) > 1e-6:
            raise Refused(word("Please enter a multiple of %s.") % options["step"], "step", options["step"])


def _too_long(longest: float) -> str:
    return counted(longest, "You cannot type more than %s character.", "You cannot type more than %s characters.")


def _length_limits(options: Mapping[str, object], value: object) -> None:
    if not isinstance(value, str):  # a choice of another kind
        return
    low, high = (_as_number(options.get(key)) for key in ("minlength", "maxlength"))
    if low is not None and len(value) < low:
        text = counted(low, "You must type at least %s character.", "You must type at least %s characters.")
        raise Refused(text % options["minlength"], "minlength", options["minlength"])
    if high is not None and len(value) > high:
        raise Refused(_too_long(high) % options["maxlength"], "maxlength", options["maxlength"])


def _count_limits(options: Mapping[str, object], value: Any) -> None:
    elements = value.elements
    ticked = sum(1 for item in elements.values() if item is True) if isinstance(elements, dict) else len(elements)
    low, high = (_as_number(options.get(key)) for key in ("minlength", "maxlength"))
    exactly = low is not None and low == high
    both = (options["minlength"],) if exactly else ()
    if low is not None and ticked < low:
        said = word("Please select exactly %s.") if exactly else word("Please select at least %s.")
        raise Refused(said % options["minlength"], "checkbox minlength", options["minlength"], both=both)
    if high is not None and ticked > high:
        said = word("Please select exactly %s.") if exactly else word("Please select no more than %s.")
        raise Refused(said % options["maxlength"], "checkbox maxlength", options["maxlength"], both=both)


def _moment_limits(options: Mapping[str, object], value: object) -> None:
    if isinstance(value, time):
        _time_limits(options, value)
    elif isinstance(value, date):
        _date_limits(options, value)


def _date_limits(options: Mapping[str, object], value: date) -> None:
    """A limit without a time of day holds for the whole day."""
    low, high = _as_moment(options.get("min")), _as_moment(options.get("max"))
    early, late = _before(value, low), _before(high, value)
    if not early and not late:
        return
    both = (_day(low), _day(high)) if low is not None and high is not None else ()
    if both:
        said = word("You need to enter a date between %s and %s.") % both
    elif early:
        said = word("You need to enter a date on or after %s.") % _day(low)
    else:
        said = word("You need to enter a date on or before %s.") % _day(high)
    raise Refused(said, "date min" if early else "date max", _day(low if early else high), both=both)


def _before(one: date | None, other: date | None) -> bool:
    """Whether `one` is the earlier; days, unless both have a time of day (one at midnight has none)."""
    if one is None or other is None:
        return False
    if isinstance(one, datetime) and isinstance(other, datetime) and one.time() != time() != other.time():
        return one.replace(tzinfo=None) < other.replace(tzinfo=None)
    return _plain_day(one) < _plain_day(other)


def _plain_day(one: date) -> date:
    return one.date() if isinstance(one, datetime) else one


def _time_limits(options: Mapping[str, object], value: time) -> None:
    low, high = _as_time(options.get("min")), _as_time(options.get("max"))
    if low is not None and value < low:
        raise Refused(word("You need to enter a time that is not before %s.") % options["min"], "min", options["min"])
    if high is not None and value > high:
        raise Refused(word("You need to enter a time that is not after %s.") % options["max"], "max", options["max"])


def _day(day: date | None) -> str:
    return "" if day is None else date_text(datetime.combine(day, time()))


def _any_limits(options: Mapping[str, object], value: object) -> None:
    for check in (_length_limits, _number_limits, _moment_limits):
        check(options, value)


#: By what the datatype lets an author limit.
LIMITS: Mapping[Limits, Callable[[Mapping[str, object], object], None]] = {
    Limits.NONE: lambda _options, _value: None,
    Limits.LENGTH: _length_limits,
    Limits.COUNT: _count_limits,
    Limits.NUMBER: _number_limits,
    Limits.SLIDER: _slider_limits,
    Limits.MOMENT: _moment_limits,
    Limits.ANY: _any_limits,
}


def _as_number(value: Any) -> float | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _as_moment(value: object) -> datetime | None:
    if value in (None, ""):
        return None
    try:
        found: datetime = as_datetime(value)
    except Exception:
        return None
    return found


def _as_time(value: object) -> time | None:
    found = _as_moment(value)
    return None if found is None else found.time()


def _reworded(field: BuiltField, refused: Refused) -> str:
    """The author's own words for a broken rule: those for the kind of field, then those for the rule."""
    for rule, values in refused.rules():
        for code in _codes(field, rule):
            own = field.screen.messages.get(code)
            if own is not None:
                for value in values:
                    own = own.replace("%s", str(value), 1)
                return own
    return refused.message


def _codes(field: BuiltField, rule: str) -> tuple[str, ...]:
    """The names under which a message for a broken rule may stand, the nearest first."""
    if rule == "required":
        if field.screen.input == "combobox":
            return "combobox required", rule
        if field.datatype.many:
            return "checkboxes required", rule
        if field.choices is not None:
            return "multiple choice required", rule
    kind, _, plain = rule.rpartition(" ")
    if kind == "checkbox" and field.datatype.name.endswith("multiselect"):
        return f"multiselect {plain}", rule, plain
    return (rule, plain) if kind else (rule,)


def _authors(run: Run, field: BuiltField, value: object) -> None:
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
