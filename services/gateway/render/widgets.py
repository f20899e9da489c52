"""One field of a SCREEN as a control: which one, with which texts and conditions. What it holds is fill.py's.

The names of controls are the names of variables; what a form sends is described in docs/http.md "Answering as a form".
Which control a field gets is said by the table of datatypes (``shared.contract.datatypes``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from services.gateway.render.control import Given, Part, Widget, joined
from services.gateway.render.fill import Field, grid, held, of_author
from services.gateway.render.trusted import author_html
from services.gateway.render.values import truth
from shared.contract.datatype_columns import Datatype
from shared.contract.datatypes import DATATYPES, INPUT_TYPES, NOTES, control_of, custom, datatype_of, resolve
from shared.contract.jsonvalue import JsonMap
from shared.markup import MarkupContext, to_html, to_inline, to_plain


def widget(
    spec: JsonMap,
    number: int,
    *,
    words: Mapping[str, str],
    around: MarkupContext,
    given: Given,
    features: JsonMap,
) -> Widget:
    """The control for one field of a SCREEN."""
    options: JsonMap = spec.get("options") or {}
    named, chosen = resolve(str(spec.get("datatype") or "text"), str(spec.get("input") or "") or None)
    if spec.get("variable") is None and named in NOTES:
        return _text(spec, number, named, options, around)
    name = str(spec.get("variable"))
    datatype, look = _datatype(named, options), INPUT_TYPES.get(chosen or "")
    field = Field(
        control=control_of(datatype, look, has_choices=spec.get("choices") is not None),
        spec=spec,
        datatype=datatype,
        look=look,
        options=options,
        entered=given.values.get(name, spec.get("default")),
        words=words,
        around=around,
    )
    messages = json.dumps(dict(spec.get("messages") or {})) if spec.get("messages") else ""
    made = joined(
        _texts(spec, options, around),
        _state(field, given.errors.get(name), messages),
        Part(container=_container(named, chosen, str(options.get("css class") or ""))),
        _place(options, features),
        _conditions(spec),
        held(field),
        of_author(field, messages),
    )
    return Widget(kind=field.kind, number=number, name=name, **made)


def _texts(spec: JsonMap, options: JsonMap, around: MarkupContext) -> Part:
    """Label, help, hint, and what stands under and beside the control."""
    made = Part(hint=to_plain(spec.get("hint") or ""))
    if spec.get("label") is not None:
        made["label"] = author_html(to_inline(spec["label"], around))
        made["plain_label"] = to_plain(spec["label"])
    if spec.get("help"):
        made["help"] = author_html(to_html(spec["help"], around))
        made["help_plain"] = to_plain(spec["help"])
    if options.get("under text"):
        made["under"] = author_html(to_html(options["under text"], around))
    if options.get("note"):
        made["side"] = author_html(to_html(options["note"], around))
    elif options.get("html") or options.get("raw html"):
        made["side"] = author_html(str(options.get("html") or options.get("raw html")))
    return made


def _state(field: Field, error: str | None, messages: str) -> Part:
    css = str(field.options.get("css class") or "")
    others = {
        key.replace(" ", "-"): json.dumps(field.options[key])
        for key in ("disable others", "uncheck others", "check others")
        if field.options.get(key)
    }
    return Part(
        written=str(field.spec.get("source_variable") or ""),
        required=bool(field.spec.get("required")) and field.kind not in {"checkbox", "hidden"},
        disabled=bool(field.spec.get("disabled")),
        error=error,
        css=css,
        messages=messages,
        extra=others,
    )


def _place(options: JsonMap, features: JsonMap) -> Part:
    """Where the control stands, and its label."""
    above = options.get("label above field")
    beside = truth(above) is False or (above is None and truth(features.get("labels above fields")) is False)
    floating = bool(options.get("floating label", features.get("floating labels", False)))
    return Part(grid=grid(options.get("grid")), horizontal=beside, floating=floating)


def _text(spec: JsonMap, number: int, datatype: str, options: JsonMap, around: MarkupContext) -> Widget:
    source = spec.get("label") or ""
    html = to_html(source, around) if datatype == "note" else str(source)
    part = joined(
        Part(
            css=str(options.get("css class") or ""),
            container="note" if datatype == "note" else "",
            grid=grid(options.get("grid")),
        ),
        _conditions(spec),
    )
    kind = "raw" if datatype in {"raw html", "script", "css"} else "text"
    return Widget(
        kind=kind, number=number, html=author_html(html), scripts=tuple(map(str, options.get("scripts") or ())), **part
    )


def _datatype(name: str, options: JsonMap) -> Datatype:
    """The entry of the table, or one for what an author's class says of its datatype."""
    described = options.get("custom")
    if name in DATATYPES or not isinstance(described, Mapping):
        return datatype_of(name)
    return custom(name, str(described.get("input_type") or "text"))


def _container(datatype: str, chosen: str | None, css: str) -> str:
    """The classes that initial.md "css customization" promises."""
    names = ["field-container", f"field-container-datatype-{datatype.replace(' ', '-')}"]
    if chosen:
        names.append(f"field-container-inputtype-{chosen.replace(' ', '-')}")
    names.extend(f"{name}-container" for name in css.split())
    return " ".join(names)


def _conditions(spec: JsonMap) -> Part:
    conditions = [dict(condition) for condition in spec.get("show_ifs") or ()]
    plain = [one for one in conditions if not one.get("js")]
    return Part(
        js_conditions=tuple(one for one in conditions if one.get("js")),
        conditions=json.dumps(plain) if plain else "",
    )
