"""Items of a ``review`` screen.

Source: fields.md, "Creating a special screen where the user can review his or her answers".
"""

from __future__ import annotations

from shared.language.findings import Finding
from shared.language.frozen import FrozenDict, FrozenList
from shared.language.keys import REVIEW_KEYS
from shared.language.model import EMPTY, Expr, ReviewItem, Value
from shared.language.names import normalise
from shared.language.scope import Scope, kind_of
from shared.language.text import is_mako
from shared.language.yamlfile import YamlList, YamlMap

_NOTES = ("note", "html", "raw html")
#: Commands that may stand in the list of an item, and what they take.
_COMMANDS = frozenset({"follow up", "recompute", "undefine", "invalidate", "set"})


def read_review(scope: Scope, data: YamlMap) -> tuple[ReviewItem, ...]:
    value, line = data["review"], data.value_lines["review"]
    if isinstance(value, YamlMap):
        pairs: list[tuple[object, int]] = [(value, line)]
    elif isinstance(value, YamlList):
        pairs = list(zip(value, value.lines, strict=True))
    else:
        scope.report(Finding.WRONG_KIND, line, f"'review' must be a list of items, not {kind_of(value)}")
        return ()
    items = []
    for item, at in pairs:
        if not isinstance(item, YamlMap):
            scope.report(Finding.WRONG_KIND, at, f"an item of 'review' must be `Label: variable`, not {kind_of(item)}")
            continue
        made = _item(scope, item, at)
        if made is not None:
            items.append(made)
    return tuple(items)


def _item(scope: Scope, data: YamlMap, line: int) -> ReviewItem | None:
    unknown = [key for key in data if key not in REVIEW_KEYS]
    has_target = "field" in data or "fields" in data
    if len(unknown) > (0 if has_target else 1):
        allowed = 0 if has_target else 1
        for key in unknown[allowed:]:
            scope.unknown_key(data, key, REVIEW_KEYS, "an item of 'review'", "begin each item with a dash")
        del unknown[allowed:]
    options = _options(scope, data)
    if not unknown and not has_target:
        kind = next((note for note in _NOTES if note in data), None)
        if kind is None:
            scope.report(
                Finding.LEFT_OUT,
                line,
                "this item of 'review' has no label and no variable",
                "write `- Label: variable`",
            )
            return None
        options["kind"] = kind
        return ReviewItem(
            place=scope.place(line),
            label=scope.text(data, kind),
            actions=(),
            help=scope.text(data, "help"),
            show_ifs=_show_ifs(scope, data),
            is_note=True,
            options=FrozenDict(options),
        )
    for note in _NOTES:
        if note in data:
            options[note] = scope.text(data, note)
    if unknown:
        label_key = unknown[0]
        label = scope.text_at(str(label_key), data.key_lines[label_key], "the label")
        actions = _actions(scope, data, label_key)
    else:
        label = scope.text(data, "label")
        actions = _actions(scope, data, "fields" if "fields" in data else "field")
    return ReviewItem(
        place=scope.place(line),
        label=label,
        actions=actions,
        button=scope.text(data, "button"),
        help=scope.text(data, "help"),
        show_ifs=_show_ifs(scope, data),
        options=FrozenDict(options) if options else EMPTY,
    )


def _options(scope: Scope, data: YamlMap) -> dict[str, Value]:
    return {key: scope.text(data, key) for key in ("css class", "action") if key in data}


def _show_ifs(scope: Scope, data: YamlMap) -> tuple[Expr, ...]:
    value = data.get("show if")
    if isinstance(value, YamlMap) and set(value) == {"code"}:
        return scope.exprs(value, "code")
    return scope.exprs(data, "show if")


def _actions(scope: Scope, data: YamlMap, key: str) -> tuple[Value, ...]:
    made = []
    before = len(scope.problems)
    for value, line in scope.items(data, key):
        action = _action(scope, value, line)
        if action is not None:
            made.append(action)
    if not made and len(scope.problems) == before:
        scope.report(
            Finding.LEFT_OUT,
            data.key_lines[key],
            "this item of 'review' names no variable",
            "write `- Label: variable`",
        )
    return tuple(made)


def _action(scope: Scope, value: object, line: int) -> Value:
    if isinstance(value, str):
        if not value.strip():
            return None  # as generators of review screens leave it to be filled in
        name = normalise(value)
        if name is not None:
            return name
        if is_mako(value):
            return scope.text_at(value, line, "the variable")
        return scope.name_at(value, line, "an item of 'review'")
    if not isinstance(value, YamlMap):
        scope.report(Finding.WRONG_KIND, line, f"an item of 'review' must name a variable, not {kind_of(value)}")
        return None
    if "action" in value:
        return FrozenDict({str(key): scope.value(value, key) for key in value})
    for key in value:
        if key not in _COMMANDS:
            hint = f"known are {', '.join(sorted(_COMMANDS))}"
            scope.unknown_key(value, key, _COMMANDS, "an item's list of commands", hint)
    known = [key for key in value if key in _COMMANDS]
    return FrozenDict({key: _set(scope, value) if key == "set" else _names(scope, value, key) for key in known}) or None


def _names(scope: Scope, data: YamlMap, key: str) -> Value:
    return FrozenList(name for item, at in scope.items(data, key) if (name := _action(scope, item, at)) is not None)


def _set(scope: Scope, data: YamlMap) -> Value:
    """``set``: a list of one-item mappings from name to value."""
    made = []
    for name, value, line in scope.pairs(data, "set", "a list of `variable: value`"):
        known = scope.name_at(name, line, "'set'")
        if known is not None:
            made.append(FrozenDict({known: scope.value_at(value, line, "'set'")}))
    return FrozenList(made)
