"""Dates and times as text, with Babel's patterns (Unicode Technical Standard 35) in the current language.

The default formats come from ``set_parts()``, else from the interview's metadata (``date format``, ``time format``,
``datetime format``), else they are ``long``, ``short`` and ``long``.

Source: functions.md, format_date(), format_time(), format_datetime().
"""

from __future__ import annotations

import datetime
from typing import Any

from babel import dates as babel_dates

from shared.authoring.context import current_or_none
from shared.authoring.functions.locales import language_locale
from shared.authoring.functions.words import get_language
from shared.authoring.memory import PARTS

_NAMED = ("short", "medium", "long", "full")


def format_date(the_date: Any, format: str | None = None, language: str | None = None) -> str:
    """The date as text: ``April 5, 2014``."""
    if _is_empty(the_date):
        return ""
    moment = _moment(the_date)
    locale = language_locale(language or get_language())
    pattern = format or default_format("date format", "long")
    if pattern in _NAMED:
        return _tidy(babel_dates.format_date(moment.date(), pattern, locale=locale))
    return _tidy(babel_dates.format_datetime(moment, pattern, locale=locale))


def format_time(the_time: Any, format: str | None = None, language: str | None = None) -> str:
    """The time of day as text: ``4:00 AM``."""
    if _is_empty(the_time):
        return ""
    moment = _moment(the_time)
    locale = language_locale(language or get_language())
    pattern = format or default_format("time format", "short")
    if pattern in _NAMED:
        return _time(moment, pattern, locale)
    return _tidy(babel_dates.format_datetime(moment, pattern, locale=locale))


def format_datetime(the_date: Any, format: str | None = None, language: str | None = None) -> str:
    """Date and time as text: ``April 5, 2014 at 7:30:00 AM EDT``."""
    if _is_empty(the_date):
        return ""
    moment = _moment(the_date)
    locale = language_locale(language or get_language())
    pattern = format or default_format("datetime format", "long")
    if locale.language == "en" and pattern in ("long", "full"):
        # The documented "at"; CLDR has moved it to a form that Babel does not offer.
        date = _tidy(babel_dates.format_date(moment.date(), pattern, locale=locale))
        return f"{date} at {_time(moment, pattern, locale)}"
    return _tidy(babel_dates.format_datetime(moment, pattern, locale=locale))


def default_format(name: str, otherwise: str) -> str:
    """The interview's default under `name`, a documented screen part such as ``date format``."""
    context = current_or_none()
    if context is None:
        return otherwise
    value = context.internal.get(PARTS, {}).get(name)
    if value is None and context.interview is not None:
        value = context.interview.metadata.get(name)
    return otherwise if value is None else str(value).strip()


def _time(moment: datetime.datetime, pattern: Any, locale: Any) -> str:
    return _tidy(babel_dates.format_time(moment, pattern, tzinfo=moment.tzinfo, locale=locale))


def _moment(value: Any) -> datetime.datetime:
    from shared.authoring.functions.dates import as_datetime

    return as_datetime(value)


def _is_empty(value: Any) -> bool:
    """A date that was not required and not given is empty text, and prints as nothing."""
    return isinstance(value, str) and not value.strip()


def _tidy(text: str) -> str:
    """Without the narrow no-break space that CLDR puts before AM: fonts of documents lack it, and the documentation has a blank."""
    return text.replace("\u202f", " ")
