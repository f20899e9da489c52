"""How controls stand on the page: rows of the grid, and fields that the author put into the text ([FIELD …])."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from markupsafe import Markup

from services.gateway.render.control import Widget
from services.gateway.render.trusted import author_html

_FIELD_RE = re.compile(r'<span data-field="([^"]+)"></span>')


@dataclass(frozen=True, slots=True)
class Row:
    """Controls side by side (`grid`), or one alone."""

    widgets: tuple[Widget, ...]
    grid: bool = False


def rows(widgets: Iterable[Widget]) -> tuple[Row, ...]:
    """Adjacent widgets with a `grid` share a row, as `start` and `end` allow (fields.md "grid")."""
    made: list[Row] = []
    side_by_side: list[Widget] = []

    def close() -> None:
        if side_by_side:
            made.append(Row(tuple(side_by_side), grid=True))
            side_by_side.clear()

    for widget in widgets:
        if widget.grid is None:
            close()
            made.append(Row((widget,)))
            continue
        if widget.grid.start:
            close()
        side_by_side.append(widget)
        if widget.grid.end:
            close()
    close()
    return tuple(made)


def embed(
    text: Markup, widgets: Iterable[Widget], show: Callable[[Widget], Markup]
) -> tuple[Markup, tuple[Widget, ...]]:
    """Put controls where `text` says [FIELD …]. Returns the text and the widgets that are still to be placed."""
    by_name = {widget.name: widget for widget in widgets if widget.name}
    used: set[str] = set()

    def one(match: re.Match[str]) -> str:
        name = html.unescape(match.group(1))
        widget = by_name.get(name)
        if widget is None or name in used:
            return ""
        used.add(name)
        return str(show(widget))

    placed = author_html(_FIELD_RE.sub(one, str(text)))
    return placed, tuple(widget for widget in widgets if widget.name not in used)
