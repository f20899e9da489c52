"""What can be pressed: Continue, Yes and No, choices as buttons, action buttons, Back (fields.md, questions.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from services.gateway.render import layout
from services.gateway.render.trusted import author_html
from services.gateway.render.values import choice_text
from services.gateway.render.view import Button, View, color_of, first, safe_address
from services.gateway.render.widgets import Item, Widget, picture
from shared.authoring.markup import Surroundings, to_html, to_inline, to_plain


def answer_button(
    spec: Mapping[str, Any], index: int, variable: str | None, surroundings: Surroundings, *, default: str
) -> Button:
    """A button that answers: it sends the variable's value, or which block to run."""
    button = Button(
        label=author_html(to_inline(spec.get("label") or "", surroundings)), color=color_of(spec.get("color"), default)
    )
    button.css = str(spec.get("css_class") or "")
    if spec.get("image"):
        button.image = picture(str(spec["image"]), surroundings)
    if spec.get("help"):
        button.help = author_html(to_html(spec["help"], surroundings))
    if variable and spec.get("has_value", True):
        button.name, button.value = variable, choice_text(spec.get("value"))
    else:
        button.name, button.value = ":button", json.dumps({"index": index, "label": spec.get("label")})
    return button


def place(made: View, screen: Mapping[str, Any], surroundings: Surroundings, ours: Mapping[str, str]) -> None:
    """The buttons of `screen`, by its kind, and those that may stand on every screen."""
    parts: Mapping[str, Any] = screen.get("parts") or {}
    features: Mapping[str, Any] = screen.get("features") or {}
    fields = list(screen.get("fields") or ())
    variable = fields[0].get("variable") if fields else None
    specs = list(screen.get("buttons") or ())
    label = first(parts.get("continue button label"), parts.get("continue label"), ours["continue"])
    color = color_of(first(parts.get("continue button color"), parts.get("continue color")))
    if made.kind == "choices" and not specs:
        specs = list((fields[0].get("choices") if fields else None) or ())
    style = str(screen.get("input") or (fields[0].get("input") if fields else "") or "buttons")
    if made.kind == "choices" and style in {"radio", "dropdown", "combobox", "choices"}:
        made.widgets = [_choice_widget(screen, fields, specs, style, surroundings, ours)]
        made.rows = layout.rows(made.widgets)
        made.continue_button = Button(label=author_html(to_inline(label, surroundings)), color=color)
    elif made.kind in {"yesno", "choices"}:
        defaults = ["primary", "secondary", "warning"] if made.kind == "yesno" else ["primary"]
        made.buttons = [
            answer_button(spec, index, variable, surroundings, default=defaults[min(index, len(defaults) - 1)])
            for index, spec in enumerate(specs)
        ]
    elif made.kind == "continue":
        own = specs[0].get("label") if specs else None
        shown = first(parts.get("continue button label"), parts.get("continue label"), own, ours["continue"])
        made.continue_button = Button(
            label=author_html(to_inline(shown, surroundings)),
            color=color,
            name=str(variable or ""),
            value="True" if variable else "",
        )
    elif made.kind in {"fields", "signature"}:
        shown = first(
            parts.get("continue button label"),
            parts.get("continue label"),
            ours["done"] if made.kind == "signature" else label,
        )
        made.continue_button = Button(label=author_html(to_inline(shown, surroundings)), color=color)
    elif made.kind == "review" and (screen.get("continue_variable") or screen.get("buttons") or not specs):
        shown = first(
            parts.get("resume button label"),
            parts.get("continue button label"),
            specs[0].get("label") if specs else None,
            ours["resume"],
        )
        made.continue_button = Button(
            label=author_html(to_inline(shown, surroundings)),
            color=color_of(first(parts.get("resume button color"), color)),
        )
    if made.continue_button is not None and screen.get("continue_variable") and made.kind in {"fields", "review"}:
        made.continue_button.name, made.continue_button.value = str(screen["continue_variable"]), "True"
    for spec in screen.get("action_buttons") or ():
        one = _action_button(spec, surroundings)
        (made.before if spec.get("placement") == "before" else made.after).append(one)
    made.back = bool(screen.get("back", True))
    made.back_label = to_plain(first(parts.get("corner back button label"), ours["back"]))
    wanted = first(
        parts.get("back button"), (screen.get("options") or {}).get("back button"), features.get("question back button")
    )
    if made.back and wanted not in (None, False, "False"):
        shown = first(parts.get("back button label"), ours["back"])
        made.question_back = Button(
            label=author_html(to_inline(shown, surroundings)), color=color_of(parts.get("back button color"), "link")
        )


def _choice_widget(
    screen: Mapping[str, Any],
    fields: list[Mapping[str, Any]],
    specs: list[Mapping[str, Any]],
    style: str,
    surroundings: Surroundings,
    ours: Mapping[str, str],
) -> Widget:
    """A choices screen that is answered by a list and Continue. Choices that run blocks have JSON as their value."""
    spec = fields[0] if fields else {}
    runs = any(not choice.get("has_value", True) for choice in specs) or not fields
    made = Widget(
        kind="radio" if style == "choices" else style, number=0, name=":choice" if runs else str(spec.get("variable"))
    )
    made.required = bool(spec.get("required", True))
    made.plain_label = to_plain(screen.get("question") or "")
    made.hint = ours["select"]
    default = spec.get("default")
    for index, choice in enumerate(specs):
        label = choice.get("label") or ""
        if runs:
            sent: dict[str, Any] = {"index": index, "label": label}
            if choice.get("has_value", True) and fields:
                sent = {"variable": spec.get("variable"), "value": choice_text(choice.get("value"))}
            value = json.dumps(sent)
        else:
            value = choice_text(choice.get("value"))
        item = Item(value=value, label=author_html(to_inline(label, surroundings)), plain=to_plain(label))
        item.selected = bool(choice.get("selected")) or (default is not None and choice.get("value") == default)
        item.color, item.css = choice.get("color"), choice.get("css_class") or ""
        if choice.get("help"):
            item.help = author_html(to_html(choice["help"], surroundings))
        if choice.get("image"):
            item.image = picture(str(choice["image"]), surroundings)
        made.items.append(item)
    made.value = next((item.value for item in made.items if item.selected), "")
    made.extra["bare"] = True
    return made


def _action_button(spec: Mapping[str, Any], surroundings: Surroundings) -> Button:
    made = Button(
        label=author_html(to_inline(spec.get("label") or "", surroundings)), color=color_of(spec.get("color"))
    )
    made.css = str(spec.get("css_class") or spec.get("css class") or "")
    made.new_window = bool(spec.get("new_window") or spec.get("new window"))
    if spec.get("icon"):
        made.image = picture(str(spec["icon"]), surroundings)
    action = str(spec.get("url") or spec.get("action") or "")
    if action.lower().startswith("javascript:"):
        made.script = action[len("javascript:") :]
    elif spec.get("url") or action.startswith(("http://", "https://", "/", "?")):
        made.href = safe_address(action) or "#"
    else:
        made.name = ":action"
        arguments: dict[str, Any] = {"action": action, "arguments": spec.get("arguments") or {}}
        if spec.get("forget_prior") or spec.get("forget prior"):
            arguments = {
                "action": "_da_priority_action",
                "arguments": {"_action": action, "_arguments": arguments["arguments"]},
            }
        made.value = json.dumps(arguments)
    return made
