"""What stands around a question: review items, help, menu, sections, progress, documents, author code."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from services.gateway.render.surroundings import package_of, package_url
from services.gateway.render.trusted import author_html
from services.gateway.render.view import View, first, listed, safe_address
from shared.authoring.markup import Surroundings, to_html, to_inline, to_plain

_SCRIPT_RE = re.compile(r"<script\b", re.I)


def review(made: View, screen: Mapping[str, Any], surroundings: Surroundings) -> None:
    if made.kind != "review":
        return
    for number, spec in enumerate(screen.get("fields") or ()):
        datatype = spec.get("datatype")
        label = spec.get("label")
        row: dict[str, Any] = {"id": f"r{number}", "datatype": datatype}
        if datatype in {"note", "html", "raw html"}:
            row["html"] = author_html(to_html(label or "", surroundings) if datatype == "note" else str(label or ""))
        else:
            row["label"] = author_html(to_inline(label or "", surroundings))
            row["plain"] = to_plain(label or "")
            options = spec.get("options") or {}
            row["button"] = author_html(to_inline(options["button"], surroundings)) if options.get("button") else None
            row["content"] = author_html(to_html(spec.get("help") or "", surroundings))
            asked = {
                "action": options.get("action") or spec.get("variable"),
                "arguments": options.get("arguments") or {},
            }
            row["action"] = json.dumps(asked)
        made.review.append(row)


def around(
    made: View,
    session: str,
    screen: Mapping[str, Any],
    parts: Mapping[str, Any],
    features: Mapping[str, Any],
    surroundings: Surroundings,
    ours: Mapping[str, str],
) -> None:
    for item in screen.get("help") or ():
        content = author_html(to_html(item.get("content") or "", surroundings))
        heading = author_html(to_inline(item["heading"], surroundings)) if item.get("heading") else None
        made.help.append({"heading": heading, "content": content})
    own = next((item for item in screen.get("help") or () if item.get("label")), None)
    made.help_label = to_plain(first(own.get("label") if own else None, parts.get("help label"), ours["help"]))
    made.help_own = bool(own) or bool((screen.get("options") or {}).get("help"))
    made.help_button = features.get("question help button") in (True, "True") and bool(made.help)
    made.corner_back = features.get("navigation back button") not in (False, "False")
    made.corner = features.get("hide corner interface") not in (True, "True")
    made.standard_menu = features.get("hide standard menu") not in (True, "True")
    titles: Mapping[str, Any] = screen.get("title") or {}
    if any(first(parts.get(name), titles.get(name)) for name in ("exit link", "exit label", "exit url")):
        word = "leave" if first(parts.get("exit link"), titles.get("exit link")) == "leave" else "exit"
        made.exit = (word, to_plain(first(parts.get("exit label"), titles.get("exit label"), ours["exit"])))
    if parts.get("navigation bar html"):
        made.parts["navigation bar html"] = author_html(str(parts["navigation bar html"]))
    for item in screen.get("menu") or ():
        made.menu.append({"label": to_plain(item.get("label") or ""), "url": safe_address(item.get("url")) or "#"})
    made.navigation = [dict(item) for item in screen.get("navigation") or ()]
    for entry in made.navigation:
        entry["label"] = author_html(to_inline(entry.get("label") or "", surroundings))
        entry["sub"] = [
            {**sub, "label": author_html(to_inline(sub.get("label") or "", surroundings))}
            for sub in entry.get("sub") or ()
        ]
    made.navigation_style = "top" if features.get("navigation") == "horizontal" else "side"
    if features.get("navigation") in (None, False, "False"):
        made.navigation = []
    progress = screen.get("progress")
    if (
        isinstance(progress, int | float)
        and progress > 0
        and features.get("progress bar") not in (None, False, "False")
    ):
        made.progress = min(100, round(progress))
    made.progress_percentage = features.get("show progress bar percentage") in (True, "True")
    for number, item in enumerate(screen.get("attachments") or ()):
        shown = {**item, "url": f"/document/{number}?session={quote(session)}"}
        shown["name"] = author_html(to_inline(item.get("name") or "", surroundings))
        shown["description"] = author_html(to_html(item.get("description") or "", surroundings))
        made.attachments.append(shown)


def author_code(
    made: View, screen: Mapping[str, Any], parts: Mapping[str, Any], features: Mapping[str, Any], interview: str
) -> None:
    package = str((screen.get("options") or {}).get("package") or package_of(interview))
    made.scripts = [package_url(str(one), package) for one in listed(features.get("javascript"))]
    made.styles = [package_url(str(one), package) for one in listed(features.get("css"))]
    made.script_html = str(parts.get("script") or "")
    made.css_html = author_html(str(parts.get("css") or ""))
    texts = [str(one.html) for one in made.widgets if one.html is not None] + [
        str(one.side) for one in made.widgets if one.side
    ]
    datatypes = dict.fromkeys(str(one.extra["javascript"]) for one in made.widgets if one.extra.get("javascript"))
    made.page["datatypes"] = list(datatypes)
    made.page["author_code"] = bool(
        datatypes
        or made.scripts
        or made.script_html
        or made.js_conditions
        or screen.get("check_in")
        or any(_SCRIPT_RE.search(text) for text in texts)
    )
