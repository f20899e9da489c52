"""Choices of fields and questions: ``choices``, ``buttons``, ``dropdown``, ``combobox``.

Source: fields.md, "Multiple choice buttons" to "Embedding question and code blocks", and "choices" under field options.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from shared.language.findings import Finding
from shared.language.keys import CHOICE_KEYS, COMMANDS
from shared.language.model import Block, Choice, Choices, Expr, Text, Value
from shared.language.scope import Scope, kind_of
from shared.language.yamlfile import YamlList, YamlMap

#: All of a value between ``${`` and ``}``.
_MAKO = re.compile(r"\s*\$\{(.*)\}\s*", re.DOTALL)

#: Compiles a block written as the value of a choice.
Embed = Callable[[YamlMap, int], Block | None]


def read_choices(scope: Scope, data: YamlMap, key: str, *, embed: Embed | None = None) -> Choices:
    """The choices under `key`. With `embed` (a question that sets no variable), values may be blocks and commands."""
    value = data.get(key)
    line = data.value_lines.get(key, data.line)
    code: Expr | None = None
    items: list[Choice] = []
    if isinstance(value, YamlMap) and set(value) == {"code"} and not isinstance(value["code"], (dict, list)):
        code = scope.expr(value, "code")
    elif isinstance(value, YamlMap):
        # A mapping of a question keeps its order; that of a field is in the order of its labels, which authors know not to rely on
        # (fields.md, "code").
        pairs = list(value.items()) if "question" in data else sorted(value.items(), key=_label)
        for label, item in pairs:
            items.append(_labelled(scope, str(label), item, value.value_lines[label], YamlMap(line), embed))
    elif isinstance(value, YamlList):
        for item, at in zip(value, value.lines, strict=True):
            made = _item(scope, item, at, embed)
            if made is not None:
                items.append(made)
    elif isinstance(value, str) and embed is None:
        inner = _MAKO.fullmatch(value)
        code = scope.expr(data, key) if inner is None else scope.expr_at(inner[1], line, repr(key))
        if inner is not None:
            scope.report(Finding.NOT_MAKO, line, f"{key!r} is Python, not Mako", "leave out `${` and `}`")
    else:
        scope.report(Finding.WRONG_KIND, line, f"{key!r} must be a list, not {kind_of(value)}")
    return Choices(
        items=tuple(items),
        code=code,
        exclude=scope.exprs(data, "exclude"),
        shuffle=scope.flag(data, "shuffle"),
        none_of_the_above=_above(scope, data, "none of the above"),
        all_of_the_above=_above(scope, data, "all of the above"),
    )


def _label(pair: tuple[object, object]) -> str:
    return str(pair[0])


def _above(scope: Scope, data: YamlMap, key: str) -> bool | Text | Expr | None:
    """What the author wrote, or None: then the kind of field decides (checkboxes offer "None of the above")."""
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, bool):
        return value
    return scope.text(data, key) or False


def _item(scope: Scope, item: object, line: int, embed: Embed | None) -> Choice | None:
    if isinstance(item, YamlMap):
        return _mapping(scope, item, line, embed)
    if isinstance(item, list):
        scope.report(Finding.WRONG_KIND, line, "a choice must be text or `label: value`, not a list")
        return None
    if item is None:
        scope.report(Finding.LEFT_OUT, line, "a choice is empty", "write text, or `label: value`")
        return None
    text = scope.text_at(item, line, "a choice")
    if embed is not None and item in COMMANDS:
        return Choice(label=text, command=str(item))
    return Choice(label=text, value=_value(scope, item, line))


def _mapping(scope: Scope, item: YamlMap, line: int, embed: Embed | None) -> Choice | None:
    if set(item) == {"code"} and not isinstance(item["code"], (dict, list)):
        return Choice(label=None, code=scope.expr(item, "code"))
    if "label" in item or "value" in item:
        extra = [key for key in item if key not in CHOICE_KEYS]
        if extra:
            scope.unknown_key(item, extra[0], CHOICE_KEYS, "a choice with 'label' and 'value'")
        label, value = item.get("label", item.get("value")), item.get("value", item.get("label"))
        at = item.value_lines.get("value", item.value_lines.get("label", line))
        if isinstance(label, (list, dict)) or label is None:
            scope.report(Finding.WRONG_KIND, line, "the 'label' of a choice must be text")
            return None
        return _labelled(scope, str(label), value, at, item, embed)
    labels = [key for key in item if key not in CHOICE_KEYS]
    if len(labels) != 1:
        # A label that happens to be a word such as "default" or "url".
        labels = labels or list(item)[:1]
        if not labels:
            scope.report(Finding.LEFT_OUT, line, "a choice is empty", "write text, or `label: value`")
            return None
        if len(labels) != 1:
            message = f"a choice has one label, and this one has {labels[0]!r}: {labels[1]!r} is ignored"
            scope.report(Finding.UNKNOWN_KEY, item.key_lines[labels[1]], message, "put a dash before each choice")
    return _labelled(scope, str(labels[0]), item[labels[0]], item.value_lines[labels[0]], item, embed, labels[0])


def _labelled(
    scope: Scope, label: str, value: object, line: int, item: YamlMap, embed: Embed | None, key: object = None
) -> Choice:
    """One choice: `item` holds its other keys, of which `key` is the label itself."""
    block: Block | None = None
    command: str | None = None
    made: Value = None
    if isinstance(value, YamlMap):
        if embed is None:
            hint = "only a question without 'field' runs blocks"
            scope.report(Finding.NO_BLOCK, line, f"the choice {label!r} cannot be a block here", hint)
            made = label
        else:
            block = embed(value, line)
            made = label if block is None else None
    elif isinstance(value, list):
        scope.report(
            Finding.WRONG_KIND,
            line,
            f"the value of the choice {label!r} must be text, a number or a truth value, not a list",
        )
    elif embed is not None and isinstance(value, str) and value.strip() in COMMANDS:
        command = value.strip()
    else:
        made = _value(scope, value, line)

    def own(name: str) -> bool:
        return name in item and name != key

    return Choice(
        label=scope.text_at(label, item.key_lines.get(key, line), "the label of a choice"),
        value=made,
        default=scope.flag(item, "default") if own("default") else False,
        help=scope.text(item, "help") if own("help") else None,
        image=_image(item) if own("image") else None,
        css_class=scope.text(item, "css class") if own("css class") else None,
        color=scope.text(item, "color") if own("color") else None,
        show_if=scope.expr(item, "show if") if own("show if") else None,
        key=scope.text(item, "key") if own("key") else None,
        group=scope.text(item, "group") if own("group") else None,
        url=scope.text(item, "url") if own("url") else None,
        block=block,
        command=command,
    )


def _image(item: YamlMap) -> str | None:
    value = item["image"]
    return None if value is None else str(value)


def _value(scope: Scope, value: object, line: int) -> Value:
    """What the variable is set to; the text of a literal block ends in a line break that nobody means."""
    if isinstance(value, str) and "\n" in value:
        value = value.rstrip("\n")
    return scope.value_at(value, line, "the value of a choice")


def all_truth_values(choices: Choices) -> str | None:
    """``boolean`` or ``threestate`` if the choices are only True, False (and None), written out; else None.

    Source: fields.md, "True/False buttons".
    """
    if choices.code is not None or not choices.items:
        return None
    values = []
    for item in choices.items:
        if item.block is not None or item.command is not None or item.code is not None:
            return None
        values.append(item.value)
    if not all(value is None or isinstance(value, bool) for value in values) or not any(
        value is not None for value in values
    ):
        return None
    return "threestate" if None in values else "boolean"
