"""The pieces a page is made of: `Widget` (one control with its texts) and `Item` (one choice). How they come about: widgets.py, fill.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from markupsafe import Markup


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Where a control stands among its neighbours (fields.md "grid")."""

    classes: str
    start: bool = False  #: begins a row
    end: bool = False  #: ends it


@dataclass(frozen=True, slots=True, kw_only=True)
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
    items: tuple[Item, ...] = ()
    attributes: Mapping[str, object] = field(default_factory=dict)
    type: str = "text"
    prefix: str | None = None
    suffix: str | None = None
    css: str = ""
    container: str = ""
    conditions: str = ""  #: JSON of the show if conditions
    written: str = (
        ""  #: the variable as the author wrote it (``x.name``, ``people[i].age``), where it is another than `name`
    )
    js_conditions: tuple[Mapping[str, object], ...] = ()
    messages: str = ""  #: JSON: rule -> what to say
    grid: Grid | None = None
    item_grid: str = ""
    files: tuple[Mapping[str, object], ...] = ()
    horizontal: bool = False
    floating: bool = False
    html: Markup | None = None
    scripts: tuple[str, ...] = ()  #: of `html`: elements, each as the author wrote it
    extra: Mapping[str, object] = field(default_factory=dict)

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


class Part(TypedDict, total=False):
    """Some fields of a `Widget`, as one of its makers knows them."""

    label: Markup | None
    plain_label: str
    required: bool
    disabled: bool
    help: Markup | None
    help_plain: str
    hint: str
    under: Markup | None
    side: Markup | None
    error: str | None
    value: str
    off: str
    checked: bool
    items: tuple[Item, ...]
    attributes: Mapping[str, object]
    type: str
    prefix: str | None
    suffix: str | None
    css: str
    container: str
    conditions: str
    written: str
    js_conditions: tuple[Mapping[str, object], ...]
    messages: str
    grid: Grid | None
    item_grid: str
    files: tuple[Mapping[str, object], ...]
    horizontal: bool
    floating: bool
    extra: Mapping[str, object]


def joined(*parts: Part) -> Part:
    """All of `parts` in one: a later value counts, but attributes, extras and classes come together."""
    made = Part()
    for part in parts:
        together = Part(
            attributes={**made.get("attributes", {}), **part.get("attributes", {})},
            extra={**made.get("extra", {}), **part.get("extra", {})},
            css=" ".join(filter(None, [made.get("css"), part.get("css")])),
            container=" ".join(filter(None, [made.get("container"), part.get("container")])),
        )
        made = {**made, **part, **together}
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the user had entered when the answer was refused, and why it was."""

    values: Mapping[str, object] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
