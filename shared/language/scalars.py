"""What a plain YAML 1.2 scalar means: the types interviews were written for.

``yes``, ``no``, ``on`` and ``off`` are text, ``010`` is ten, ``0o10`` is eight, ``1_000`` is a thousand, ``12:30`` is
text, an ISO date is a date. PyYAML's own resolver follows YAML 1.1 and differs in each of these.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

_WORDS: dict[str, object] = {"": None, "~": None}
for _word, _value in (("null", None), ("true", True), ("false", False)):
    for _form in (_word, _word.capitalize(), _word.upper()):
        _WORDS[_form] = _value

_NUMBER_START = frozenset("+-.0123456789")
_INT = re.compile(r"[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)\Z")
_FLOAT = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?)\Z"
)
_INFINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z")
_NAN = re.compile(r"\.(?:nan|NaN|NAN)\Z")
_TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)"
    r"(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(Z|([-+])(\d\d?)(?::?(\d\d))?))?)?\Z"
)


#: Longer numbers than this are text: Python refuses to convert them, and no interview means them.
_MAX_DIGITS = 4000


def resolve(text: str) -> object:
    """The value of the plain (unquoted) scalar `text`: None, bool, int, float, date, datetime or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_START or len(text) > _MAX_DIGITS:
        return text
    if _INT.match(text):
        return _integer(text)
    if _FLOAT.match(text):
        return float(text.replace("_", ""))
    if _INFINITE.match(text):
        return float("-inf") if text[0] == "-" else float("inf")
    if _NAN.match(text):
        return float("nan")
    found = _TIMESTAMP.match(text)
    return _moment(found, text) if found else text


def _integer(text: str) -> object:
    digits = text.replace("_", "")
    sign = -1 if digits[0] == "-" else 1
    digits = digits.lstrip("+-")
    base = {"0b": 2, "0o": 8, "0x": 16}.get(digits[:2], 10)
    digits = digits if base == 10 else digits[2:]
    return sign * int(digits, base) if digits else text


def _moment(found: re.Match[str], text: str) -> object:
    year, month, day, hour, minute, second, fraction, zone, sign, off_hours, off_minutes = found.groups()
    try:
        if hour is None:
            return date(int(year), int(month), int(day))
        micros = int((fraction or "0")[:6].ljust(6, "0"))
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), micros)
        if zone is None:
            return moment
        offset = timedelta(hours=int(off_hours or 0), minutes=int(off_minutes or 0))
        return moment.replace(tzinfo=timezone(-offset if sign == "-" else offset))
    except ValueError:  # 2024-02-30 and the like: not a date, so text
        return text
