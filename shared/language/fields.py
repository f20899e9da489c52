"""Items of ``fields``: one input each, or a note, or code that makes more of them.

Source: fields.md, "Data types and input types" and "Options for items in fields".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.contract.datatype_columns import Datatype, Limits, Reading
from shared.contract.datatypes import INPUT_TYPES, NOTES, WRITTEN, WRITTEN_INPUT_TYPES, datatype_of, resolve
from shared.language.choices import read_choices
from shared.language.errors import did_you_mean
from shared.language.findings import Finding
from shared.language.frozen import FrozenDict
from shared.language.keys import FIELD_EXPRS, FIELD_FLAGS, FIELD_KEYS, FIELD_TEXTS, FIELD_VALUES
from shared.language.model import EMPTY, Choices, Expr, Field, Text, Value
from shared.language.names import is_computed
from shared.language.scope import Scope, kind_of
from shared.language.showif import read_show_ifs
from shared.language.text import is_mako
from shared.language.yamlfile import YamlList, YamlMap

#: Words of other languages for datatypes of this one, for hints.
_MEANT = {
    "int": "integer",
    "float": "number",
    "double": "number",
    "decimal": "number",
    "str": "text",
    "string": "text",
    "bool": "yesno",
    "boolean": "yesno",
    "money": "currency",
    "textarea": "area",
    "upload": "file",
}
_BESIDE_CHOICES = ("exclude", "none of the above", "all of the above", "shuffle")


def read_fields(scope: Scope, data: YamlMap) -> tuple[Field, ...]:
    """The fields of a question, whether written as a list, or one as a mapping."""
    value, line = data["fields"], data.value_lines["fields"]
    if isinstance(value, YamlMap):
        pairs: list[tuple[object, int]] = _mapped(value, line)
    elif isinstance(value, YamlList):
        pairs = list(zip(value, value.lines, strict=True))
    elif isinstance(value, str):
        scope.report(
            Finding.WRONG_KIND,
            line,
            "'fields' must be a list of fields, not text",
            "write `- Label: variable` on a line below",
        )
        return ()
    else:
        scope.report(Finding.WRONG_KIND, line, f"'fields' must be a list of fields, not {kind_of(value)}")
        return ()
    made = []
    before = len(scope.problems)
    for item, at in pairs:
        if not isinstance(item, YamlMap):
            scope.report(Finding.WRONG_KIND, at, f"a field must be `Label: variable`, not {kind_of(item)}")
            continue
        field = read_field(scope, item, at)
        if field is not None:
            made.append(field)
    if not made and len(scope.problems) == before:
        scope.report(Finding.MISSING_PART, line, "'fields' is empty", "write `- Label: variable`")
    return tuple(made)


def _mapped(data: YamlMap, line: int) -> list[tuple[object, int]]:
    """``fields`` written as a mapping: one field with its keys, or nothing but `Label: variable` pairs (interviews.md, "YAML")."""
    labels = [key for key in data if key not in FIELD_KEYS]
    if len(labels) < 2 or len(labels) < len(data):
        return [(data, line)]
    return [(data.only(key), data.key_lines[key]) for key in data]


def read_field(scope: Scope, data: YamlMap, line: int) -> Field | None:
    if "code" in data and not set(data) - {"code", "comment"}:
        return Field(place=scope.place(line), kind="code", code=scope.expr(data, "code"))
    label_key, extras = _label_key(scope, data, line)
    if label_key is None and "field" not in data:
        for kind in NOTES:
            if kind in data:
                return _note(scope, data, line, kind)
        scope.report(Finding.MISSING_PART, line, "this field has no label and no variable", "write `- Label: variable`")
        return None
    if label_key is None:
        variable = scope.name(data, "field")
        label, present = scope.text(data, "label"), data.get("label") is not None
    else:
        variable = scope.name_at(data[label_key], data.value_lines[label_key], f"the field {str(label_key)!r}")
        present = label_key != "no label"
        label = scope.text_at(str(label_key), data.key_lines[label_key], "the label") if present else None
    if variable is None:
        return None
    if is_computed(variable):
        message = f"the field {variable!r} has an index that is computed"
        hint = "write the index as a name or a number: set a variable to it in a code block"
        scope.report(Finding.NOT_A_NAME, data.value_lines.get(label_key or "field", line), message, hint)
        return None
    scope.sets[variable] = None
    return _input(scope, data, line, variable, label, present, extras)


def _label_key(scope: Scope, data: YamlMap, line: int) -> tuple[object, list[object]]:
    """The key that is the label, and unknown keys, which belong to a custom datatype."""
    unknown = [key for key in data if key not in FIELD_KEYS]
    if "field" in data:
        return None, _refuse_extras(scope, data, unknown)
    if not unknown:
        return None, []
    label, extras = unknown[0], unknown[1:]
    return label, _refuse_extras(scope, data, extras)


def _refuse_extras(scope: Scope, data: YamlMap, extras: list[object]) -> list[object]:
    if not extras or _parameters(scope, data.get("datatype")) is not None:
        return extras
    for key in extras:
        scope.unknown_key(
            data, key, FIELD_KEYS, "a field, and this field has its label already", "begin each field with a dash"
        )
    return []


def _parameters(scope: Scope, datatype: object) -> Mapping[str, str] | None:
    """Those of a custom datatype; None if it is none."""
    if not isinstance(datatype, str) or datatype.strip() in WRITTEN:
        return None
    return {} if scope.datatypes is None else scope.datatypes(datatype.strip())


def _note(scope: Scope, data: YamlMap, line: int, kind: str) -> Field:
    options: dict[str, Value] = {}
    _common_options(scope, data, options)
    for other in NOTES:
        if other != kind and other in data:
            options[other] = scope.text(data, other)
    return Field(
        place=scope.place(line),
        kind=kind,
        label=scope.text(data, kind),
        datatype=kind,
        required=False,
        show_ifs=read_show_ifs(scope, data),
        options=FrozenDict(options),
    )


def _input(
    scope: Scope, data: YamlMap, line: int, variable: str, label: Text | None, present: bool, extras: list[object]
) -> Field:
    datatype, input_type, parameters = _types(scope, data)
    options: dict[str, Value] = {}
    _common_options(scope, data, options)
    for note in NOTES:
        if note in data:
            options[note] = scope.text(data, note)
    for key in extras:
        options[str(key)] = _parameter(scope, data, key, parameters)
    entry = datatype_of(datatype)
    if entry.reading is Reading.OBJECTS:
        scope.sets[f"{variable}.gathered"] = None
    choices, object_choices = _choices(scope, data, entry.objects)
    _check_options(scope, data, entry, input_type, options)
    default: Value = None
    object_default: tuple[Expr, ...] = ()
    if "default" in data:
        if entry.objects:
            object_default = _object_default(scope, data)
        else:
            default = scope.value_or_code(data, "default")
    return Field(
        place=scope.place(line),
        variable=variable,
        label=label,
        label_present=present,
        datatype=datatype,
        input_type=input_type,
        required=scope.flag(data, "required", default=True),
        default=default,
        hint=scope.text(data, "hint"),
        help=scope.text(data, "help"),
        choices=choices,
        object_choices=object_choices,
        object_default=object_default,
        object_labeler=scope.expr(data, "object labeler"),
        show_ifs=read_show_ifs(scope, data),
        validate=scope.expr(data, "validate"),
        validation_messages=_messages(scope, data),
        options=FrozenDict(options) if options else EMPTY,
    )


def _types(scope: Scope, data: YamlMap) -> tuple[str, str | None, Mapping[str, str] | None]:
    """(datatype, input type, parameters of a custom datatype)."""
    written, input_type = data.get("datatype"), data.get("input type")
    if written is None and input_type in WRITTEN and input_type not in WRITTEN_INPUT_TYPES:
        line, hint = data.value_lines["input type"], f"write `datatype: {input_type}`"
        scope.report(Finding.UNKNOWN_INPUT, line, f"{input_type!r} is a datatype, not an input type", hint)
        written, input_type = input_type, None
    if input_type is not None and (not isinstance(input_type, str) or input_type not in WRITTEN_INPUT_TYPES):
        known = sorted(WRITTEN_INPUT_TYPES)
        hint = did_you_mean(str(input_type), WRITTEN_INPUT_TYPES) or f"known are {', '.join(known)}"
        scope.report(Finding.UNKNOWN_INPUT, data.value_lines["input type"], f"unknown input type {input_type!r}", hint)
        input_type = None
    if written is None:
        return "text", input_type, None
    if not isinstance(written, str):
        scope.report(
            Finding.BAD_VALUE, data.value_lines["datatype"], f"'datatype' must be a word, not {kind_of(written)}"
        )
        return "text", input_type, None
    written = written.strip()
    if written in WRITTEN:
        if written in ("ml", "mlarea"):
            message = f"{written!r} is a plain text here: there is no machine learning"
            scope.report(Finding.NOT_THERE, data.value_lines["datatype"], message, "its value is what was typed")
        return *resolve(written, input_type), None
    parameters = _parameters(scope, written)
    if parameters is None:
        meant = _MEANT.get(written.lower())
        hint = f"did you mean {meant!r}?" if meant else did_you_mean(written, WRITTEN)
        hint = hint or "no module of the interview's packages defines it"
        scope.report(Finding.UNKNOWN_DATATYPE, data.value_lines["datatype"], f"unknown datatype {written!r}", hint)
        return "text", input_type, None
    return written, input_type, parameters


def _parameter(scope: Scope, data: YamlMap, key: Any, parameters: Mapping[str, str] | None) -> Value:
    """A parameter of a custom datatype: plain, code or Mako, as its class says."""
    kind = (parameters or {}).get(key)
    if kind == "code":
        return scope.expr(data, key)
    return scope.text(data, key) if kind == "mako" else scope.value(data, key)


def _choices(scope: Scope, data: YamlMap, is_object: bool) -> tuple[Choices | None, tuple[Expr, ...]]:
    if "choices" in data and "code" in data:
        scope.report(
            Finding.RIVALS, data.key_lines["code"], "a field cannot have both 'choices' and 'code'", "keep one of them"
        )
    key = "choices" if "choices" in data else "code" if "code" in data else None
    if key is None:
        used = any(name in data for name in _BESIDE_CHOICES)
        return (read_choices(scope, _without_items(data), "choices"), ()) if used else (None, ())
    if not is_object:
        return read_choices(scope, data, key), ()
    objects = []
    for value, at in scope.items(data, key):
        made = scope.expr_at(value, at, "a choice of objects")
        if made is not None:
            objects.append(made)
    return read_choices(scope, _without_items(data), "choices"), tuple(objects)


def _check_options(
    scope: Scope, data: YamlMap, datatype: Datatype, input_type: str | None, options: dict[str, Value]
) -> None:
    """What the datatype asks of the other keys: choices to choose from, limits that are numbers."""
    look = INPUT_TYPES.get(input_type or "")
    chosen = datatype.choose or (not datatype.truth and look is not None and look.choose)
    if chosen and "choices" not in data and "code" not in data:
        written = data.get("datatype") if datatype.choose or "input type" not in data else input_type
        line = data.value_lines["datatype" if written == data.get("datatype") else "input type"]
        scope.report(
            Finding.MISSING_PART,
            line,
            f"a field of the type {written!r} needs choices",
            "add `choices:` or, for a list made by Python, `code:`",
        )
    for key in datatype.limits.keys if datatype.limits in (Limits.NUMBER, Limits.SLIDER) else ():
        value = data.get(key)
        if value is not None and not _number_or_mako(value):
            message = f"{key!r} of a number must be a number or Mako, not {value!r}"
            scope.report(Finding.BAD_VALUE, data.value_lines[key], message)
            options.pop(key, None)


def _number_or_mako(value: object) -> bool:
    if not isinstance(value, str):
        return isinstance(value, int | float) and not isinstance(value, bool)
    try:
        float(value)
    except ValueError:
        return is_mako(value)
    return True


def _without_items(data: YamlMap) -> YamlMap:
    """The keys that go with choices, and no choices."""
    result = data.only(*(key for key in _BESIDE_CHOICES if key in data))
    result["choices"] = YamlList(data.line)
    return result


def _object_default(scope: Scope, data: YamlMap) -> tuple[Expr, ...]:
    value = data["default"]
    if isinstance(value, YamlMap) and set(value) == {"code"}:
        return scope.exprs(value, "code")
    return scope.exprs(data, "default")


def _messages(scope: Scope, data: YamlMap) -> Mapping[str, Text]:
    if data.get("validation messages") is None:
        return EMPTY
    messages = scope.expect_map(
        data["validation messages"], data.value_lines["validation messages"], "'validation messages'"
    )
    if messages is None:
        return EMPTY
    texts = {str(key): scope.text(messages, key) for key in messages}
    return FrozenDict({key: text for key, text in texts.items() if text is not None})


def _common_options(scope: Scope, data: YamlMap, options: dict[str, Value]) -> None:
    for key in data:
        if key in FIELD_TEXTS and key not in {"hint", "help"}:
            options[key] = scope.text(data, key)
        elif key in FIELD_FLAGS:
            options[key] = scope.flag(data, key)
        elif key in FIELD_EXPRS:
            options[key] = scope.expr(data, key)
        elif key in FIELD_VALUES:
            options[key] = scope.value(data, key)
        elif key in {"disable others", "uncheck others", "check others"}:
            options[key] = scope.names(data, key) if isinstance(data[key], list) else scope.flag(data, key)
        elif key == "address autocomplete":
            options[key] = scope.value(data, key) if isinstance(data[key], YamlMap) else scope.flag(data, key)
        elif key in {"grid", "item grid"}:
            options[key] = _grid(scope, data, key)
        elif key in {"allow users", "allow privileges"}:
            options[key] = scope.value_or_code(data, key)


def _grid(scope: Scope, data: YamlMap, key: str) -> Value:
    """``grid: 6``, an expression, or a mapping of expressions in which ``breakpoint`` is Mako."""
    value = data[key]
    if not isinstance(value, YamlMap):
        return scope.value_at(value, data.value_lines[key], repr(key), code=True)
    parts: dict[str, Value] = {}
    for name in value:
        if name not in {"width", "label width", "offset", "start", "end", "breakpoint"}:
            scope.unknown_key(value, name, (), repr(key))
        at = value.value_lines[name]
        parts[str(name)] = scope.value_at(value[name], at, repr(name), code=name != "breakpoint")
    return FrozenDict(parts)
