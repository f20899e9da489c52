"""When a field is shown or enabled: ``show if`` and its kin.

Source: fields.md, "show if" to "js enable if and js disable if".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from shared.language.findings import Finding
from shared.language.keys import SHOW_IFS
from shared.language.model import ShowIf
from shared.language.names import normalise
from shared.language.scope import Scope, kind_of
from shared.language.yamlfile import YamlMap

_KEYS = ("variable", "is", "code")
#: Keys that contradict each other on one field.
_RIVALS = (
    ("show if", "hide if"),
    ("enable if", "disable if"),
    ("js show if", "js hide if"),
    ("js enable if", "js disable if"),
)


def read_show_ifs(scope: Scope, data: YamlMap) -> tuple[ShowIf, ...]:
    """Every rule of a field, in the order of `SHOW_IFS`. All of them must hold."""
    for one, other in _RIVALS:
        if one in data and other in data:
            message = f"a field has both {one!r} and {other!r}: it is shown where both allow it"
            scope.report(Finding.RIVALS, data.key_lines[other], message, "keep one of them")
    return tuple(rule for key in SHOW_IFS if key in data for rule in _read(scope, data, key))


def _read(scope: Scope, data: YamlMap, key: str) -> Iterator[ShowIf]:
    value, line = data[key], data.value_lines[key]
    sign = "show" in key or "enable" in key
    disable = "able if" in key
    if key.startswith("js "):
        js = scope.text(data, key)
        if js is not None:
            yield ShowIf(sign=sign, disable=disable, js=js)
    elif isinstance(value, YamlMap):
        yield from _mapped(scope, value, line, key, ShowIf(sign=sign, disable=disable))
    elif isinstance(value, (str, bool)):
        name = _watched(scope, value if isinstance(value, str) else str(value), line, key)
        if name is not None:
            yield ShowIf(sign=sign, disable=disable, variable=name)
    else:
        message = f"{key!r} must be a variable of the screen, or a mapping with 'code', not {kind_of(value)}"
        scope.report(Finding.NO_VARIABLE, line, message)


def _mapped(scope: Scope, value: YamlMap, line: int, key: str, rule: ShowIf) -> Iterator[ShowIf]:
    """``variable`` and ``is`` are a rule of the page, ``code`` is one of the server; with all of them, both hold."""
    for extra in value:
        if extra not in _KEYS:
            scope.unknown_key(value, extra, _KEYS, repr(key), "'variable' and 'is', or 'code', are known")
    if "code" in value:
        if rule.disable:
            scope.report(Finding.BAD_VALUE, line, f"{key!r} cannot use code", "'disabled' takes a Python expression")
        elif (code := scope.expr(value, "code")) is not None:
            yield replace(rule, code=code)
    if "variable" in value:
        name = _watched(scope, value["variable"], value.value_lines["variable"], key)
        if name is not None and "is" in value:
            yield replace(rule, variable=name, is_value=scope.value(value, "is"), has_is=True)
        elif name is not None:
            yield replace(rule, variable=name)
    elif "code" not in value:
        scope.report(Finding.LEFT_OUT, line, f"{key!r} must have 'variable' and 'is', or 'code'")


def _watched(scope: Scope, value: object, line: int, key: str) -> str | None:
    """The variable that a rule watches; None for what is no variable, which leaves the field shown."""
    name = normalise(value) if isinstance(value, str) else None
    if name is None:
        shown = repr(value.strip()) if isinstance(value, str) else kind_of(value)
        hint = "use `variable:` and `is:`, or `code:`"
        scope.report(Finding.NO_VARIABLE, line, f"{key!r}: {shown} is not the name of a variable", hint)
    return name
