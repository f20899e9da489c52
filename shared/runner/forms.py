"""Dataclasses of the contracts (Request, Outcome, Screen …) as plain dicts and back, by their type hints.

The one place where they are taken apart, and strict: an unknown key, a missing one or a value of another type is a
`BadForm` that names it. Fields that have their default value are left out. Values whose hint is Any must be plain.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

Convert = Callable[[Any], Any]

_SCALARS: tuple[type, ...] = (str, bytes, int, float, bool, type(None), datetime)

_WRITERS: dict[Any, Convert] = {}
_READERS: dict[Any, Convert] = {}

_SIMPLE = frozenset({str, int, float, bool, bytes, type(None)})


class BadForm(ValueError):
    """A value does not have the form its dataclass says. The message names class, field and what was expected."""


def write(value: Any) -> dict[str, Any]:
    """The dict of a dataclass instance."""
    made: dict[str, Any] = _writer(type(value))(value)
    return made


def read(cls: type[T], form: Any) -> T:
    """The instance of the dataclass `cls` that `form` describes. Raises `BadForm`."""
    made: T = _reader(cls)(form)
    return made


def _fields(cls: Any) -> list[tuple[dataclasses.Field[Any], Any]]:
    hints = get_type_hints(cls)
    return [(item, hints[item.name]) for item in dataclasses.fields(cls) if _travels(hints[item.name])]


def _travels(hint: Any) -> bool:
    """Ports (protocols, callables) in a dataclass stay where they are: the other side puts in its own."""
    parts = get_args(hint) if _is_union(hint) else (hint,)
    return not any(getattr(part, "_is_protocol", False) or get_origin(part) is Callable for part in parts)


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in (Union, types.UnionType)


_MISSING = object()


def _default(item: dataclasses.Field[Any]) -> Any:
    if item.default is not dataclasses.MISSING:
        return item.default
    if item.default_factory is not dataclasses.MISSING:
        return item.default_factory()
    return _MISSING


# -- writing


def _writer(cls: Any) -> Convert:
    made = _WRITERS.get(cls)
    if made is None:
        made = _WRITERS[cls] = _make_writer(cls)
    return made


def _make_writer(cls: Any) -> Convert:
    parts = [(item.name, _default(item), _write_hint(hint)) for item, hint in _fields(cls)]

    def convert(value: Any) -> dict[str, Any]:
        form = {}
        for name, default, part in parts:
            content = getattr(value, name)
            if content is not default and (type(content) is not type(default) or content != default):
                form[name] = part(content)
        return form

    return convert


def _write_hint(hint: Any) -> Convert:
    if dataclasses.is_dataclass(hint):
        return lambda value: _writer(hint)(value)
    if _is_union(hint):
        classes = _dataclasses_of(hint)
        if len(classes) > 1:
            return lambda value: {"is": type(value).__name__, **_writer(type(value))(value)}
        rest = [part for part in get_args(hint) if part is not type(None)]
        if len(rest) == 1:
            inner = _write_hint(rest[0])
            return lambda value: None if value is None else inner(value)
        return plain
    if get_origin(hint) is tuple and len(get_args(hint)) == 2 and get_args(hint)[1] is Ellipsis:
        item = _write_hint(get_args(hint)[0])
        return lambda value: [item(part) for part in value]
    return plain


def _dataclasses_of(hint: Any) -> dict[str, type]:
    return {part.__name__: part for part in get_args(hint) if dataclasses.is_dataclass(part) and isinstance(part, type)}


def plain(value: Any) -> Any:
    """A value of hint Any: mappings of any kind become dicts, the rest is the codec's business."""
    if type(value) in _SIMPLE:
        return value
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value


# -- reading


def _reader(cls: Any) -> Convert:
    made = _READERS.get(cls)
    if made is None:
        made = _READERS[cls] = _make_reader(cls)
    return made


def _make_reader(cls: Any) -> Convert:
    parts = {item.name: _read_hint(hint, f"{cls.__name__}.{item.name}") for item, hint in _fields(cls)}
    needed = [item.name for item, _ in _fields(cls) if _default(item) is _MISSING]
    name = cls.__name__

    def convert(form: Any) -> Any:
        if type(form) is not dict:
            raise BadForm(f"{name}: a dict is expected, not {type(form).__name__}")
        values = {}
        for key, content in form.items():
            part = parts.get(key)
            if part is None:
                raise BadForm(f"{name}: there is no field {key!r:.80}")
            values[key] = part(content)
        for key in needed:
            if key not in values:
                raise BadForm(f"{name}: the field {key} is missing")
        return cls(**values)

    return convert


def _read_hint(hint: Any, place: str) -> Convert:
    if dataclasses.is_dataclass(hint):
        return lambda form: _reader(hint)(form)  # (late: the classes may refer to each other)
    if _is_union(hint):
        return _read_union(hint, place)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        return _read_tuple(arguments, place)
    if origin in (Mapping, dict) or (origin is not None and issubclass(origin, Mapping)):
        return _read_mapping(arguments, place)
    if hint in _SCALARS:
        return _read_scalar((hint,), place)
    if hint is Any:
        return lambda form: form
    raise TypeError(f"{place}: the hint {hint} is not one that travels")


def _read_union(hint: Any, place: str) -> Convert:
    members = get_args(hint)
    classes = _dataclasses_of(hint)
    if len(classes) > 1:

        def which(form: Any) -> Any:
            if type(form) is not dict or form.get("is") not in classes:
                raise BadForm(f"{place}: one of {', '.join(classes)} is expected")
            return _reader(classes[form["is"]])({key: value for key, value in form.items() if key != "is"})

        return which
    if all(member in _SCALARS for member in members):
        return _read_scalar(members, place)
    rest = [member for member in members if member is not type(None)]
    if len(rest) == 1:
        inner = _read_hint(rest[0], place)
        return lambda form: None if form is None else inner(form)
    raise TypeError(f"{place}: the hint {hint} is not one that travels")


def _read_tuple(arguments: tuple[Any, ...], place: str) -> Convert:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        item = _read_hint(arguments[0], place)

        def items(form: Any) -> tuple[Any, ...]:
            if type(form) not in (list, tuple):
                raise BadForm(f"{place}: a list is expected, not {type(form).__name__}")
            return tuple(item(part) for part in form)

        return items
    each = [_read_hint(argument, place) for argument in arguments]

    def row(form: Any) -> tuple[Any, ...]:
        if type(form) not in (list, tuple) or len(form) != len(each):
            raise BadForm(f"{place}: a list of {len(each)} is expected")
        return tuple(convert(part) for convert, part in zip(each, form, strict=True))

    return row


def _read_mapping(arguments: tuple[Any, ...], place: str) -> Convert:
    _, content = arguments or (str, Any)
    item = _read_hint(content, place)

    def mapping(form: Any) -> dict[str, Any]:
        if type(form) is not dict:
            raise BadForm(f"{place}: a dict is expected, not {type(form).__name__}")
        if not all(type(key) is str for key in form):
            raise BadForm(f"{place}: keys must be texts")
        return {key: item(part) for key, part in form.items()}

    return mapping


def _read_scalar(kinds: tuple[type, ...], place: str) -> Convert:
    allowed = set(kinds) | ({int} if float in kinds else set())
    names = " or ".join(kind.__name__ for kind in kinds)

    def scalar(form: Any) -> Any:
        if type(form) not in allowed:
            raise BadForm(f"{place}: {names} is expected, not {type(form).__name__}")
        return form

    return scalar
