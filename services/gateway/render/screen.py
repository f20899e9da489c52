"""A whole SCREEN as the template screen.html prints it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from services.gateway.render import buttons, frame, layout
from services.gateway.render.collect import collected
from services.gateway.render.surroundings import FileLookup, around, package_of, package_url
from services.gateway.render.trusted import author_html
from services.gateway.render.view import View, first, listed, safe_address
from services.gateway.render.widgets import Given, picture, widget
from services.gateway.render.words import direction, words
from shared.authoring.markup import Surroundings, to_html, to_inline, to_plain
from shared.authoring.markup.terms import term_id

_USED_TERM_RE = re.compile(r'popovertarget="(term-[0-9a-f]+)"')
_MARKDOWN_PARTS = ("under", "right", "pre", "post", "submit", "footer")


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
        for text in listed(first(options.get(name), parts.get(name))):
            made.media.append(_medium(name, text, surroundings, interview))
    made.attributions = [author_html(to_inline(text, surroundings)) for text in listed(options.get("attributions"))]
    _brand(made, titles, parts, brand)
    _fields(made, screen, surroundings, given, features, language)
    buttons.place(made, screen, surroundings, ours)
    frame.review(made, screen, surroundings)
    frame.around(made, str(reply.get("session") or ""), screen, parts, features, surroundings, ours)
    frame.author_code(made, screen, parts, features, interview)
    _errors(made, reply, given, ours)
    _definitions(made, screen, surroundings)
    made.body_class = _body_class(screen, parts)
    made.centered = features.get("centered") not in (False, "False")
    return made


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
    spec = (screen.get("options") or {}).get("list collect")
    made.collected, rest = collected(spec, made.widgets, surroundings, add=words(language)["add another"])
    made.rows = layout.rows(rest)


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
