"""A whole SCREEN as the template screen.html prints it: `view`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup

from services.gateway.client.reply import Reply
from services.gateway.render import buttons, frame, layout
from services.gateway.render.code import author_code
from services.gateway.render.collect import collected
from services.gateway.render.control import Given, Widget
from services.gateway.render.fill import picture
from services.gateway.render.media import players
from services.gateway.render.references import FileLookup
from services.gateway.render.source import Source
from services.gateway.render.trusted import author_html
from services.gateway.render.view import Brand, Form, Refusal, ReviewRow, View, first, listed, off, safe_address
from services.gateway.render.widgets import widget
from shared.catalogue.catalogues import direction
from shared.markup import MarkupContext, to_html, to_plain
from shared.markup.terms import term_id

_USED_TERM_RE = re.compile(r'popovertarget="(term-[0-9a-f]+)"')
_MARKDOWN_PARTS = ("under", "right", "pre", "post", "submit", "footer")
#: Kinds of screens whose fields are not filled in: they are buttons, or lines of a review.
_NO_CONTROLS = frozenset({"review", "yesno", "continue", "choices"})


def view(
    reply: Reply,
    *,
    brand: str,
    host: str,
    lookup: FileLookup | None = None,
    given: Given | None = None,
    source: Source | None = None,
) -> View:
    """The View of a reply whose screen is a page. `given`: what the user had entered, if it was refused; `source`: if it is there already."""
    given = given or Given()
    source = source or Source.of(reply, host=host, lookup=lookup)
    form, titles = _form(source, given), source.titles
    heading, subquestion, parts = _texts(source)
    helped, reviewed, pressed = frame.help_of(source), frame.review(source), buttons.buttons(source)
    decoration = first(source.options.get("decoration"), source.parts.get("decoration"))
    printed = [heading, subquestion, *parts.values(), *(text.content for text in helped.texts)]
    return View(
        kind=source.kind,
        language=source.language,
        direction=direction(source.language),
        words=source.words,
        counted=source.counted,
        title=to_plain(first(titles.get("tab title"), titles.get("short title"), titles.get("title"), brand)),
        brand=_brand(source, brand),
        heading=heading,
        decoration=picture(str(decoration), source.markup) if decoration else None,
        subquestion=subquestion,
        media=players(source, source.options, source.parts),
        attributions=tuple(source.inline(text) for text in listed(source.options.get("attributions"))),
        parts=parts,
        form=form,
        buttons=pressed,
        review=reviewed,
        attachments=frame.attachments(source),
        help=helped,
        corner=frame.corner(source),
        progress=frame.progress(source),
        code=author_code(source, form.widgets, buttons=bool(pressed.scripts)),
        replaced=reply.replaced,
        refusal=_refusal(reply, form.widgets, given, source.words),
        definitions=_definitions(source, [*printed, *_texts_of(form.widgets, reviewed)]),
        body_class=_body_class(source),
        centered=not off(source.features.get("centered")),
    )


def _texts(source: Source) -> tuple[Markup, Markup, Mapping[str, Markup]]:
    """Heading, subquestion, and the texts around them."""
    parts = {name: source.html(source.parts[name]) for name in _MARKDOWN_PARTS if source.parts.get(name)}
    if source.parts.get("navigation bar html"):
        parts["navigation bar html"] = author_html(str(source.parts["navigation bar html"]))
    return source.inline(source.screen.get("question")), source.html(source.screen.get("subquestion")), parts


def own_texts(source: Source) -> tuple[Markup, Markup] | None:
    """Heading and subquestion, where nothing else of the View depends on what they say; else None.

    Elsewhere they name a list of choices, hold controls, or say which terms are explained.
    """
    screen = source.screen
    if source.kind in {"choices", "wait"} or screen.get("terms") or screen.get("auto_terms"):
        return None
    heading, subquestion = source.inline(screen.get("question")), source.html(screen.get("subquestion"))
    return None if "data-field=" in subquestion else (heading, subquestion)


def _brand(source: Source, brand: str) -> Brand:
    def one(name: str) -> object:
        return first(source.titles.get(name), source.parts.get(name))

    logo = first(one("logo"))
    short = first(one("short logo"), logo)
    long_title, short_title = first(one("title"), brand), first(one("short title"), one("title"), brand)
    return Brand(
        long=author_html(str(logo)) if logo else Markup("{}").format(to_plain(long_title)),
        short=author_html(str(short)) if short else Markup("{}").format(to_plain(short_title)),
        url=safe_address(one("title url")),
    )


def _form(source: Source, given: Given) -> Form:
    listing = buttons.choice_list(source)
    if listing is not None:
        return Form(widgets=(listing,), rows=layout.rows((listing,)))
    specs = [] if source.kind in _NO_CONTROLS else source.fields
    widgets = tuple(
        widget(spec, number, words=source.words, around=source.markup, given=given, features=source.features)
        for number, spec in enumerate(specs)
    )
    several = source.options.get("list collect")
    add, typed = source.words["add another"], bool(given.values)
    together, rest = collected(several, widgets, source.markup, add=add, typed=typed)
    return Form(widgets=widgets, rows=layout.rows(rest), collected=together)


def _refusal(reply: Reply, widgets: tuple[Widget, ...], given: Given, ours: Mapping[str, str]) -> Refusal:
    rejected = reply.rejected
    if rejected is None and not given.errors:
        return Refusal()
    errors = [(one.id, one.plain_label or one.hint, one.error) for one in widgets if one.error]
    placed = {one.name for one in widgets if one.error}
    errors += [("", "", message) for name, message in given.errors.items() if name not in placed]
    message = rejected.message if rejected else None
    return Refusal(message=message if message or errors else ours["problem"], errors=tuple(errors))


def _definitions(source: Source, texts: list[object]) -> tuple[tuple[str, str, Markup], ...]:
    """The definitions of terms that `texts` use."""
    screen = source.screen
    known = {**dict(screen.get("auto_terms") or {}), **dict(screen.get("terms") or {})}
    if not known:
        return ()
    used = set(_USED_TERM_RE.findall("".join(str(text) for text in texts if text)))
    plain = MarkupContext(file_tag=source.markup.file_tag, icon=source.markup.icon)
    return tuple(
        (term_id(term), term, author_html(to_html(definition, plain)))
        for term, definition in known.items()
        if term_id(term) in used
    )


def _texts_of(widgets: tuple[Widget, ...], review: tuple[ReviewRow, ...]) -> list[object]:
    texts: list[object] = []
    for one in widgets:
        texts += [one.label, one.help, one.html, one.under, one.side, *(item.label for item in one.items)]
    for row in review:
        texts += [row.html, row.label, row.content]
    return texts


def _body_class(source: Source) -> str:
    names = []
    if source.screen.get("question_id"):
        # initial.md "css customization"
        names.append("question-" + re.sub(r"[^a-z0-9]+", "-", str(source.screen["question_id"]).lower()).strip("-"))
    if source.parts.get("css class"):
        names.append(str(source.parts["css class"]))
    return " ".join(names)
