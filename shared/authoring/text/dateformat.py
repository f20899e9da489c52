"""Dates and times as text: the documented functions, which take whatever can be read as one.

Source: functions.md, format_date(), format_time(), format_datetime(). The default formats: see ``datepatterns``.
"""

from __future__ import annotations

from shared.authoring.text import datepatterns
from shared.authoring.text.dates import as_datetime


def format_date(the_date: object, format: str | None = None, language: str | None = None) -> str:
    """The date as text: ``April 5, 2014``."""
    return "" if _is_empty(the_date) else datepatterns.date_text(as_datetime(the_date), format, language)


def format_time(the_time: object, format: str | None = None, language: str | None = None) -> str:
    """The time of day as text: ``4:00 AM``."""
    return "" if _is_empty(the_time) else datepatterns.time_text(as_datetime(the_time), format, language)


def format_datetime(the_date: object, format: str | None = None, language: str | None = None) -> str:
    """Date and time as text: ``April 5, 2014 at 7:30:00 AM EDT``."""
    return "" if _is_empty(the_date) else datepatterns.datetime_text(as_datetime(the_date), format, language)


def _is_empty(value: object) -> bool:
    """A date that was not required and not given is empty text, and prints as nothing."""
    return isinstance(value, str) and not value.strip()
