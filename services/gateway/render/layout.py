"""How controls stand on the page: rows of the grid, and fields that the author put into the text ([FIELD …])."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from markupsafe import Markup

from services.gateway.render.trusted import author_html
from services.gateway.render.widgets import Widget

_FIELD_RE = re.compile(r'<span data-field="([^"]+)"></span>')


@dataclass(slots=True)
class Row:
    """Controls side by side (`grid`), or one alone."""

    widgets: list[Widget] = field(default_factory=list)
    grid: bool = False


def rows(widgets: list[Widget]) -> list[Row]:
    """Adjacent widgets with a `grid` share a row, as `start` and `end` allow (fields.md "grid")."""
    made: list[Row] = []
    joined = False
    for widget in widgets:
        if widget.grid is None:
            made.append(Row([widget]))
            joined = False
            continue
        if not joined or widget.grid["start"]:
            made.append(Row(grid=True))
        made[-1].widgets.append(widget)
        joined = not widget.grid["end"]
    return made


def embed(text: Markup, widgets: list[Widget], show: Callable[[Widget], Markup]) -> tuple[Markup, list[Widget]]:
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
    return placed, [widget for widget in widgets if widget.name not in used]
