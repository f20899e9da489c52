"""What a control holds: its default or what was entered, its choices, the attributes of its input (fields.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from services.gateway.render.control import Item, Widget
from services.gateway.render.trusted import author_html
from services.gateway.render.values import choice_text, number_of, text_of, ticked, truth
from services.gateway.render.words import words
from shared.authoring.markup import Surroundings, to_html, to_inline, to_plain

FILES = {
    "file": None,
    "files": None,
    "camera": "image/*",
    "user": "image/*",
    "environment": "image/*",
    "camcorder": "video/*",
    "microphone": "audio/*",
}
#: datatype -> type of the input, its inputmode, autocomplete.
_INPUTS = {
    "email": ("email", "email", "email"),
    "url": ("url", "url", None),
    "password": ("password", None, "current-password"),
    "integer": ("text", "numeric", "off"),
    "number": ("text", "decimal", "off"),
    "float": ("text", "decimal", "off"),
    "currency": ("text", "decimal", "off"),
    "date": ("date", None, None),
    "time": ("time", None, None),
    "datetime": ("datetime-local", None, None),
    "range": ("range", None, None),
    "phone": ("tel", "tel", "tel"),
    "al_international_phone": ("tel", "tel", "tel"),
}


def _items(
    spec: Mapping[str, Any], entered: Any, around: Surroundings, *, many: bool = False, from_user: bool = False
) -> list[Item]:
    on = ticked(entered) if many else ({choice_text(entered)} if entered is not None and entered != "" else set())
    items = []
    for choice in spec.get("choices") or ():
        value = choice_text(choice.get("value")) if choice.get("has_value", True) else ""
        label = str(choice.get("label") if choice.get("label") is not None else value)
        item = Item(value=value, label=author_html(to_inline(label, around)), plain=to_plain(label))
        item.selected = value in on or (not on and not from_user and bool(choice.get("selected")))
        if choice.get("help"):
            item.help = author_html(to_html(choice["help"], around))
        if choice.get("image"):
            item.image = picture(str(choice["image"]), around)
        item.color, item.css, item.group = choice.get("color"), choice.get("css_class") or "", choice.get("group")
        items.append(item)
    return items


def picture(name: str, around: Surroundings) -> Markup | None:
    """The decoration `name`: an image of the interview, or an icon."""
    found = around.icon(name) if around.icon is not None else None
    return author_html(found) if found else None


def fill(
    made: Widget,
    spec: Mapping[str, Any],
    datatype: str,
    options: Mapping[str, Any],
    entered: Any,
    language: str,
    around: Surroundings,
) -> None:
    ours = words(language)
    chosen = str(spec.get("input") or "")
    if made.kind == "checkbox":
        inverted = chosen.startswith("noyes") or datatype.startswith("noyes")
        made.value, made.off = ("False", "True") if inverted else ("True", "False")
        made.checked = entered is not None and text_of(entered) == made.value
        made.extra["wide"] = "wide" in chosen or "wide" in datatype
    elif made.kind == "radio":
        if spec.get("choices") is None:
            made.items = _yes_no(chosen or datatype, entered, ours)
            made.extra["short"] = True
        else:
            made.items = _items(spec, entered, around)
        _none_of_the_above(made, options, ours, default=False)
    elif made.kind == "checkboxes":
        made.items = _items(spec, entered, around, many=True)
        _none_of_the_above(made, options, ours, default=True)
        _all_of_the_above(made, options, ours)
        made.attributes |= {
            f"data-{key}": options[key] for key in ("minlength", "maxlength") if options.get(key) is not None
        }
    elif made.kind in {"dropdown", "multiselect", "combobox", "datalist"}:
        made.items = _items(spec, entered, around, many=made.kind == "multiselect")
        made.value = text_of(entered)
        made.attributes["size"] = options.get("rows") if made.kind == "multiselect" else None
        if not made.hint and made.kind == "dropdown":
            made.hint = ours["select"]
    elif made.kind == "ajax":
        made.value = text_of(entered)
        made.attributes |= {
            "data-action": str(options.get("action") or ""),
            "data-trigger": int(number_of(options.get("trigger at")) or 4),
        }
    elif made.kind == "file":
        _file(made, datatype, options, entered)
    elif made.kind != "signature":
        made.value = text_of(entered)
        _input(made, datatype, options)
    if options.get("item grid"):
        columns = grid(options["item grid"])
        made.item_grid = columns["classes"] if columns else ""
    if isinstance(options.get("custom"), Mapping):
        _custom(made, options["custom"])


def _custom(made: Widget, custom: Mapping[str, Any]) -> None:
    """A datatype of the author's (fields.md "Custom data types"): his classes, rules, messages and parameters."""
    made.css = " ".join(filter(None, [made.css, str(custom.get("input_class") or "")]))
    made.container = " ".join(filter(None, [made.container, str(custom.get("container_class") or "")]))
    if made.kind == "input" and custom.get("input_type"):
        made.type = str(custom["input_type"])
    rules, message = custom.get("jq_rule") or (), custom.get("jq_message")
    rules = [rules] if isinstance(rules, str) else [str(rule) for rule in rules]
    made.attributes["data-rules"] = " ".join(rules) or None
    if isinstance(message, Mapping) or (isinstance(message, str) and rules):
        said = dict(message) if isinstance(message, Mapping) else dict.fromkeys(rules, message)
        made.messages = json.dumps({**said, **(json.loads(made.messages) if made.messages else {})})
    for name, value in (custom.get("parameters") or {}).items():
        made.attributes[f"data-{str(name).replace(' ', '-')}"] = text_of(value)
    made.extra["javascript"] = custom.get("javascript")


def _yes_no(style: str, entered: Any, ours: Mapping[str, str]) -> list[Item]:
    pairs = [("True", ours["yes"]), ("False", ours["no"])]
    if style.startswith("noyes"):
        pairs = [("False", ours["yes"]), ("True", ours["no"])]
    if style in {"yesnomaybe", "noyesmaybe", "threestate"}:
        pairs.append(("None", ours["maybe"]))
    now = text_of(entered)
    return [Item(value=value, label=author_html(label), plain=label, selected=value == now) for value, label in pairs]


def _none_of_the_above(made: Widget, options: Mapping[str, Any], ours: Mapping[str, str], *, default: bool) -> None:
    wanted = options.get("none of the above", default)
    if wanted is None:
        wanted = default
    if truth(wanted) is False or not made.items:
        return
    label = ours["none of the above"] if truth(wanted) is True else str(wanted)
    made.items.append(Item(value="", label=author_html(to_inline(label)), plain=to_plain(label), exclusive="nota"))


def _all_of_the_above(made: Widget, options: Mapping[str, Any], ours: Mapping[str, str]) -> None:
    wanted = options.get("all of the above", False)
    if not wanted or truth(wanted) is False or not made.items:
        return
    label = ours["all of the above"] if truth(wanted) is True else str(wanted)
    made.items.append(Item(value="", label=author_html(to_inline(label)), plain=to_plain(label), exclusive="aota"))


def _file(made: Widget, datatype: str, options: Mapping[str, Any], entered: Any) -> None:
    accept = str(options.get("accept") or FILES[datatype] or "").strip().strip("'\"")
    made.attributes |= {
        "accept": accept or None,
        "multiple": datatype == "files",
        "capture": datatype if datatype in {"user", "environment"} else None,
        "data-max-image": options.get("maximum image size"),
        "data-image-type": options.get("image upload type"),
    }
    if isinstance(entered, Mapping):
        entered = entered.get("files")
    made.files = (
        [dict(item) for item in entered if isinstance(item, Mapping)] if isinstance(entered, list | tuple) else []
    )
    if made.files:
        made.required = False


def _input(made: Widget, datatype: str, options: Mapping[str, Any]) -> None:
    made.type, mode, complete = _INPUTS.get(datatype, (str(options.get("input type name") or "text"), None, None))
    attributes: dict[str, Any] = {"inputmode": mode, "autocomplete": options.get("autocomplete") or complete}
    for key in ("minlength", "maxlength", "pattern"):
        attributes[key] = options.get(key)
    numeric = datatype in {"integer", "number", "float", "currency"}
    if numeric:
        # Not type=number: it loses what it cannot parse, counts on the mouse wheel, and refuses 1,000.
        attributes |= {"data-number": "integer" if datatype == "integer" else "number"}
        attributes |= {f"data-{key}": options.get(key) for key in ("min", "max", "step")}
    elif datatype in {"date", "time", "datetime", "range"}:
        attributes |= {key: text_of(options.get(key)) or None for key in ("min", "max", "step")}
    if datatype == "time" and len(made.value) == 8:
        made.value = made.value[:5] if made.value.endswith(":00") else made.value
    if datatype == "datetime":
        made.value = made.value.replace(" ", "T")[:16]
    if datatype == "date":
        made.value = made.value[:10]
    if datatype == "range":
        attributes["min"], attributes["max"] = attributes.get("min") or "0", attributes.get("max") or "100"
        made.value = made.value or attributes["min"]
        attributes["data-scale"] = options.get("scale")
    if datatype == "currency":
        made.prefix = str(options.get("currency symbol") or options.get("currency_symbol") or "$")
        if truth(options.get("currency symbol after")):
            made.prefix, made.suffix = None, made.prefix
    if made.kind == "area":
        attributes = {
            "rows": options.get("rows") or 4,
            "minlength": options.get("minlength"),
            "maxlength": options.get("maxlength"),
        }
    if made.kind == "hidden":
        attributes = {}
    made.attributes |= attributes
    if options.get("address autocomplete"):
        made.attributes["autocomplete"] = "street-address"


def grid(value: Any) -> dict[str, Any] | None:
    if value is None or value is False:
        return None
    given = dict(value) if isinstance(value, Mapping) else {"width": value}
    width = number_of(given.get("width"))
    if width is None or not 1 <= width <= 12:
        return None
    point = str(given.get("breakpoint") or "md")
    infix = "" if point == "xs" else f"-{point}"
    classes = [f"col{infix}-{int(width)}", *([] if point == "xs" else ["col-12"])]
    offset = number_of(given.get("offset"))
    if offset and 1 <= offset <= 11:
        classes.append(f"offset{infix}-{int(offset)}")
    return {
        "classes": " ".join(classes),
        "start": truth(given.get("start")) is True,
        "end": truth(given.get("end")) is True,
    }
