"""What the template screen.html prints: `View`, its buttons, and the small rules that all of its makers share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from services.gateway.render import layout
from services.gateway.render.collect import Collected
from services.gateway.render.control import Widget

COLORS = frozenset({"primary", "secondary", "success", "danger", "warning", "info", "light", "dark", "link"})


@dataclass(slots=True, kw_only=True)
class Button:
    """Something to press. `name` and `value` are what the form sends; `href` makes it a link."""

    label: Markup
    name: str = ""
    value: str = ""
    color: str = "primary"
    css: str = ""
    image: Markup | None = None
    help: Markup | None = None
    href: str | None = None
    new_window: bool = False
    script: str | None = None


@dataclass(slots=True, kw_only=True)
class View:
    """Everything the template needs, ready to print."""

    kind: str
    language: str
    direction: str
    words: Mapping[str, str]
    title: str
    heading: Markup
    subquestion: Markup
    parts: dict[str, Markup] = field(default_factory=dict)
    decoration: Markup | None = None
    rows: list[layout.Row] = field(default_factory=list)
    collected: Collected | None = None
    attributions: list[Markup] = field(default_factory=list)
    widgets: list[Widget] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    before: list[Button] = field(default_factory=list)
    after: list[Button] = field(default_factory=list)
    continue_button: Button | None = None
    back: bool = False
    back_label: str = ""
    corner_back: bool = True  #: feature `navigation back button`
    corner: bool = True  #: not `hide corner interface`
    standard_menu: bool = True  #: not `hide standard menu`
    exit: tuple[str, str] | None = None  #: (exit or leave, label) if the author wants the link
    question_back: Button | None = None
    review: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    help: list[dict[str, Any]] = field(default_factory=list)
    help_label: str = ""
    help_own: bool = False
    help_button: bool = False
    menu: list[dict[str, Any]] = field(default_factory=list)
    navigation: list[dict[str, Any]] = field(default_factory=list)
    navigation_style: str = "side"
    progress: int | None = None
    progress_percentage: bool = False
    embedded: Markup | None = None  #: the subquestion with controls in it ([FIELD …])
    definitions: list[tuple[str, str, Markup]] = field(default_factory=list)
    errors: list[tuple[str, str, str]] = field(default_factory=list)
    message: str | None = None
    brand: Markup = field(default_factory=Markup)
    short_brand: Markup = field(default_factory=Markup)
    brand_url: str | None = None
    body_class: str = ""
    scripts: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    script_html: str = ""
    css_html: Markup = field(default_factory=Markup)
    js_conditions: list[dict[str, Any]] = field(default_factory=list)
    multipart: bool = False
    centered: bool = True
    media: list[Markup] = field(default_factory=list)
    page: dict[str, Any] = field(default_factory=dict)


def color_of(value: Any, default: str = "primary") -> str:
    return value if isinstance(value, str) and value in COLORS else default


def safe_address(address: Any) -> str | None:
    """An address that may be a link or a redirect: relative, http(s), mailto or tel; None for anything that would run."""
    text = str(address or "").strip()
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.\-]*):", text)
    if (
        not text
        or (scheme and scheme.group(1).lower() not in {"http", "https", "mailto", "tel"})
        or text.startswith("//")
    ):
        return None
    return text


def first(*candidates: Any) -> Any:
    return next((one for one in candidates if one not in (None, "")), None)


def listed(value: Any) -> list[str]:
    if not value:
        return []
    return [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]
