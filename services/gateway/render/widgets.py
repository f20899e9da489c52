"""One field of a SCREEN as a control: which one, with which texts and conditions. What it holds is fill.py's.

The names of controls are the names of variables; what a form sends is described in docs/http.md "Answering as a form".
The rules of which control a field gets are those of fields.md "Data types and input types".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from services.gateway.render.control import Given, Item, Widget
from services.gateway.render.fill import FILES, fill, grid, picture
from services.gateway.render.trusted import author_html
from services.gateway.render.values import truth
from shared.authoring.markup import Surroundings, to_html, to_inline, to_plain

__all__ = ["Given", "Item", "Widget", "picture", "widget"]

TEXTS = frozenset({"note", "html", "raw html", "script", "css"})
_SCRIPT_RE = re.compile(r"<script\b", re.I)
_YES_NO = frozenset(
    {"yesno", "noyes", "yesnowide", "noyeswide", "yesnoradio", "noyesradio", "yesnomaybe", "noyesmaybe"}
)


def widget(
    spec: Mapping[str, Any],
    number: int,
    *,
    language: str,
    around: Surroundings,
    given: Given,
    features: Mapping[str, Any],
) -> Widget:
    """The control for one field of a SCREEN."""
    options: Mapping[str, Any] = spec.get("options") or {}
    datatype = str(spec.get("datatype") or "text")
    if spec.get("variable") is None and datatype in TEXTS:
        return _text(spec, number, datatype, options, around)
    name = str(spec.get("variable"))
    made = Widget(kind="input", number=number, name=name)
    made.kind = _kind(spec, datatype)
    label = spec.get("label")
    if label is not None:
        made.label = author_html(to_inline(label, around))
        made.plain_label = to_plain(label)
    made.required = bool(spec.get("required")) and made.kind not in {"checkbox", "hidden"}
    made.disabled = bool(spec.get("disabled"))
    if spec.get("help"):
        made.help = author_html(to_html(spec["help"], around))
        made.help_plain = to_plain(spec["help"])
    made.hint = to_plain(spec.get("hint") or "")
    if options.get("under text"):
        made.under = author_html(to_html(options["under text"], around))
    if options.get("note"):
        made.side = author_html(to_html(options["note"], around))
    elif options.get("html") or options.get("raw html"):
        made.side = author_html(str(options.get("html") or options.get("raw html")))
    made.error = given.errors.get(name)
    made.css = str(options.get("css class") or "")
    made.container = _container(datatype, spec.get("input"), made.css)
    _conditions(made, spec)
    made.messages = json.dumps(dict(spec.get("messages") or {})) if spec.get("messages") else ""
    made.grid = grid(options.get("grid"))
    above = options.get("label above field")
    made.horizontal = truth(above) is False or (above is None and truth(features.get("labels above fields")) is False)
    made.floating = bool(options.get("floating label", features.get("floating labels", False)))
    for key in ("disable others", "uncheck others", "check others"):
        if options.get(key):
            made.extra[key.replace(" ", "-")] = json.dumps(options[key])
    entered = given.values.get(name, spec.get("default"))
    fill(made, spec, datatype, options, entered, language, around)
    return made


def _text(
    spec: Mapping[str, Any], number: int, datatype: str, options: Mapping[str, Any], around: Surroundings
) -> Widget:
    source = spec.get("label") or ""
    # The page's script runs them, with the response's nonce and on every screen; the browser by itself must not (security.py).
    html = (
        to_html(source, around)
        if datatype == "note"
        else _SCRIPT_RE.sub('<script type="text/plain" data-author', str(source))
    )
    made = Widget(
        kind="raw" if datatype in {"raw html", "script", "css"} else "text", number=number, html=author_html(html)
    )
    made.css = str(options.get("css class") or "")
    made.container = "note" if datatype == "note" else ""
    made.grid = grid(options.get("grid"))
    _conditions(made, spec)
    return made


def _kind(spec: Mapping[str, Any], datatype: str) -> str:
    chosen = str(spec.get("input") or "")
    has_choices = spec.get("choices") is not None
    if chosen == "hidden" or datatype == "hidden":
        return "hidden"
    if datatype in FILES:
        return "file"
    if datatype == "signature":
        return "signature"
    if datatype in {"checkboxes", "object_checkboxes"}:
        return "checkboxes"
    if datatype in {"multiselect", "object_multiselect"}:
        return "multiselect"
    if chosen in {"ajax", "combobox", "datalist"}:
        return chosen
    if chosen == "radio" or datatype == "object_radio":
        return "radio"
    if datatype in {"boolean", "threestate"} or datatype in _YES_NO:
        style = chosen if chosen in _YES_NO else datatype
        if style in {"yesnoradio", "noyesradio", "yesnomaybe", "noyesmaybe", "threestate"}:
            return "radio"
        if has_choices and style not in {"yesno", "noyes", "yesnowide", "noyeswide"}:
            return "dropdown"
        return "checkbox"
    if has_choices or chosen == "dropdown" or datatype == "object":
        return "dropdown"
    if chosen == "area" or datatype in {"area", "mlarea"}:
        return "area"
    return "range" if datatype == "range" else "input"


def _container(datatype: str, chosen: Any, css: str) -> str:
    """The classes that initial.md "css customization" promises."""
    names = ["field-container", f"field-container-datatype-{datatype.replace(' ', '-')}"]
    if chosen:
        names.append(f"field-container-inputtype-{str(chosen).replace(' ', '-')}")
    names.extend(f"{name}-container" for name in css.split())
    return " ".join(names)


def _conditions(made: Widget, spec: Mapping[str, Any]) -> None:
    plain = []
    for condition in spec.get("show_ifs") or ():
        if condition.get("js"):
            made.js_conditions.append(dict(condition))
        else:
            plain.append(dict(condition))
    if plain:
        made.conditions = json.dumps(plain)
