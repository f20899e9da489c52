"""Every datatype and input type of fields, once: what the language, the engine, the gateway and its script know of each.

A new datatype is one entry of `DATATYPES` (or of `INPUT_TYPES`, if it only looks different). Each of its columns is a word
that one reader gives a meaning to:

- `keys` and `limits`: which keys of a field it understands (``shared.language.fields``);
- `reading` and `blank`: how what was sent becomes a value, and what it is without an answer (``shared.engine.answering``);
- `limits`: which rule holds for the value (``shared.engine.fields.validation``);
- `control`, `input` and `rule`: what is shown (``services.gateway.render``); the page's script reads the attributes made of
  `input`, `rule` and `limits`, and has no table of its own.

Datatypes of authors (``CustomDataType``) are entries made by `custom`. Source: fields.md, "Data types and input types".
Does not live here: the functions themselves, and any text that a user reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar

from shared.contract.datatype_columns import Control, Datatype, Input, InputType, Limits, Reading, Rule

_Entry = TypeVar("_Entry", Datatype, InputType)

_COUNTED = frozenset({"none of the above", "all of the above"})
_UPLOADED = frozenset({"accept", "maximum image size", "image upload type", "persistent", "private", "file css class",
                       "allow users", "allow privileges"})  # fmt: skip


def _text(name: str, reading: Reading, input: Input | None = None, *, secret: bool = False) -> Datatype:
    return Datatype(name=name, reading=reading, limits=Limits.LENGTH, input=input or Input(), secret=secret)


def _number(name: str, rule: Rule, *, whole: bool = False, keys: frozenset[str] = frozenset()) -> Datatype:
    # Not type=number: it loses what it cannot parse, counts on the mouse wheel, and refuses 1,000.
    return Datatype(
        name=name,
        reading=Reading.INTEGER if whole else Reading.NUMBER,
        limits=Limits.NUMBER,
        rule=rule,
        blank=0 if whole else 0.0,
        input=Input(mode="numeric" if whole else "decimal", autocomplete="off"),
        keys=keys,
    )


def _moment(name: str, reading: Reading, type: str) -> Datatype:
    return Datatype(name=name, reading=reading, limits=Limits.MOMENT, input=Input(type=type))


def _chosen(name: str, reading: Reading, control: Control, *, limits: Limits = Limits.NONE) -> Datatype:
    keys = frozenset({"object labeler", "help generator", "image generator"}) if reading is not Reading.TICKS else None
    return Datatype(
        name=name, reading=reading, control=control, limits=limits, blank=None, choose=True, keys=keys or _COUNTED
    )


def _files(
    name: str, *, accept: str | None = None, capture: str | None = None, multiple: bool = False, written: bool = True
) -> Datatype:
    return Datatype(
        name=name,
        reading=Reading.FILES,
        control=Control.FILE,
        input=Input(type="file", accept=accept, capture=capture, multiple=multiple),
        blank=None,
        written=written,
        keys=_UPLOADED,
    )


def _by_name(entries: Iterable[_Entry]) -> Mapping[str, _Entry]:
    return MappingProxyType({entry.name: entry for entry in entries})


DATATYPES: Mapping[str, Datatype] = _by_name(
    [
        _text("text", Reading.TEXT),
        _text("raw", Reading.RAW),
        _text("ml", Reading.TEXT),
        _text("tel", Reading.TEXT, Input(type="tel", mode="tel", autocomplete="tel")),
        _text("password", Reading.RAW, Input(type="password", autocomplete="current-password"), secret=True),
        _text("email", Reading.EMAIL, Input(type="email", mode="email", autocomplete="email")),
        _text("url", Reading.URL, Input(type="url", mode="url")),
        _number("integer", Rule.INTEGER, whole=True),
        _number("number", Rule.NUMBER),
        _number("currency", Rule.NUMBER, keys=frozenset({"currency symbol"})),
        Datatype(
            name="range",
            reading=Reading.NUMBER,
            control=Control.RANGE,
            limits=Limits.SLIDER,
            input=Input(type="range"),
            blank=0.0,
            insist=False,
            keys=frozenset({"scale"}),
        ),
        _moment("date", Reading.DATE, "date"),
        _moment("time", Reading.TIME, "time"),
        _moment("datetime", Reading.DATETIME, "datetime-local"),
        Datatype(name="boolean", reading=Reading.TRUTH, control=Control.CHECKBOX, blank=None, insist=False),
        Datatype(name="threestate", reading=Reading.TRUTH, control=Control.RADIO, blank=None, maybe=True),
        _chosen("checkboxes", Reading.TICKS, Control.CHECKBOXES, limits=Limits.COUNT),
        _chosen("multiselect", Reading.TICKS, Control.MULTISELECT, limits=Limits.COUNT),
        _chosen("object", Reading.OBJECT, Control.DROPDOWN),
        _chosen("object_radio", Reading.OBJECT, Control.RADIO),
        _chosen("object_checkboxes", Reading.OBJECTS, Control.CHECKBOXES, limits=Limits.COUNT),
        _chosen("object_multiselect", Reading.OBJECTS, Control.MULTISELECT, limits=Limits.COUNT),
        _files("file"),
        _files("files", multiple=True),
        _files("camera", accept="image/*"),
        _files("user", accept="image/*", capture="user"),
        _files("environment", accept="image/*", capture="environment"),
        _files("camcorder", accept="video/*"),
        _files("microphone", accept="audio/*"),
        Datatype(name="signature", reading=Reading.SIGNATURE, control=Control.SIGNATURE, blank=None, written=False),
    ]
)


def _yes_no(name: str, control: Control, **how: bool) -> InputType:
    maybe = how.get("maybe", False)
    insist = control is Control.RADIO
    return InputType(name=name, control=control, of="threestate" if maybe else "boolean", insist=insist, **how)


INPUT_TYPES: Mapping[str, InputType] = _by_name(
    [
        InputType(name="area", control=Control.AREA, written=True),
        # Of Parley's own: three boxes for a date that one knows by heart.
        InputType(name="date parts", control=Control.INPUT, of="date", written=True),
        InputType(name="hidden", control=Control.HIDDEN, written=True),
        InputType(name="radio", control=Control.RADIO, choose=True, written=True),
        InputType(name="dropdown", control=Control.DROPDOWN, choose=True, written=True),
        InputType(name="combobox", control=Control.COMBOBOX, choose=True, free=True, written=True),
        InputType(name="datalist", control=Control.DATALIST, choose=True, free=True, written=True),
        InputType(name="ajax", control=Control.AJAX, free=True, written=True),
        _yes_no("yesno", Control.CHECKBOX),
        _yes_no("noyes", Control.CHECKBOX, inverted=True),
        _yes_no("yesnowide", Control.CHECKBOX, wide=True),
        _yes_no("noyeswide", Control.CHECKBOX, wide=True, inverted=True),
        _yes_no("yesnoradio", Control.RADIO),
        _yes_no("noyesradio", Control.RADIO, inverted=True),
        _yes_no("yesnomaybe", Control.RADIO, maybe=True),
        _yes_no("noyesmaybe", Control.RADIO, maybe=True, inverted=True),
    ]
)

#: Written datatypes that are another one, with an input type.
_OLDER = MappingProxyType({"mlarea": ("ml", "area"), "float": ("number", None), "pulldown": ("text", "dropdown")})

#: All that an author may write as ``datatype``, besides what his own modules define.
WRITTEN = frozenset({*(entry.name for entry in DATATYPES.values() if entry.written), *INPUT_TYPES, *_OLDER})
#: All that an author may write as ``input type``.
WRITTEN_INPUT_TYPES = frozenset(entry.name for entry in INPUT_TYPES.values() if entry.written)

#: Fields that ask for nothing and only show or run what they are.
NOTES = ("note", "html", "raw html", "script", "css")


def resolve(datatype: str, input_type: str | None = None) -> tuple[str, str | None]:
    """What is written as ``datatype`` (and ``input type``, which goes before) as the names of a datatype and an input type.

    Other names are those of authors' datatypes and stay.
    """
    if datatype in DATATYPES:
        return datatype, input_type
    if datatype in _OLDER:
        name, look = _OLDER[datatype]
        return name, input_type or look
    if datatype in INPUT_TYPES:
        return INPUT_TYPES[datatype].of, input_type or datatype
    return datatype, input_type


def custom(name: str, input_type: str = "text") -> Datatype:
    """A datatype that an author's class defines. `input_type` is the type of its ``<input>``."""
    known = next((entry.input for entry in DATATYPES.values() if entry.input.type == input_type), None)
    found = Input(type=input_type) if known is None or input_type == "text" else known
    return Datatype(name=name, reading=Reading.CUSTOM, limits=Limits.ANY, input=found)


def datatype_of(name: str) -> Datatype:
    """The entry of a resolved name; what the table does not have is an author's."""
    return DATATYPES.get(name) or custom(name)


def control_of(datatype: Datatype, look: InputType | None, *, has_choices: bool) -> Control:
    """What the user handles: as the input type says, where the datatype leaves it a choice."""
    if look is not None and look.control is Control.HIDDEN:
        return Control.HIDDEN
    if datatype.files or datatype.many or datatype.control is Control.SIGNATURE:
        return datatype.control
    if look is not None and not (
        look.choose and datatype.truth and not has_choices and look.control is not Control.RADIO
    ):
        control = look.control
    else:
        control = datatype.control
    choosing = control in (Control.INPUT, Control.AREA, Control.RANGE) or (control is Control.CHECKBOX and look is None)
    return Control.DROPDOWN if has_choices and choosing else control
