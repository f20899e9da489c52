"""Several items of a list on one screen (groups.md "list collect"): each in a box of its own, to be added and removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from services.gateway.render import layout
from services.gateway.render.control import Widget
from services.gateway.render.trusted import author_html
from services.gateway.render.values import truth, whole
from shared.markup import MarkupContext, to_inline


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedItem:
    index: int
    label: Markup
    rows: tuple[layout.Row, ...] = ()
    removable: bool = True
    fresh: bool = (
        False  #: nothing is answered yet: what it holds are the author's defaults, which a further item has, too
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """`delete` is the name under which the form says which items go; `further` are labels of items that are added, by their index."""

    name: str
    delete: str
    add_label: Markup | None
    items: tuple[CollectedItem, ...]
    further: tuple[tuple[int, Markup], ...] = ()


def collected(
    spec: object, widgets: tuple[Widget, ...], around: MarkupContext, *, add: str, typed: bool = False
) -> tuple[Collected | None, tuple[Widget, ...]]:
    """The items that ``Screen.options["list collect"]`` describes, and the widgets that belong to none.

    `typed`: the widgets hold what the user had entered when the answer was refused.
    """
    if not isinstance(spec, Mapping) or not spec.get("list"):
        return None, widgets
    name, labels, answered = str(spec["list"]), list(spec.get("labels") or ()), list(spec.get("answered") or ())
    by_index: dict[int, list[Widget]] = {}
    rest: list[Widget] = []
    current: int | None = None
    for widget in widgets:
        index = _index(widget.name, name) if widget.name else current
        if index is None:
            rest.append(widget)
        else:  # notes between the fields of an item belong to it
            by_index.setdefault(index, []).append(widget)
            current = index
    least = int(spec.get("minimum") or 0)
    may_go = truth(spec.get("allow delete", True)) is not False
    items = []
    for index, own in sorted(by_index.items()):
        label = str(labels[index]) if index < len(labels) else f"{index + 1}."
        removable = may_go and index >= least
        items.append(
            CollectedItem(
                index=index,
                label=author_html(to_inline(label, around)),
                rows=layout.rows(own),
                removable=removable,
                fresh=not typed and index < len(answered) and not answered[index],
            )
        )
    add_label = None
    if truth(spec.get("allow append", True)) is not False:
        add_label = author_html(to_inline(spec.get("add another label") or add, around))
    delete = str(spec.get("delete") or "_da_list_collect_delete")
    further = tuple(
        (index, author_html(to_inline(str(label), around)))
        for index, label in enumerate(spec.get("further labels") or (), len(labels))
    )
    made = Collected(name=name, delete=delete, add_label=add_label, items=tuple(items), further=further)
    return made, tuple(rest)


def _index(variable: str, name: str) -> int | None:
    """k of ``name[k]…``."""
    if not variable.startswith(f"{name}["):
        return None
    return whole(variable[len(name) + 1 :].partition("]")[0])
