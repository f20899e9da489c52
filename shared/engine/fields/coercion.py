"""From what the user sent to the value that a field's variable gets: choices, objects and files of this session, else by datatype.

Not for: reading one datatype (``readers``), limits and the author's validation (``validation``). Raises `Refused` with a message for the user.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import copy
from fnmatch import fnmatch
from typing import Any

from shared.authoring.objects import DADict, DAFile, DAFileList, DAList
from shared.authoring.text.words import word
from shared.contract.datatype_columns import Reading
from shared.engine.documents import uploads
from shared.engine.fields import datatypes
from shared.engine.fields.fields import BuiltField
from shared.engine.fields.readers import NOBODY, READERS, boolean, is_empty, raw
from shared.engine.fields.refusal import Refused
from shared.engine.naming import lookup
from shared.engine.run import Run


def coerce(run: Run, field: BuiltField, value: object) -> object:
    """The value for the field's variable. Raises `Refused`."""
    datatype = field.datatype
    of_field = FIELD_READERS.get(datatype.reading)
    if of_field is not None:
        return of_field(run, field, value)
    if field.choices is not None and not (field.look is not None and field.look.free):
        return _one_of(field, value)
    if is_empty(value) and not datatype.truth:
        return blank(field)
    reader = READERS.get(datatype.reading)
    return _custom(run, field, value) if reader is None else reader(value)


def blank(field: BuiltField) -> object:
    """What a field that needs no answer holds when it has none (docs fields.md, "required")."""
    return None if field.choices is not None else field.datatype.blank


def _one_of(field: BuiltField, value: object) -> object:
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


def _typed(field: BuiltField, value: object) -> object:
    """A chosen value, made a number or a date if that is what the author says the variable is."""
    reader = READERS.get(field.datatype.reading)
    if reader is None or value is None or field.datatype.reading in (Reading.TEXT, Reading.RAW):
        return value
    return reader(value)


def _many(run: Run, field: BuiltField, value: object) -> object:
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


def _objects(run: Run, field: BuiltField, value: object) -> object:
    by_name = {choice.key: choice.value for choice in field.choices or ()}

    def find(name: object) -> object:
        if not isinstance(name, str) or name not in by_name:
            raise Refused(word("You selected an item that is not one of the choices."))
        return by_name[name]

    if not field.datatype.many:
        if value is None or str(value).lower() in NOBODY:
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


def _custom(run: Run, field: BuiltField, value: object) -> object:
    return datatypes.transform(run, field.field, field.variable or "", raw(value))


def _files(run: Run, field: BuiltField, value: object) -> object:
    numbers = numbers_of(value)
    if not numbers:
        if is_empty(value):
            return None
        raise Refused(word("The file could not be read."))
    _known(run, numbers)
    accept = str(field.screen.options.get("accept") or "").strip().strip("'\"")
    if accept and not all(_accepted(accept, run.context.files.info(number)) for number in numbers):
        raise Refused(word("This kind of file is not accepted."), "accept")
    return _for_whom(run, field, uploads.file_list(run, field.variable or "", numbers))


def _accepted(accept: str, file: Mapping[str, object]) -> bool:
    """Whether a file is of a kind that ``accept`` names: endings, or MIME types, as in HTML; one of no known kind is of any."""
    name, mimetype = str(file.get("filename", "")).lower(), str(file.get("mimetype", "")).lower()
    kinds = [kind for kind in re.split(r"[\s,|]+", accept.lower()) if kind]
    if any(name.endswith(kind) for kind in kinds if kind.startswith(".")):
        return True
    wanted = [kind for kind in kinds if not kind.startswith(".")]
    unknown = mimetype in ("", "application/octet-stream")
    return bool(wanted) and (unknown or any(fnmatch(mimetype, kind) for kind in wanted))


def _signature(run: Run, field: BuiltField, value: object) -> object:
    numbers = numbers_of(value)
    if not numbers:
        raise Refused(word("You must sign your name to continue."))
    _known(run, numbers[:1])
    return _for_whom(run, field, uploads.one_file(run, field.variable or "", numbers[0]))


def _for_whom(run: Run, field: BuiltField, files: DAFile | DAFileList) -> DAFile | DAFileList:
    """The field's word on who may read what is sent (fields.md, "private", "persistent")."""
    private, persistent = (field.screen.options.get(name) for name in ("private", "persistent"))
    if private is not None or persistent is not None:
        files.set_attributes(private=private is None or run.truth(private), persistent=run.truth(persistent))
    return files


def _known(run: Run, numbers: list[int]) -> None:
    """Files are named by number: only those of this session may be."""
    for number in numbers:
        try:
            found = run.context.files.info(number)
        except LookupError:
            found = None
        if not found:
            raise Refused(word("The file could not be read."))


def numbers_of(value: object) -> list[int]:
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


#: What needs the field and the session.
FIELD_READERS: Mapping[Reading, Callable[[Run, BuiltField, object], object]] = {
    Reading.OBJECT: _objects,
    Reading.OBJECTS: _objects,
    Reading.TICKS: _many,
    Reading.FILES: _files,
    Reading.SIGNATURE: _signature,
}
