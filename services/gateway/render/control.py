"""The pieces a page is made of: `Widget` (one control with its texts) and `Item` (one choice). How they come about: widgets.py, fill.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup


@dataclass(slots=True, kw_only=True)
class Item:
    """One choice of a control."""

    value: str
    label: Markup
    plain: str
    selected: bool = False
    help: Markup | None = None
    image: Markup | None = None
    color: str | None = None
    css: str = ""
    group: str | None = None
    exclusive: str | None = None  #: "nota" or "aota"


@dataclass(slots=True, kw_only=True)
class Widget:
    """What the macro `kind` of templates/fields.html prints."""

    kind: str
    number: int
    name: str = ""
    label: Markup | None = None
    plain_label: str = ""
    required: bool = False
    disabled: bool = False
    help: Markup | None = None
    help_plain: str = ""
    hint: str = ""
    under: Markup | None = None
    side: Markup | None = None
    error: str | None = None
    value: str = ""
    off: str = ""  #: what an unticked box means
    checked: bool = False
    items: list[Item] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    type: str = "text"
    prefix: str | None = None
    suffix: str | None = None
    css: str = ""
    container: str = ""
    conditions: str = ""  #: JSON of the show if conditions
    js_conditions: list[dict[str, Any]] = field(default_factory=list)
    messages: str = ""
    grid: dict[str, Any] | None = None
    item_grid: str = ""
    files: list[dict[str, Any]] = field(default_factory=list)
    horizontal: bool = False
    floating: bool = False
    html: Markup | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"f{self.number}"

    @property
    def grouped(self) -> bool:
        """Several controls under one legend."""
        return self.kind in {"radio", "checkboxes"}

    def groups(self) -> list[tuple[str, list[Item]]]:
        """The items by their `group`, in the order in which groups first appear."""
        found: dict[str, list[Item]] = {}
        for item in self.items:
            found.setdefault(item.group or "", []).append(item)
        return list(found.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the user had entered when the answer was refused, and why it was."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
