"""From what the user sent to the value that the variable gets, by datatype.

JSON values (ANSWER of the replay protocol) and the strings of an HTML form are read by the same functions: a form's
``"3"`` and a client's ``3`` are the same integer. Raises `Refused` with a message for the user. Limits and the author's
validation are in ``validation``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from copy import copy
from typing import Any

from dateutil import parser

from shared.authoring.functions.dates import as_datetime
from shared.authoring.functions.words import word
from shared.authoring.objects import DADict, DAList
from shared.engine import datatypes, lookup, uploads
from shared.engine.fields import FILE_TYPES, MANY, OBJECT_MANY, OBJECT_TYPES, BuiltField
from shared.engine.refusal import Refused
from shared.engine.run import Run

#: An address as browsers accept it (the rule of HTML's input type email), with a dot in the domain.
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+"
)
_URL = re.compile(r"(?i)(?:https?|ftp)://[^\s/$.?#].[^\s]*")
_TAG = re.compile(r"<(?:[A-Za-z/][^<>]*|!--.*?--|[!?][^<>]*)>", re.S)
_OPENING = re.compile(r"<(?=[A-Za-z/!?])")
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0", "")
_NOBODY = ("", "none", "null")


def is_empty(value: Any) -> bool:
    """Whether the user left the field empty."""
    if value is None or value == "" or value == []:
        return True
    if isinstance(value, Mapping):
        for key in ("date", "time", "datetime", "file", "files", "signature"):
            if key in value:
                return is_empty(value[key])
    return False


def coerce(run: Run, field: BuiltField, value: Any) -> Any:
    """The value for the field's variable. Raises `Refused`."""
    datatype = field.datatype
    if datatype in OBJECT_TYPES:
        return _objects(run, field, value)
    if datatype in MANY:
        return _many(run, field, value)
    if datatype in FILE_TYPES:
        return _files(run, field, value)
    if datatype == "signature":
        return _signature(run, field, value)
    if field.choices is not None and not _free(field):
        return _one_of(field, value)
    if is_empty(value) and datatype not in ("boolean", "threestate"):
        return blank(field)
    reader = _READERS.get(datatype)
    if reader is not None:
        return reader(value)
    return datatypes.transform(run, field.field, field.variable or "", _raw(value))


def blank(field: BuiltField) -> Any:
    """What a field that needs no answer holds when it has none (docs fields.md, "required")."""
    if field.choices is not None:
        return None
    return {"number": 0.0, "currency": 0.0, "integer": 0, "range": 0.0, "boolean": None, "threestate": None,
            "date": "", "time": "", "datetime": ""}.get(field.datatype, "")  # fmt: skip


def _free(field: BuiltField) -> bool:
    """Whether the user may also write something that is not among the choices."""
    return field.screen.input in ("combobox", "datalist", "ajax")


def _one_of(field: BuiltField, value: Any) -> Any:
    if value is None or value == "":
        for choice in field.choices or ():
            if choice.key == value and choice.has_value and type(choice.key) is type(value):
                return choice.value
        if value is None and field.screen.input == "radio":
            return None
        return _typed(field, None)
    for exact in (True, False):
        for choice in field.choices or ():
            if not choice.has_value:
                continue
            if exact and type(choice.key) is type(value) and choice.key == value:
                return _typed(field, choice.value)
            if not exact and _alike(choice.key, value):
                return _typed(field, choice.value)
    raise Refused(word("You selected an item that is not one of the choices."))


def _alike(key: Any, value: Any) -> bool:
    """Whether a sent value means a choice: ``12``, ``12.0`` and ``"12"`` are the same to a browser."""
    if str(key) == str(value):
        return True
    if isinstance(key, bool) or isinstance(value, bool):
        return False
    try:
        return float(key) == float(value)
    except (TypeError, ValueError, OverflowError):
        return False


def _typed(field: BuiltField, value: Any) -> Any:
    """A chosen value, made a number or a date if that is what the author says the variable is."""
    reader = _READERS.get(field.datatype)
    if reader is None or value is None or field.datatype in ("text", "ml", "raw"):
        return value
    return reader(value)


def _many(run: Run, field: BuiltField, value: Any) -> Any:
    """A DADict of every choice and whether it was ticked; gathered."""
    chosen: dict[str, bool] = {}
    if isinstance(value, Mapping):
        chosen = {str(key): boolean(ticked) is True for key, ticked in value.items()}
    elif isinstance(value, list | tuple):
        chosen = {str(key): True for key in value}
    elif not is_empty(value):
        chosen = {str(value): True}
    known = {str(choice.key): choice for choice in field.choices or ()}
    unknown = [key for key in chosen if key not in known]
    if unknown:
        raise Refused(word("You selected an item that is not one of the choices."))
    made = DADict(field.variable, elements={choice.value: chosen.get(key, False) for key, choice in known.items()})
    made.auto_gather = False
    made.gathered = True
    return made


def _objects(run: Run, field: BuiltField, value: Any) -> Any:
    by_name = {choice.key: choice.value for choice in field.choices or ()}

    def find(name: Any) -> Any:
        if not isinstance(name, str) or name not in by_name:
            raise Refused(word("You selected an item that is not one of the choices."))
        return by_name[name]

    if field.datatype not in OBJECT_MANY:
        if value is None or str(value).lower() in _NOBODY:
            return None
        return find(value)
    if isinstance(value, Mapping):
        value = [name for name, ticked in value.items() if boolean(ticked) is True]
    names = [] if is_empty(value) else list(value) if isinstance(value, list | tuple) else [value]
    present = lookup.fetch_or(run.namespace, field.variable or "")
    # A list that is there already keeps its class and settings.
    made = copy(present) if isinstance(present, DAList) else DAList(field.variable)
    made.elements = [find(name) for name in names]
    made.auto_gather = False
    made.gathered = True
    return made


def _files(run: Run, field: BuiltField, value: Any) -> Any:
    numbers = numbers_of(value)
    if not numbers:
        if is_empty(value):
            return None
        raise Refused(word("The file could not be read."))
    _known(run, numbers)
    return uploads.file_list(run, field.variable or "", numbers)


def _signature(run: Run, field: BuiltField, value: Any) -> Any:
    numbers = numbers_of(value)
    if not numbers:
        raise Refused(word("You must sign your name to continue."))
    _known(run, numbers[:1])
    return uploads.one_file(run, field.variable or "", numbers[0])


def _known(run: Run, numbers: list[int]) -> None:
    """Files are named by number: only those of this session may be."""
    for number in numbers:
        try:
            found = run.context.files.info(number)
        except LookupError:
            found = None
        if not found:
            raise Refused(word("The file could not be read."))


def numbers_of(value: Any) -> list[int]:
    """The file numbers in ``{"files": [1, 2]}`` (or a bare list)."""
    if isinstance(value, Mapping):
        value = value.get("files", [])
    if isinstance(value, int):
        value = [value]
    if not isinstance(value, list | tuple):
        return []
    try:
        return [int(number) for number in value]
    except (TypeError, ValueError):
        raise Refused(word("The file could not be read.")) from None


def boolean(value: Any) -> bool | None:
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
    if text in _NOBODY:
        return None
    raise Refused(word("Please answer yes or no."))


def _integer(value: Any) -> int:
    if isinstance(value, bool):
        raise Refused(word("Please enter a whole number."), "integer")
    if isinstance(value, int):
        return value
    number = _number(value)
    if number != int(number):
        raise Refused(word("Please enter a whole number."), "integer")
    return int(number)


def _number(value: Any) -> float | int:
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


def _floating(value: Any) -> float:
    try:
        return float(_number(value))
    except OverflowError:
        raise Refused(word("The number is too large."), "number") from None


def _raw(value: Any) -> str:
    return value.replace("\r\n", "\n") if isinstance(value, str) else str(value)


def _text(value: Any) -> str:
    """Text without HTML: only the datatype ``raw`` lets it through (docs fields.md, "Raw data").

    Tags go, as often as taking one out makes another; a ``<`` that could still begin one is parted from what follows.
    """
    text = _raw(value)
    while "<" in text:
        cleaned = _TAG.sub("", text)
        if cleaned == text:
            return _OPENING.sub("< ", text)
        text = cleaned
    return text


def _email(value: Any) -> str:
    text = str(value).strip()
    if not _EMAIL.fullmatch(text):
        raise Refused(word("You need to enter a complete e-mail address."), "email")
    return text


def _url(value: Any) -> str:
    text = str(value).strip()
    if not _URL.fullmatch(text):
        raise Refused(word("You need to enter a complete URL."), "url")
    return text


def _date(value: Any) -> Any:
    text = value.get("date", "") if isinstance(value, Mapping) else value
    try:
        found = as_datetime(text)
    except Exception:
        raise Refused(word("You need to enter a valid date."), "date") from None
    return found.replace(hour=0, minute=0, second=0, microsecond=0)


def _datetime(value: Any) -> Any:
    text = value.get("datetime", "") if isinstance(value, Mapping) else value
    try:
        return as_datetime(text)
    except Exception:
        raise Refused(word("You need to enter a valid date and time."), "datetime") from None


def _time(value: Any) -> Any:
    text = value.get("time", "") if isinstance(value, Mapping) else value
    try:
        return parser.parse(str(text)).time()
    except (ValueError, OverflowError):
        raise Refused(word("You need to enter a valid time."), "time") from None


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "text": _text,
    "password": _raw,
    "raw": _raw,
    "ml": _text,
    "tel": _text,
    "number": _floating,
    "currency": _floating,
    "range": _floating,
    "integer": _integer,
    "boolean": boolean,
    "threestate": boolean,
    "email": _email,
    "url": _url,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
}
