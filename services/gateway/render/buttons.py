"""What can be pressed: Continue, Yes and No, choices as buttons, action buttons, Back (fields.md, questions.md)."""

from __future__ import annotations

import json
from collections.abc import Sequence

from services.gateway.render.control import Item, Widget
from services.gateway.render.fill import choice_item, picture
from services.gateway.render.source import Source
from services.gateway.render.values import choice_text
from services.gateway.render.view import Button, Buttons, color_of, first, safe_address
from shared.contract.jsonvalue import JsonMap
from shared.markup import to_plain

Spec = JsonMap

#: Styles of a choices screen that are a list with a Continue button.
_LISTS = frozenset({"radio", "dropdown", "combobox", "choices"})


def buttons(source: Source) -> Buttons:
    """The buttons of a screen, by its kind, and those that may stand on every screen."""
    own = [
        (spec.get("placement") == "before", _action_button(spec, source)) for spec in _list(source, "action_buttons")
    ]
    return Buttons(
        answers=_answers(source),
        go_on=_go_on(source),
        before=tuple(button for before, button in own if before),
        after=tuple(button for before, button in own if not before),
        back=_back(source),
    )


def choice_list(source: Source) -> Widget | None:
    """The control of a choices screen that is answered by a list and Continue. Choices that run blocks have JSON as their value."""
    if not _is_list(source):
        return None
    spec: Spec = source.fields[0] if source.fields else {}
    specs = _choices(source)
    runs = any(not choice.get("has_value", True) for choice in specs) or not source.fields
    items = tuple(_choice(source, choice, index, spec, runs=runs) for index, choice in enumerate(specs))
    style = str(_style(source))
    return Widget(
        kind="radio" if style == "choices" else style,
        number=0,
        name=":choice" if runs else str(spec.get("variable")),
        required=bool(spec.get("required", True)),
        plain_label=to_plain(source.screen.get("question") or ""),
        hint=source.words["select"],
        items=items,
        value=next((item.value for item in items if item.selected), ""),
        extra={"bare": True},
    )


def _list(source: Source, name: str) -> list[Spec]:
    return list(source.screen.get(name) or ())


def _choices(source: Source) -> list[Spec]:
    """What a screen of choices offers."""
    return _list(source, "buttons") or list((source.fields[0].get("choices") if source.fields else None) or ())


def _style(source: Source) -> object:
    return source.screen.get("input") or (source.fields[0].get("input") if source.fields else "") or "buttons"


def _is_list(source: Source) -> bool:
    return source.kind == "choices" and _style(source) in _LISTS


def _answers(source: Source) -> tuple[Button, ...]:
    if source.kind == "yesno":
        return _answer_buttons(source, _list(source, "buttons"), ["primary", "secondary", "warning"])
    if source.kind == "choices" and not _is_list(source):
        return _answer_buttons(source, _choices(source), ["primary"])
    return ()


def _answer_buttons(source: Source, specs: Sequence[Spec], colors: Sequence[str]) -> tuple[Button, ...]:
    variable = source.fields[0].get("variable") if source.fields else None
    return tuple(
        _answer_button(source, spec, index, variable, default=colors[min(index, len(colors) - 1)])
        for index, spec in enumerate(specs)
    )


def _answer_button(source: Source, spec: Spec, index: int, variable: str | None, *, default: str) -> Button:
    """A button that answers: it sends the variable's value, or which block to run."""
    if variable and spec.get("has_value", True):
        name, value = variable, choice_text(spec.get("value"))
    else:
        name, value = ":button", json.dumps({"index": index, "label": spec.get("label")})
    return Button(
        label=source.inline(spec.get("label")),
        name=name,
        value=value,
        color=color_of(spec.get("color"), default),
        css=str(spec.get("css_class") or ""),
        image=picture(str(spec["image"]), source.markup) if spec.get("image") else None,
        help=source.html(spec["help"]) if spec.get("help") else None,
    )


def _choice(source: Source, choice: Spec, index: int, spec: Spec, *, runs: bool) -> Item:
    label, default = choice.get("label") or "", spec.get("default")
    value = choice_text(choice.get("value"))
    if runs:
        sent: dict[str, object] = {"index": index, "label": label}
        if choice.get("has_value", True) and source.fields:
            sent = {"variable": spec.get("variable"), "value": value}
        value = json.dumps(sent)
    selected = bool(choice.get("selected")) or (default is not None and choice.get("value") == default)
    return choice_item(choice, source.markup, value=value, label=label, selected=selected)


def _go_on(source: Source) -> Button | None:
    """The button that sends what was filled in, or says that it was read."""
    parts, kind, specs = source.parts, source.kind, _list(source, "buttons")
    own = specs[0].get("label") if specs else None
    label = first(parts.get("continue button label"), parts.get("continue label"))
    color = color_of(first(parts.get("continue button color"), parts.get("continue color")))
    name = str(source.screen.get("continue_variable") or "") if kind in {"fields", "review"} else ""
    if kind == "continue":
        name = str((source.fields[0].get("variable") if source.fields else None) or "")
        label = first(label, own, source.words["continue"])
    elif kind in {"fields", "signature"} or _is_list(source):
        label = first(label, source.words["done" if kind == "signature" else "continue"])
    elif kind == "review":
        label = first(
            parts.get("resume button label"),
            parts.get("continue button label"),
            own,
            source.words["continue" if name else "resume"],
        )
        color = color_of(first(parts.get("resume button color"), color))
    else:
        return None
    return Button(label=source.inline(label), color=color, name=name, value="True" if name else "")


def _back(source: Source) -> Button | None:
    parts = source.parts
    wanted = first(
        parts.get("back button"), source.options.get("back button"), source.features.get("question back button")
    )
    if not source.screen.get("back", True) or wanted in (None, False, "False"):
        return None
    label = first(parts.get("back button label"), source.words["back"])
    return Button(label=source.inline(label), color=color_of(parts.get("back button color"), "link"))


def _action_button(spec: Spec, source: Source) -> Button:
    action = str(spec.get("url") or spec.get("action") or "")
    name, value, href, script = "", "", None, None
    if action.lower().startswith("javascript:"):
        # The engine says where a value, rather than the author, would be the script.
        script, href = (None, "#") if spec.get("runs") is False else (action[len("javascript:") :], None)
    elif spec.get("url") or action.startswith(("http://", "https://", "/", "?")):
        href = safe_address(action) or "#"
    else:
        name, value = ":action", json.dumps(_asked(spec, action))
    return Button(
        label=source.inline(spec.get("label")),
        name=name,
        value=value,
        color=color_of(spec.get("color")),
        css=str(spec.get("css_class") or spec.get("css class") or ""),
        image=picture(str(spec["icon"]), source.markup) if spec.get("icon") else None,
        href=href,
        new_window=bool(spec.get("new_window") or spec.get("new window")),
        script=script,
    )


def _asked(spec: Spec, action: str) -> dict[str, object]:
    """The action that a button asks for."""
    arguments = spec.get("arguments") or {}
    if spec.get("forget_prior") or spec.get("forget prior"):
        return {"action": "_da_priority_action", "arguments": {"_action": action, "_arguments": arguments}}
    return {"action": action, "arguments": arguments}
