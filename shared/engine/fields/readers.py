"""What was sent for one field as the value of its datatype, where nothing but what was sent decides.

JSON values (ANSWER of the replay protocol) and the strings of an HTML form are read by the same functions: a form's
``"3"`` and a client's ``3`` are the same integer. Raises `Refused` with a message for the user. Choices, files and objects
are in ``coercion``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from dateutil import parser

from shared.authoring.text.dates import as_datetime
from shared.authoring.text.words import word
from shared.contract.datatype_columns import Reading
from shared.engine.fields.refusal import Refused

#: An address as browsers accept it (the rule of HTML's input type email), with a dot in the domain.
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+"
)
_URL = re.compile(r"(?i)(?:https?|ftp)://[^\s/$.?#].[^\s]*")
_TAG = re.compile(r"<(?:[A-Za-z/][^<>]*|!--.*?--|[!?][^<>]*)>", re.S)
_TAG_ALONE = re.compile(r"<(?:[A-Za-z/][^<>]*|[!?][^<>]*)>")
_OPENING = re.compile(r"<(?=[A-Za-z/!?])")
#: Tags within tags that are taken out; of what is nested deeper (``<<a>a>``) the brackets are made harmless.
_DEEPEST = 20
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0", "")
NOBODY = ("", "none", "null")


def is_empty(value: object) -> bool:
    """Whether the user left the field empty."""
    if value is None or value == "" or value == []:
        return True
    if isinstance(value, Mapping):
        for key in ("date", "time", "datetime", "file", "files", "signature"):
            if key in value:
                return is_empty(value[key])
    return False


def boolean(value: object) -> bool | None:
    """True, False, or None where nothing was chosen. Raises `Refused`."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    text = str(value).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False if text else None
    if text in NOBODY:
        return None
    raise Refused(word("Please answer yes or no."))


def _integer(value: object) -> int:
    if isinstance(value, bool):
        raise Refused(word("Please enter a whole number."), "integer")
    if isinstance(value, int):
        return value
    number = _number(value)
    if number != int(number):
        raise Refused(word("Please enter a whole number."), "integer")
    return int(number)


def _number(value: object) -> float | int:
    if isinstance(value, bool):
        raise Refused(word("You need to enter a number."), "number")
    if isinstance(value, int | float):
        number: float | int = value
    else:
        text = re.sub(r"[\s,_$€£¥%]", "", str(value))
        try:
            number = float(text)
        except ValueError:
            raise Refused(word("You need to enter a number."), "number") from None
    if isinstance(number, float) and not math.isfinite(number):
        raise Refused(word("You need to enter a number."), "number")
    return number


def _floating(value: object) -> float:
    try:
        return float(_number(value))
    except OverflowError:
        raise Refused(word("The number is too large."), "number") from None


def raw(value: object) -> str:
    return value.replace("\r\n", "\n") if isinstance(value, str) else str(value)


def _text(value: object) -> str:
    """Text without HTML: only the datatype ``raw`` lets it through (docs fields.md, "Raw data").

    Tags go, as often as taking one out makes another; a ``<`` that could still begin one is parted from what follows.
    """
    text = raw(value)
    for _ in range(_DEEPEST):
        if "<" not in text:
            return text
        # After the last end of a comment no comment is looked for: from each beginning of one that would be to the end of the text.
        ends = text.rfind("-->") + 3 if "-->" in text else 0
        cleaned = _TAG.sub("", text[:ends]) + _TAG_ALONE.sub("", text[ends:])
        if cleaned == text:
            break
        text = cleaned
    return _OPENING.sub("< ", text)


def _email(value: object) -> str:
    text = str(value).strip()
    if not _EMAIL.fullmatch(text):
        raise Refused(word("You need to enter a complete e-mail address."), "email")
    return text


def _url(value: object) -> str:
    text = str(value).strip()
    if not _URL.fullmatch(text):
        raise Refused(word("You need to enter a complete URL."), "url")
    return text


def _date(value: object) -> object:
    text = value.get("date", "") if isinstance(value, Mapping) else value
    try:
        found = as_datetime(text)
    except Exception:
        raise Refused(word("You need to enter a valid date."), "date") from None
    return found.replace(hour=0, minute=0, second=0, microsecond=0)


def _datetime(value: object) -> object:
    text = value.get("datetime", "") if isinstance(value, Mapping) else value
    try:
        return as_datetime(text)
    except Exception:
        raise Refused(word("You need to enter a valid date and time."), "datetime") from None


def _time(value: object) -> object:
    text = value.get("time", "") if isinstance(value, Mapping) else value
    try:
        return parser.parse(str(text)).time()
    except (ValueError, OverflowError):
        raise Refused(word("You need to enter a valid time."), "time") from None


#: What depends on nothing but what was sent. `Reading.CUSTOM` is the author's.
READERS: Mapping[Reading, Callable[[object], object]] = {
    Reading.TEXT: _text,
    Reading.RAW: raw,
    Reading.NUMBER: _floating,
    Reading.INTEGER: _integer,
    Reading.TRUTH: boolean,
    Reading.EMAIL: _email,
    Reading.URL: _url,
    Reading.DATE: _date,
    Reading.DATETIME: _datetime,
    Reading.TIME: _time,
}
