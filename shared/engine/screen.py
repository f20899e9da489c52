"""The plain description of what the user sees: JSON in and out, no HTML layout, nothing to compute.

Texts are after Mako and before Markdown. The first block of attributes is the SCREEN of the replay protocol (see
``docs/http.md``); the rest is what a client needs to draw it well and to answer.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


def _empty() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenChoice:
    """A choice or a button. A button without `has_value` runs a block or a command; it is answered by its index."""

    label: str
    value: Any = None
    has_value: bool = True
    selected: bool = False
    help: str | None = None
    image: str | None = None
    color: str | None = None
    css_class: str | None = None
    group: str | None = None
    url: str | None = None
    show_if: Mapping[str, Any] | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenField:
    """One field, note or piece of HTML. `default` is in the form in which it would be answered."""

    variable: str | None
    label: str | None
    datatype: str
    required: bool
    source_variable: str | None = None
    choices: tuple[ScreenChoice, ...] | None = None
    input: str | None = None
    help: str | None = None
    hint: str | None = None
    default: Any = None
    disabled: bool = False
    show_ifs: tuple[
        Mapping[str, Any], ...
    ] = ()  #: {"sign", "disable", "variable", "is"} or {"js"}: kept by the browser
    messages: Mapping[str, str] = field(default_factory=_empty)  #: validation messages by rule
    options: Mapping[str, Any] = field(
        default_factory=_empty
    )  #: min, max, step, rows, accept, grid, css class … as plain values


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One screen. See the module text; `kind` is as in the replay protocol."""

    kind: str  #: fields | choices | yesno | continue | signature | review | end | command | response
    question: str | None = None
    subquestion: str | None = None
    fields: tuple[ScreenField, ...] = ()
    buttons: tuple[ScreenChoice, ...] = ()
    command: str | None = None
    continue_variable: str | None = None
    any_order: bool = False

    block: str = ""  #: name of the block that made it
    question_id: str | None = None  #: the author's id
    shown: Mapping[str, Any] = field(
        default_factory=_empty
    )  #: plain form of `Shown`; replaced by a signed token before it leaves the service
    input: str | None = None  #: of a choices screen: buttons, radio, dropdown, combobox
    parts: Mapping[str, Any] = field(
        default_factory=_empty
    )  #: under, right, pre, post, continue label, back label, help …, css, script: texts by their documented names
    help: tuple[
        Mapping[str, Any], ...
    ] = ()  #: {"heading", "content", "label"}: the screen's help, then the interview's
    terms: Mapping[str, str] = field(default_factory=_empty)
    auto_terms: Mapping[str, str] = field(default_factory=_empty)
    attachments: tuple[Mapping[str, Any], ...] = ()
    action_buttons: tuple[Mapping[str, Any], ...] = ()
    navigation: tuple[Mapping[str, Any], ...] = ()  #: sections: {"key", "label", "current", "done", "sub": […]}
    section: str | None = None
    menu: tuple[Mapping[str, Any], ...] = ()
    progress: int | None = None
    reload: float | None = None  #: seconds
    check_in: str | None = None
    back: bool = True  #: a Back button may be shown (and there is a step to go back to: the service clears it if not)
    language: str = "en"
    title: Mapping[str, Any] = field(
        default_factory=_empty
    )  #: title, short title, tab title, logo, subtitle, exit label …
    features: Mapping[str, Any] = field(default_factory=_empty)
    response: Mapping[str, Any] = field(
        default_factory=_empty
    )  #: of kind response: content_type, status, text | file | url
    track: str | None = None
    options: Mapping[str, Any] = field(default_factory=_empty)

    def to_json(self) -> dict[str, Any]:
        """The screen in JSON types: SCREEN of the replay protocol always, everything else where it says something."""
        made: dict[str, Any] = {
            "kind": self.kind,
            "question": self.question,
            "subquestion": self.subquestion,
            "fields": [_field(item) for item in self.fields],
        }
        for name in _REST:
            value = getattr(self, name)
            if value not in _SILENT:
                made[name] = _plain(value)
        if not self.back:
            made["back"] = False
        return made


#: Attributes that `to_json` leaves out while they say nothing.
_REST = (
    "buttons",
    "command",
    "continue_variable",
    "any_order",
    "block",
    "question_id",
    "shown",
    "input",
    "parts",
    "help",
    "terms",
    "auto_terms",
    "attachments",
    "action_buttons",
    "navigation",
    "section",
    "menu",
    "progress",
    "reload",
    "check_in",
    "language",
    "title",
    "features",
    "response",
    "track",
    "options",
)
_SILENT: tuple[Any, ...] = (None, (), {}, "", False, MappingProxyType({}))


def _field(field: ScreenField) -> dict[str, Any]:
    made: dict[str, Any] = {
        "variable": field.variable,
        "label": field.label,
        "datatype": field.datatype,
        "required": field.required,
    }
    if field.choices is not None:
        made["choices"] = [_choice(item) for item in field.choices]
    for name in ("source_variable", "input", "help", "hint", "default", "disabled", "show_ifs", "messages", "options"):
        value = getattr(field, name)
        if value is not None and value is not False and value not in ((), {}):
            made[name] = _plain(value)
    return made


def _choice(choice: ScreenChoice) -> dict[str, Any]:
    made: dict[str, Any] = {"label": choice.label, "value": _plain(choice.value)}
    if not choice.has_value:
        made["has_value"] = False
    for name in ("selected", "help", "image", "color", "css_class", "group", "url", "show_if", "key"):
        value = getattr(choice, name)
        if value:
            made[name] = _plain(value)
    return made


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, ScreenChoice):
        return _choice(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)
