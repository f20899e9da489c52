"""A moment as text, with Babel's patterns (Unicode Technical Standard 35) in the current language.

The default formats come from ``set_parts()``, else from the interview's metadata (``date format``, ``time format``,
``datetime format``), else they are ``long``, ``short`` and ``long``.

Does not live here: reading what is no moment yet (``dateformat`` has the documented functions, which do).
"""

from __future__ import annotations

import datetime

from babel import Locale
from babel import dates as babel_dates

from shared.authoring.context import current_or_none
from shared.authoring.memory import PARTS
from shared.authoring.text.locales import language_locale
from shared.authoring.text.words import get_language

_NAMED = ("short", "medium", "long", "full")


def date_text(moment: datetime.datetime, format: str | None = None, language: str | None = None) -> str:
    """The date: ``April 5, 2014``."""
    locale = language_locale(language or get_language())
    pattern = format or default_format("date format", "long")
    if pattern in _NAMED:
        return _tidy(babel_dates.format_date(moment.date(), pattern, locale=locale))
    return _tidy(babel_dates.format_datetime(moment, pattern, locale=locale))


def time_text(moment: datetime.datetime, format: str | None = None, language: str | None = None) -> str:
    """The time of day: ``4:00 AM``."""
    locale = language_locale(language or get_language())
    pattern = format or default_format("time format", "short")
    if pattern in _NAMED:
        return _time(moment, pattern, locale)
    return _tidy(babel_dates.format_datetime(moment, pattern, locale=locale))


def datetime_text(moment: datetime.datetime, format: str | None = None, language: str | None = None) -> str:
    """Date and time: ``April 5, 2014 at 7:30:00 AM EDT``."""
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


def _time(moment: datetime.datetime, pattern: str, locale: Locale) -> str:
    return _tidy(babel_dates.format_time(moment, pattern, tzinfo=moment.tzinfo, locale=locale))


def _tidy(text: str) -> str:
    """Without the narrow no-break space that CLDR puts before AM: fonts of documents lack it, and the documentation has a blank."""
    return text.replace("\u202f", " ")
