"""The plain description of what the user sees: JSON in and out, no HTML layout, nothing to compute.

Texts are after Mako and before Markdown. `kind`, `question`, `subquestion` and `fields` are always there (they are the SCREEN of the
replay protocol, see ``docs/http.md``), and `language`; everything else where it says something. The child that made a screen also writes its
JSON (`draw`); nobody after it needs to take that apart but who shows the screen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import field
from msgspec.structs import replace

from shared.contract import typed
from shared.contract.encoding import encode


def _null() -> None:
    """The default of what is never left out: msgspec does not compare with what such a factory makes."""


def _nothing() -> tuple[ScreenField, ...]:
    """As `_null`."""
    return ()


def _english() -> str:
    """As `_null`."""
    return "en"


class ScreenChoice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A choice or a button. A button without `has_value` runs a block or a command; it is answered by its index."""

    label: str
    value: Any = field(default_factory=_null)
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


class ScreenField(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
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
    #: {"sign", "disable", "variable", "is"} or {"js"}: kept by the browser
    show_ifs: tuple[Mapping[str, Any], ...] = ()
    messages: Mapping[str, str] = {}  #: validation messages by rule
    options: Mapping[str, Any] = {}  #: min, max, step, rows, accept, grid, css class … as plain values


class Screen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One screen. See the module text; `kind` is as in the replay protocol."""

    kind: str  #: fields | choices | yesno | continue | signature | review | end | wait | command | response
    question: str | None = field(default_factory=_null)
    subquestion: str | None = field(default_factory=_null)
    fields: tuple[ScreenField, ...] = field(default_factory=_nothing)
    buttons: tuple[ScreenChoice, ...] = ()
    command: str | None = None
    continue_variable: str | None = None
    any_order: bool = False

    block: str = ""  #: name of the block that made it
    question_id: str | None = None  #: the author's id
    shown: Mapping[
        str, Any
    ] = {}  #: plain form of `Shown`; a signed token stands in its place once it has left the service
    input: str | None = None  #: of a choices screen: buttons, radio, dropdown, combobox
    #: under, right, pre, post, continue label, back label, help …, css, script: texts by their documented names
    parts: Mapping[str, Any] = {}
    help: tuple[
        Mapping[str, Any], ...
    ] = ()  #: {"heading", "content", "label", "audio", "video"}: the screen's help, then the interview's
    terms: Mapping[str, str] = {}
    auto_terms: Mapping[str, str] = {}
    attachments: tuple[Mapping[str, Any], ...] = ()
    action_buttons: tuple[Mapping[str, Any], ...] = ()
    navigation: tuple[Mapping[str, Any], ...] = ()  #: sections: {"key", "label", "current", "done", "sub": […]}
    section: str | None = None
    menu: tuple[Mapping[str, Any], ...] = ()
    progress: int | float | None = None
    reload: float | None = None  #: seconds
    waits: tuple[str, ...] = ()  #: of a screen that waits: the background tasks it was told had not ended
    check_in: str | None = None
    back: bool = True  #: a Back button may be shown, and there is a step to go back to
    language: str = field(default_factory=_english)
    words: Mapping[str, str] = {}  #: the author's own for texts of the page, by the English ones (word())
    title: Mapping[str, Any] = {}  #: title, short title, tab title, logo, subtitle, exit label …
    features: Mapping[str, Any] = {}
    response: Mapping[str, Any] = {}  #: of kind response: content_type, status, text | file | url
    track: str | None = None
    options: Mapping[str, Any] = {}

    def to_json(self) -> dict[str, object]:
        """The screen in JSON types."""
        made: dict[str, object] = typed.from_json(encode(self))
        return made


class DrawnScreen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A screen as its child wrote it. What is not `json` says what the services must know without a look into it."""

    json: bytes  #: an object: the `Screen`, without `shown`
    shown: bytes  #: JSON of what an answer to it must name; a session signs it
    kind: str
    command: str | None = None

    def with_token(self, token: str) -> msgspec.Raw:
        """The JSON with ``token`` as its last member. `token` is of characters that JSON has no escapes for."""
        return msgspec.Raw(b'%b,"token":"%b"}' % (self.json[:-1], token.encode("ascii")))


def draw(screen: Screen, *, back: bool) -> DrawnScreen:
    """Write `screen`. `back` says whether there is a step to go back to. Raises RecursionError."""
    shown = json.dumps(typed.from_json(encode(screen.shown)), separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return DrawnScreen(
        json=encode(replace(screen, shown={}, back=screen.back and back)),
        shown=shown.encode(),
        kind=screen.kind,
        command=screen.command,
    )
