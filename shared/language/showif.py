"""When a field is shown or enabled: ``show if`` and its kin.

Source: fields.md, "show if" to "js enable if and js disable if".
"""

from __future__ import annotations

from shared.language.keys import SHOW_IFS
from shared.language.model import ShowIf
from shared.language.scope import Scope, kind_of
from shared.language.yamlfile import YamlMap

#: Keys that contradict each other on one field.
_RIVALS = (
    ("show if", "hide if"),
    ("enable if", "disable if"),
    ("js show if", "js hide if"),
    ("js enable if", "js disable if"),
)


def read_show_ifs(scope: Scope, data: YamlMap) -> tuple[ShowIf, ...]:
    """Every rule of a field, in the order of `SHOW_IFS`."""
    for one, other in _RIVALS:
        if one in data and other in data:
            scope.error(data.key_lines[other], f"a field cannot have both {one!r} and {other!r}", "keep one of them")
    rules = (_read(scope, data, key) for key in SHOW_IFS if key in data)
    return tuple(rule for rule in rules if rule is not None)


def _read(scope: Scope, data: YamlMap, key: str) -> ShowIf | None:
    value, line = data[key], data.value_lines[key]
    sign = "show" in key or "enable" in key
    disable = "able if" in key
    if key.startswith("js "):
        js = scope.text(data, key)
        return None if js is None else ShowIf(sign=sign, disable=disable, js=js)
    if isinstance(value, YamlMap):
        if set(value) == {"code"}:
            if disable:
                scope.error(line, f"{key!r} cannot use code", "'disabled' takes a Python expression")
                return None
            code = scope.expr(value, "code")
            return None if code is None else ShowIf(sign=sign, disable=disable, code=code)
        if "variable" not in value:
            scope.error(line, f"{key!r} must have 'variable' and 'is', or 'code'")
            return None
        name = scope.name(value, "variable")
        if name is None:
            return None
        for extra in value:
            if extra not in {"variable", "is"}:
                scope.error(
                    value.key_lines[extra], f"{key!r} has an unknown key {extra!r}", "'variable' and 'is' are known"
                )
        if "is" not in value:
            return ShowIf(sign=sign, disable=disable, variable=name)
        return ShowIf(sign=sign, disable=disable, variable=name, is_value=scope.value(value, "is"), has_is=True)
    if isinstance(value, (str, bool)):
        name = scope.name_at(value if isinstance(value, str) else str(value), line, repr(key))
        return None if name is None else ShowIf(sign=sign, disable=disable, variable=name)
    scope.error(line, f"{key!r} must be a variable of the screen, or a mapping with 'code', not {kind_of(value)}")
    return None
