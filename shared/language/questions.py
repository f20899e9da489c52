"""``question`` blocks: how they look, and how they take their answer.

Source: questions.md, fields.md "Multiple choice questions", modifiers.md.
"""

from __future__ import annotations

from typing import Any

from shared.language.attachments import read_attachments
from shared.language.choices import Embed, all_truth_values, read_choices
from shared.language.fields import read_fields
from shared.language.frozen import FrozenDict
from shared.language.keys import ANSWERS, QUESTION_FLAGS, QUESTION_TEXTS
from shared.language.model import EMPTY, Attachment, Choices, Expr, Field, Question, ReviewItem, Text, Value
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


def read_question(scope: Scope, data: YamlMap, embed: Embed) -> Question | None:
    """The question of a block; None if nothing sensible can be made of it (the problems say why)."""
    answers = [key for key in ANSWERS if key in data]
    if len(answers) > 1:
        scope.error(
            data.key_lines[answers[1]],
            f"a question cannot have both {answers[0]!r} and {answers[1]!r}",
            "make two questions of it, or keep one of them",
        )
    answer = answers[0] if answers else None
    question = scope.text(data, "question")
    if question is None:
        question = compile_text("", scope.place(data.key_lines["question"]))
    shape, variable, continue_variable = "end", None, _continue_variable(scope, data)
    fields: tuple[Field, ...] = ()
    choices: Choices | None = None
    review: tuple[ReviewItem, ...] = ()
    options: dict[str, Value] = {}
    if answer == "fields":
        shape, fields = "fields", read_fields(scope, data)
    elif answer == "review":
        shape, review = "review", read_review(scope, data)
    elif answer in _CHOOSING:
        shape = answer
        variable, continue_variable = continue_variable, None
        before = len(scope.problems)
        choices = read_choices(scope, data, answer, embed=None if variable else embed)
        if len(scope.problems) == before:
            _check_choices(scope, data, answer, variable, choices)
        datatype = _datatype(scope, data) or all_truth_values(choices)
        if datatype:
            options["datatype"] = datatype
        if "default" in data:
            options["default"] = scope.value_or_code(data, "default")
    elif answer is not None:
        shape, variable = answer, scope.set_name(data, answer)
    elif continue_variable is not None:
        shape, variable, continue_variable = "continue", continue_variable, None
    _read_options(scope, data, options)
    check_in, check_in_expr = _check_in(scope, data)
    buttons, buttons_code = _action_buttons(scope, data)
    parts, help_label = _parts(scope, data, options)
    validation_code, _ = scope.code(data, "validation code") if "validation code" in data else (None, None)
    return Question(
        question=question,
        subquestion=scope.text(data, "subquestion"),
        shape=shape,
        variable=variable,
        fields=fields,
        choices=choices,
        continue_variable=continue_variable,
        review=review,
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


def _continue_variable(scope: Scope, data: YamlMap) -> str | None:
    if "field" in data and "continue button field" in data:
        scope.error(
            data.key_lines["field"],
            "a question cannot have both 'field' and 'continue button field'",
            "keep one of them",
        )
    for key in ("continue button field", "field"):
        if key in data:
            return scope.set_name(data, key)
    return None


def _check_choices(scope: Scope, data: YamlMap, answer: str, variable: str | None, choices: Choices) -> None:
    if variable is not None or "field" in data:
        return
    for item in choices.items:
        if item.block is None and item.command is None and item.code is None:
            scope.error(
                item.label.place.line if item.label else data.key_lines[answer],
                f"the choice {item.label.source if item.label else item.value!r} sets nothing: the question has no 'field'",
                "add `field: variable`, or give each choice a block (question:, code:) or a command such as restart",
            )
            return


def _datatype(scope: Scope, data: YamlMap) -> str | None:
    value = data.get("datatype")
    if value is None:
        return None
    if isinstance(value, str):
        return value.strip()
    scope.error(data.value_lines["datatype"], f"'datatype' must be a word, not {kind_of(value)}")
    return None


def _attachments(scope: Scope, data: YamlMap) -> tuple[Attachment, ...]:
    if "attachment" in data and "attachments" in data:
        scope.error(
            data.key_lines["attachments"], "there cannot be both 'attachment' and 'attachments'", "keep one of them"
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
    scope.error(data.value_lines["reload"], f"'reload' must be True or a number of seconds, not {kind_of(value)}")
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
                scope.warn(help_.key_lines[key], f"'help' has an unknown key {key!r}")
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
        for required in ("action", "label"):
            if required not in button:
                scope.error(line, f"an action button needs {required!r}")
        buttons.append(FrozenDict({str(key): _button_part(scope, button, key) for key in button}))
    return tuple(buttons), tuple(codes)


def _button_part(scope: Scope, button: YamlMap, key: Any) -> Value:
    if key not in _BUTTON_KEYS:
        scope.warn(button.key_lines[key], f"an action button has an unknown key {key!r}")
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
            known = ", ".join(sorted(_COLLECT_FLAGS | _COLLECT_TEXTS))
            scope.error(value.key_lines[key], f"'list collect' has no key {key!r}", f"known are {known}")
    return FrozenDict(parts)
