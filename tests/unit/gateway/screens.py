"""Short ways to write SCREEN JSON in tests."""

from __future__ import annotations

from typing import Any

from services.gateway.client.reply import Reply
from services.gateway.render.control import Given, Widget
from services.gateway.render.screen import view
from services.gateway.render.view import View


def field(variable: str | None, label: str | None = "Label", datatype: str = "text", **more: Any) -> dict[str, Any]:
    return {"variable": variable, "label": label, "datatype": datatype, "required": True, **more}


def choice(label: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"label": label, "value": label if value is None else value, "has_value": True, **more}


def screen(kind: str = "fields", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "question": "Question", "fields": [], "token": "t", "language": "en", **more}


def shown(made: dict[str, Any], *, given: Given | None = None, **reply: Any) -> View:
    answer = Reply.of(session="s", interview="demos:x.yml", screen=made, **reply)
    return view(answer, brand="Parley", host="localhost", given=given)


def one(
    variable: str = "a", label: str | None = "Label", datatype: str = "text", *, given: Given | None = None, **more: Any
) -> Widget:
    """The widget of a screen with a single field."""
    return shown(screen(fields=[field(variable, label, datatype, **more)]), given=given).form.widgets[0]
