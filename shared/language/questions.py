"""``question`` blocks: how they look, and how they take their answer.

Source: questions.md, fields.md "Multiple choice questions", modifiers.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.language.attachments import read_attachments
from shared.language.choices import Embed, all_truth_values, read_choices
from shared.language.fields import read_fields
from shared.language.findings import Finding
from shared.language.frozen import FrozenDict
from shared.language.keys import ANSWERS, QUESTION_FLAGS, QUESTION_TEXTS
from shared.language.model import EMPTY, Attachment, Choice, Choices, Expr, Field, Question, ReviewItem, Text, Value
from shared.language.names import normalise
from shared.language.review import read_review
from shared.language.scope import Scope, kind_of
from shared.language.settings import read_terms
from shared.language.text import compile_text, is_mako
from shared.language.yamlfile import YamlList, YamlMap

_CHOOSING = ("choices", "buttons", "dropdown", "combobox")
_YES_NO = ("yesno", "noyes", "yesnomaybe", "noyesmaybe")
#: Seconds between reloads with ``reload: True`` (modifiers.md, "reload").
RELOAD_SECONDS = 10.0

_TEXT_OPTIONS = frozenset(
    {
        "decoration",
        "section",
        "pen color",
        "zip filename",
        "email subject",
        "email body",
        "email address default",
        "ga id",
        "segment id",
        "breadcrumb",
    }
)
_EXPR_OPTIONS = frozenset({"hide continue button", "disable continue button", "email template"})
_VALUE_OPTIONS = frozenset({"audio", "video", "progress", "question metadata", "segment", "tags"})
_COLLECT_FLAGS = frozenset({"enable", "is final", "allow append", "allow delete"})
_COLLECT_TEXTS = frozenset({"label", "add another label"})
_BUTTON_KEYS = frozenset(
    {
        "action",
        "label",
        "arguments",
        "color",
        "icon",
        "placement",
        "css class",
        "forget prior",
        "new window",
        "show if",
        "code",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the question's answer key says: which kind of screen it is, and what it sets."""

    shape: str
    variable: str | None = None
    continue_variable: str | None = None
    fields: tuple[Field, ...] = ()
    choices: Choices | None = None
    review: tuple[ReviewItem, ...] = ()


def read_question(scope: Scope, data: YamlMap, embed: Embed) -> Question | None:
    """The question of a block; None if nothing sensible can be made of it (the problems say why)."""
    question = scope.text(data, "question")
    if question is None:
        question = compile_text("", scope.place(data.key_lines["question"]))
    options: dict[str, Value] = {}
    asked = _asked(scope, data, embed, options)
    _read_options(scope, data, options)
    check_in, check_in_expr = _check_in(scope, data)
    buttons, buttons_code = _action_buttons(scope, data)
    parts, help_label = _parts(scope, data, options)
    validation_code, _ = scope.code(data, "validation code") if "validation code" in data else (None, None)
    return Question(
        question=question,
        subquestion=scope.text(data, "subquestion"),
        shape=asked.shape,
        variable=asked.variable,
        fields=asked.fields,
        choices=asked.choices,
        continue_variable=asked.continue_variable,
        review=asked.review,
        attachments=_attachments(scope, data),
        attachment_code=scope.expr(data, "attachment code"),
        validation_code=validation_code,
        reload=_reload(scope, data),
        check_in=check_in,
        check_in_expr=check_in_expr,
        parts=FrozenDict(parts) if parts else EMPTY,
        help_label=help_label,
        terms=read_terms(scope, data, "terms"),
        auto_terms=read_terms(scope, data, "auto terms"),
        action_buttons=buttons,
        action_buttons_code=buttons_code,
        allow_emailing=scope.flag(data, "allow emailing", default=True),
        allow_downloading=scope.flag(data, "allow downloading"),
        options=FrozenDict(options) if options else EMPTY,
    )


def _asked(scope: Scope, data: YamlMap, embed: Embed, options: dict[str, Value]) -> _Asked:
    """Choosing adds ``datatype`` and ``default`` to `options`."""
    answers = [key for key in ANSWERS if key in data]
    if len(answers) > 1:
        scope.report(
            Finding.RIVALS,
            data.key_lines[answers[1]],
            f"a question cannot have both {answers[0]!r} and {answers[1]!r}",
            "make two questions of it, or keep one of them",
        )
    answer = answers[0] if answers else None
    continued = _continue_variable(scope, data)
    if answer == "fields":
        return _Asked(shape="fields", continue_variable=continued, fields=read_fields(scope, data))
    if answer == "review":
        return _Asked(shape="review", continue_variable=continued, review=read_review(scope, data))
    if answer in _CHOOSING:
        variable = scope.set_name(data, "field") if "field" in data else continued
        choices = read_choices(scope, data, answer, embed=None if variable else embed)
        if variable is None and "field" not in data:
            choices = _actions(scope, data, answer, choices, embed)
        datatype = _datatype(scope, data) or all_truth_values(choices)
        if datatype:
            options["datatype"] = datatype
        if "default" in data:
            options["default"] = scope.value_or_code(data, "default")
        beside = continued if continued != variable else None
        return _Asked(shape=answer, variable=variable, continue_variable=beside, choices=choices)
    if answer is not None:
        return _Asked(shape=answer, variable=scope.set_name(data, answer), continue_variable=continued)
    if continued is not None:
        return _Asked(shape="continue", variable=continued)
    return _Asked(shape="end")


def _continue_variable(scope: Scope, data: YamlMap) -> str | None:
    for key in ("continue button field", "field"):
        if key in data:
            return scope.set_name(data, key)
    return None


def _actions(scope: Scope, data: YamlMap, answer: str, choices: Choices, embed: Embed) -> Choices:
    """Choices of a question that sets no variable: one that is neither block nor command seeks the name that is its value.

    What is no name goes on as "Continue" does.
    """
    items: list[Choice] = []
    for item in choices.items:
        if item.block is None and item.command is None and item.code is None:
            line = item.label.place.line if item.label else data.key_lines[answer]
            shown = item.label.source if item.label else item.value
            message = f"the choice {shown!r} sets nothing: the question has no 'field'"
            hint = "add `field: variable`, or give each choice a block (question:, code:) or a command such as restart"
            scope.report(Finding.ACTION_CHOICE, line, message, hint)
            name = normalise(item.value) if isinstance(item.value, str) else None
            if name is None:
                item = replace(item, value=None, command="continue")
            else:
                code = YamlMap(line)
                code.put("code", name, key_line=line, value_line=line)
                item = replace(item, value=None, block=embed(code, line))
        items.append(item)
    return replace(choices, items=tuple(items))


def _datatype(scope: Scope, data: YamlMap) -> str | None:
    value = data.get("datatype")
    if value is None:
        return None
    if isinstance(value, str):
        return value.strip()
    scope.report(Finding.BAD_VALUE, data.value_lines["datatype"], f"'datatype' must be a word, not {kind_of(value)}")
    return None


def _attachments(scope: Scope, data: YamlMap) -> tuple[Attachment, ...]:
    if "attachment" in data and "attachments" in data:
        scope.report(
            Finding.RIVALS,
            data.key_lines["attachments"],
            "there cannot be both 'attachment' and 'attachments'",
            "keep one of them",
        )
    key = "attachment" if "attachment" in data else "attachments"
    return read_attachments(scope, data, key) if data.get(key) is not None else ()


def _reload(scope: Scope, data: YamlMap) -> float | Expr | Text | None:
    value = data.get("reload")
    if value is None or value is False:
        return None
    if value is True:
        return RELOAD_SECONDS
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, str):
        if is_mako(value):
            return scope.text(data, "reload")
        try:
            return float(value)
        except ValueError:
            return scope.expr(data, "reload")
    scope.report(
        Finding.BAD_VALUE,
        data.value_lines["reload"],
        f"'reload' must be True or a number of seconds, not {kind_of(value)}",
    )
    return None


def _check_in(scope: Scope, data: YamlMap) -> tuple[str | None, Expr | None]:
    value = data.get("check in")
    if value is None:
        return None, None
    if isinstance(value, YamlMap) and set(value) == {"code"}:
        return None, scope.expr(value, "code")
    return scope.name(data, "check in"), None


def _parts(scope: Scope, data: YamlMap, options: dict[str, Value]) -> tuple[dict[str, Text], Text | None]:
    """Texts of the screen by name, and the label of the help tab."""
    parts: dict[str, Text] = {}
    for key in data:
        if key in QUESTION_TEXTS:
            text = scope.text(data, key)
            if text is not None:
                parts[key] = text
    label: Text | None = None
    help_ = data.get("help")
    if isinstance(help_, YamlMap):
        label = scope.text(help_, "label")
        content = scope.text(help_, "content")
        if content is not None:
            parts["help"] = content
        more: dict[str, Value] = {}
        for key in help_:
            if key == "heading":
                more[key] = scope.text(help_, key)
            elif key in {"audio", "video"}:
                more[key] = scope.value(help_, key)
            elif key not in {"label", "content"}:
                scope.unknown_key(help_, key, ("label", "content", "heading", "audio", "video"), "'help'")
        if more:
            options["help"] = FrozenDict(more)
    elif help_ is not None:
        text = scope.text(data, "help")
        if text is not None:
            parts["help"] = text
    return parts, label


def _action_buttons(scope: Scope, data: YamlMap) -> tuple[tuple[Value, ...], tuple[Expr, ...]]:
    value = data.get("action buttons")
    if value is None:
        return (), ()
    if isinstance(value, YamlMap) and set(value) == {"code"}:
        return (), scope.exprs(value, "code")
    buttons: list[Value] = []
    codes: list[Expr] = []
    for item, line in scope.items(data, "action buttons"):
        button = scope.expect_map(item, line, "an action button")
        if button is None:
            continue
        if set(button) == {"code"}:
            codes.extend(scope.exprs(button, "code"))
            continue
        missing = [required for required in ("action", "label") if required not in button]
        if missing:
            scope.report(Finding.LEFT_OUT, line, f"an action button needs {missing[0]!r}")
            continue
        buttons.append(FrozenDict({str(key): _button_part(scope, button, key) for key in button}))
    return tuple(buttons), tuple(codes)


def _button_part(scope: Scope, button: YamlMap, key: str) -> Value:
    if key not in _BUTTON_KEYS:
        scope.unknown_key(button, key, _BUTTON_KEYS, "an action button")
    if key == "show if":
        return scope.expr(button, key)
    if key in {"forget prior", "new window"}:
        return scope.flag(button, key)
    return scope.value(button, key)


def _read_options(scope: Scope, data: YamlMap, options: dict[str, Value]) -> None:
    for key in data:
        if key in _TEXT_OPTIONS:
            options[key] = scope.text(data, key)
        elif key in _EXPR_OPTIONS:
            options[key] = scope.expr(data, key)
        elif key in _VALUE_OPTIONS:
            options[key] = scope.value(data, key)
        elif key in QUESTION_FLAGS:
            options[key] = scope.flag(data, key)
        elif key == "list collect":
            options[key] = _list_collect(scope, data)
        elif key == "tabular":
            value = data[key]
            options[key] = scope.text(data, key) if isinstance(value, str) else scope.flag(data, key)
        elif key == "allowed to set":
            options[key] = scope.names(data, key) if isinstance(data[key], YamlList) else scope.expr(data, key)


def _list_collect(scope: Scope, data: YamlMap) -> Value:
    """groups.md, "Collect all items on one page"."""
    value = data["list collect"]
    if not isinstance(value, YamlMap):
        return scope.flag(data, "list collect")
    parts: dict[str, Value] = {}
    for key in value:
        if key in _COLLECT_FLAGS:
            parts[key] = scope.flag(value, key)
        elif key in _COLLECT_TEXTS:
            parts[key] = scope.text(value, key)
        else:
            known = _COLLECT_FLAGS | _COLLECT_TEXTS
            scope.unknown_key(value, key, known, "'list collect'", f"known are {', '.join(sorted(known))}")
    return FrozenDict(parts)
