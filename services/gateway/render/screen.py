"""A whole SCREEN as the template screen.html prints it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from services.gateway.render import layout
from services.gateway.render.surroundings import FileLookup, around, package_of, package_url
from services.gateway.render.trusted import author_html
from services.gateway.render.values import choice_text
from services.gateway.render.widgets import Given, Item, Widget, picture, widget
from services.gateway.render.words import direction, words
from shared.authoring.markup import Surroundings, to_html, to_inline, to_plain
from shared.authoring.markup.terms import term_id

COLORS = frozenset({"primary", "secondary", "success", "danger", "warning", "info", "light", "dark", "link"})
_USED_TERM_RE = re.compile(r'popovertarget="(term-[0-9a-f]+)"')
_SCRIPT_RE = re.compile(r"<script\b", re.I)
_MARKDOWN_PARTS = ("under", "right", "pre", "post", "submit", "footer")


@dataclass(slots=True, kw_only=True)
class Button:
    """Something to press. `name` and `value` are what the form sends; `href` makes it a link."""

    label: Markup
    name: str = ""
    value: str = ""
    color: str = "primary"
    css: str = ""
    image: Markup | None = None
    help: Markup | None = None
    href: str | None = None
    new_window: bool = False
    script: str | None = None


@dataclass(slots=True, kw_only=True)
class View:
    """Everything the template needs, ready to print."""

    kind: str
    language: str
    direction: str
    words: Mapping[str, str]
    title: str
    heading: Markup
    subquestion: Markup
    parts: dict[str, Markup] = field(default_factory=dict)
    decoration: Markup | None = None
    rows: list[layout.Row] = field(default_factory=list)
    widgets: list[Widget] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    before: list[Button] = field(default_factory=list)
    after: list[Button] = field(default_factory=list)
    continue_button: Button | None = None
    back: bool = False
    back_label: str = ""
    question_back: Button | None = None
    review: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    help: list[dict[str, Any]] = field(default_factory=list)
    help_label: str = ""
    help_own: bool = False
    help_button: bool = False
    menu: list[dict[str, Any]] = field(default_factory=list)
    navigation: list[dict[str, Any]] = field(default_factory=list)
    navigation_style: str = "side"
    progress: int | None = None
    progress_percentage: bool = False
    embedded: Markup | None = None  #: the subquestion with controls in it ([FIELD …])
    definitions: list[tuple[str, str, Markup]] = field(default_factory=list)
    errors: list[tuple[str, str, str]] = field(default_factory=list)
    message: str | None = None
    brand: Markup = field(default_factory=Markup)
    short_brand: Markup = field(default_factory=Markup)
    brand_url: str | None = None
    body_class: str = ""
    scripts: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    script_html: str = ""
    css_html: Markup = field(default_factory=Markup)
    js_conditions: list[dict[str, Any]] = field(default_factory=list)
    multipart: bool = False
    centered: bool = True
    media: list[Markup] = field(default_factory=list)
    page: dict[str, Any] = field(default_factory=dict)


def _color(value: Any, default: str = "primary") -> str:
    return value if isinstance(value, str) and value in COLORS else default


def safe_address(address: Any) -> str | None:
    """An address that may be a link or a redirect: relative, http(s), mailto or tel; None for anything that would run."""
    text = str(address or "").strip()
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.\-]*):", text)
    if (
        not text
        or (scheme and scheme.group(1).lower() not in {"http", "https", "mailto", "tel"})
        or text.startswith("//")
    ):
        return None
    return text


def first(*candidates: Any) -> Any:
    return next((one for one in candidates if one not in (None, "")), None)


def view(
    reply: Mapping[str, Any], *, brand: str, host: str, lookup: FileLookup | None = None, given: Given | None = None
) -> View:
    """The View of a REPLY whose screen is not a command or response."""
    screen: Mapping[str, Any] = reply["screen"]
    interview = str(reply.get("interview") or "")
    given = given or Given()
    language = str(screen.get("language") or "en")
    ours = words(language)
    surroundings = around(screen, interview, lookup, host=host)
    parts: Mapping[str, Any] = screen.get("parts") or {}
    features: Mapping[str, Any] = screen.get("features") or {}
    titles: Mapping[str, Any] = screen.get("title") or {}
    made = View(
        kind=str(screen["kind"]),
        language=language,
        direction=direction(language),
        words=ours,
        title=to_plain(first(titles.get("tab title"), titles.get("short title"), titles.get("title"), brand)),
        heading=author_html(to_inline(screen.get("question") or "", surroundings)),
        subquestion=author_html(to_html(screen.get("subquestion") or "", surroundings)),
    )
    for name in _MARKDOWN_PARTS:
        if parts.get(name):
            made.parts[name] = author_html(to_html(parts[name], surroundings))
    options: Mapping[str, Any] = screen.get("options") or {}
    if first(options.get("decoration"), parts.get("decoration")):
        made.decoration = picture(str(first(options.get("decoration"), parts.get("decoration"))), surroundings)
    for name in ("audio", "video"):
        for text in _listed(first(options.get(name), parts.get(name))):
            made.media.append(_medium(name, text, surroundings, interview))
    _brand(made, titles, parts, brand)
    _fields(made, screen, surroundings, given, features, language)
    _buttons(made, screen, parts, surroundings, features, ours)
    _review(made, screen, surroundings)
    _around_the_question(made, screen, parts, features, surroundings, ours)
    _author_code(made, screen, parts, features, interview)
    _errors(made, reply, given, ours)
    _definitions(made, screen, surroundings)
    made.body_class = _body_class(screen, parts)
    made.centered = features.get("centered") not in (False, "False")
    return made


def _listed(value: Any) -> list[str]:
    if not value:
        return []
    return [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]


def _medium(name: str, text: str, surroundings: Surroundings, interview: str) -> Markup:
    if text.lstrip().startswith("["):
        return author_html(to_html(text, surroundings))
    url = package_url(text.strip(), package_of(interview))
    return author_html('<{0} controls preload="metadata" class="w-100" src="{1}"></{0}>').format(author_html(name), url)


def _brand(made: View, titles: Mapping[str, Any], parts: Mapping[str, Any], brand: str) -> None:
    def one(name: str) -> Any:
        return first(titles.get(name), parts.get(name))

    logo = first(one("logo"))
    made.brand = author_html(str(logo)) if logo else Markup("{}").format(to_plain(first(one("title"), brand)))
    short = first(one("short logo"), logo)
    made.short_brand = (
        author_html(str(short))
        if short
        else Markup("{}").format(to_plain(first(one("short title"), one("title"), brand)))
    )
    made.brand_url = safe_address(one("title url"))


def _fields(
    made: View,
    screen: Mapping[str, Any],
    surroundings: Surroundings,
    given: Given,
    features: Mapping[str, Any],
    language: str,
) -> None:
    if made.kind in {"review", "yesno", "continue", "choices"}:
        specs = []
    else:
        specs = list(screen.get("fields") or ())
    made.widgets = [
        widget(spec, number, language=language, around=surroundings, given=given, features=features)
        for number, spec in enumerate(specs)
    ]
    made.multipart = any(one.kind in {"file", "signature"} for one in made.widgets)
    made.js_conditions = [
        {"number": one.number, **{key: condition.get(key) for key in ("js", "sign", "disable")}}
        for one in made.widgets
        for condition in one.js_conditions
    ]
    made.rows = layout.rows(made.widgets)


def answer_button(
    spec: Mapping[str, Any], index: int, variable: str | None, surroundings: Surroundings, *, default: str
) -> Button:
    """A button that answers: it sends the variable's value, or which block to run."""
    button = Button(
        label=author_html(to_inline(spec.get("label") or "", surroundings)), color=_color(spec.get("color"), default)
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


def _buttons(
    made: View,
    screen: Mapping[str, Any],
    parts: Mapping[str, Any],
    surroundings: Surroundings,
    features: Mapping[str, Any],
    ours: Mapping[str, str],
) -> None:
    fields = list(screen.get("fields") or ())
    variable = fields[0].get("variable") if fields else None
    specs = list(screen.get("buttons") or ())
    label = first(parts.get("continue button label"), parts.get("continue label"), ours["continue"])
    color = _color(first(parts.get("continue button color"), parts.get("continue color")))
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
            color=_color(first(parts.get("resume button color"), color)),
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
            label=author_html(to_inline(shown, surroundings)), color=_color(parts.get("back button color"), "link")
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
    made = Button(label=author_html(to_inline(spec.get("label") or "", surroundings)), color=_color(spec.get("color")))
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


def _review(made: View, screen: Mapping[str, Any], surroundings: Surroundings) -> None:
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


def _around_the_question(
    made: View,
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
    for item in screen.get("attachments") or ():
        shown = dict(item)
        shown["name"] = author_html(to_inline(item.get("name") or "", surroundings))
        shown["description"] = author_html(to_html(item.get("description") or "", surroundings))
        made.attachments.append(shown)


def _author_code(
    made: View, screen: Mapping[str, Any], parts: Mapping[str, Any], features: Mapping[str, Any], interview: str
) -> None:
    package = str((screen.get("options") or {}).get("package") or package_of(interview))
    made.scripts = [package_url(str(one), package) for one in _listed(features.get("javascript"))]
    made.styles = [package_url(str(one), package) for one in _listed(features.get("css"))]
    made.script_html = str(parts.get("script") or "")
    made.css_html = author_html(str(parts.get("css") or ""))
    texts = [str(one.html) for one in made.widgets if one.html is not None] + [
        str(one.side) for one in made.widgets if one.side
    ]
    made.page["author_code"] = bool(
        made.scripts
        or made.script_html
        or made.js_conditions
        or screen.get("check_in")
        or any(_SCRIPT_RE.search(text) for text in texts)
    )


def _errors(made: View, reply: Mapping[str, Any], given: Given, ours: Mapping[str, str]) -> None:
    rejected = reply.get("rejected") or {}
    if not rejected and not given.errors:
        return
    made.message = rejected.get("message")
    placed = set()
    for one in made.widgets:
        if one.error:
            placed.add(one.name)
            made.errors.append((one.id, one.plain_label or one.hint, one.error))
    for name, message in given.errors.items():
        if name not in placed:
            made.errors.append(("", "", message))
    if not made.message and not made.errors:
        made.message = ours["problem"]


def _definitions(made: View, screen: Mapping[str, Any], surroundings: Surroundings) -> None:
    known = {**dict(screen.get("auto_terms") or {}), **dict(screen.get("terms") or {})}
    if not known:
        return
    texts: list[Any] = [made.heading, made.subquestion, *made.parts.values(), *(item["content"] for item in made.help)]
    for one in made.widgets:
        texts += [one.label, one.help, one.html, one.under, one.side, *(item.label for item in one.items)]
    texts += [row.get(key) for row in made.review for key in ("html", "label", "content")]
    used = set(_USED_TERM_RE.findall("".join(str(text) for text in texts if text)))
    plain = Surroundings(file_tag=surroundings.file_tag, icon=surroundings.icon)
    for term, definition in known.items():
        if term_id(term) in used:
            made.definitions.append((term_id(term), term, author_html(to_html(definition, plain))))


def _body_class(screen: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    names = []
    if screen.get("question_id"):
        # initial.md "css customization"
        names.append("question-" + re.sub(r"[^a-z0-9]+", "-", str(screen["question_id"]).lower()).strip("-"))
    if parts.get("css class"):
        names.append(str(parts["css class"]))
    return " ".join(names)
