"""What stands around a question: help, the bar with its menu, sections and progress, documents, review items."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote

from services.gateway.render.media import players
from services.gateway.render.source import Source
from services.gateway.render.trusted import author_html
from services.gateway.render.view import (
    Attachment,
    Attachments,
    Corner,
    DocumentFile,
    Help,
    HelpText,
    MenuItem,
    Progress,
    ReviewRow,
    Section,
    first,
    off,
    on,
    safe_address,
)
from shared.contract.jsonvalue import JsonMap
from shared.markup import to_plain


def review(source: Source) -> tuple[ReviewRow, ...]:
    if source.kind != "review":
        return ()
    return tuple(_review_row(source, f"r{number}", spec) for number, spec in enumerate(source.fields))


def _review_row(source: Source, id_: str, spec: JsonMap) -> ReviewRow:
    datatype, label = spec.get("datatype"), spec.get("label")
    if datatype in {"note", "html", "raw html"}:
        html = source.html(label) if datatype == "note" else author_html(str(label or ""))
        return ReviewRow(id=id_, datatype=datatype, html=html)
    options = spec.get("options") or {}
    asked = {"action": options.get("action") or spec.get("variable"), "arguments": options.get("arguments") or {}}
    return ReviewRow(
        id=id_,
        datatype=datatype,
        label=source.inline(label),
        content=source.html(spec.get("help")),
        button=source.inline(options["button"]) if options.get("button") else None,
        action=json.dumps(asked),
    )


def help_of(source: Source) -> Help:
    items = list(source.screen.get("help") or ())
    texts = tuple(
        HelpText(
            heading=source.inline(item["heading"]) if item.get("heading") else None,
            content=source.html(item.get("content")),
            media=players(source, item),
        )
        for item in items
    )
    own = next((item for item in items if item.get("label")), None)
    label = first(own.get("label") if own else None, source.parts.get("help label"), source.words["help"])
    return Help(
        texts=texts,
        label=to_plain(label),
        own=bool(own) or bool(source.options.get("help")),
        button=on(source.features.get("question help button")) and bool(texts),
    )


def corner(source: Source) -> Corner:
    features, parts = source.features, source.parts
    menu = tuple(
        MenuItem(label=to_plain(item.get("label") or ""), url=safe_address(item.get("url")) or "#")
        for item in source.screen.get("menu") or ()
    )
    return Corner(
        shown=not on(features.get("hide corner interface")),
        menu=menu,
        standard_menu=not on(features.get("hide standard menu")),
        exit=_exit(source),
        back=bool(source.screen.get("back", True)),
        back_label=to_plain(first(parts.get("corner back button label"), source.words["back"])),
        back_shown=not off(features.get("navigation back button")),
    )


def _exit(source: Source) -> tuple[str, str] | None:
    def said(name: str) -> object:
        return first(source.parts.get(name), source.titles.get(name))

    if not any(said(name) for name in ("exit link", "exit label", "exit url")):
        return None
    word = "leave" if said("exit link") == "leave" else "exit"
    return word, to_plain(first(said("exit label"), source.words["exit"]))


def progress(source: Source) -> Progress:
    features, done = source.features, source.screen.get("progress")
    wanted = features.get("navigation")
    sections: tuple[Section, ...] = ()
    if wanted not in (None, False, "False"):
        sections = tuple(_section(source, item) for item in source.screen.get("navigation") or ())
    bar = None
    if isinstance(done, int | float) and done > 0 and features.get("progress bar") not in (None, False, "False"):
        bar = min(100, round(done))
    return Progress(
        sections=sections,
        style="top" if wanted == "horizontal" else "side",
        bar=bar,
        percentage=on(features.get("show progress bar percentage")),
    )


def _section(source: Source, item: JsonMap) -> Section:
    return Section(
        label=source.inline(item.get("label")),
        url=item.get("url"),
        current=bool(item.get("current")),
        done=bool(item.get("done")),
        sub=tuple(_section(source, sub) for sub in item.get("sub") or ()),
    )


def attachments(source: Source) -> Attachments:
    """The documents that the screen offers (documents.md, "Customizing the display of documents")."""
    items = tuple(_document(source, number, item) for number, item in enumerate(source.screen.get("attachments") or ()))
    notice = None
    if not off(source.options.get("include attachment notice")):
        notice = source.words["documents made" if len(items) > 1 else "document made"]
    whole = f"/document/0?session={quote(source.session)}&format=zip"
    return Attachments(
        items=items,
        listed=not on(source.options.get("manual attachment list")),
        notice=notice,
        zip=whole if on(source.options.get("allow downloading")) else None,
        mailed=on(source.options.get("allow emailing")),
        address=str(source.options.get("email address default") or ""),
        editable=not on(source.options.get("always include editable files"))
        and any(item.picture and len(item.files) > 1 for item in items),
    )


#: What the formats of documents are called on buttons, with their icons, in the order in which they are offered.
_FORMATS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "pdf": ("PDF", "file-earmark-pdf"),
        "docx": ("Word", "file-earmark-word"),
        "rtf": ("RTF", "file-earmark-richtext"),
        "html": ("HTML", "filetype-html"),
        "md": ("Markdown", "markdown"),
    }
)
_MEANT = {"rtf to docx": "docx"}


def _label(source: Source, kind: str) -> tuple[str, str]:
    """What the button for a format says, and its icon."""
    return (
        (source.words["download"], "download") if kind == "raw" else _FORMATS.get(kind, (kind.upper(), "file-earmark"))
    )


def _purpose(source: Source, kind: str) -> str:
    """What a file of this kind is good for, in a few words (documents.md, "describe file types")."""
    return (
        source.words["to read"] if kind == "pdf" else source.words["to edit"] if kind in ("docx", "rtf", "odt") else ""
    )


def _size(stated: object, language: str) -> str:
    """A number of bytes in words."""
    if not isinstance(stated, int) or stated <= 0:
        return ""
    from babel.core import UnknownLocaleError  # noqa: PLC0415  heavy, and few pages have files
    from babel.units import format_unit  # noqa: PLC0415

    unit, count = ("kilobyte", max(1, round(stated / 1e3))) if stated < 1e6 else ("megabyte", round(stated / 1e6, 1))
    try:
        return format_unit(count, f"digital-{unit}", length="short", locale=language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return format_unit(count, f"digital-{unit}", length="short", locale="en")


def _document(source: Source, number: int, item: JsonMap) -> Attachment:
    url = f"/document/{number}?session={quote(source.session)}"
    stated = [_MEANT.get(kind, kind) for kind in item.get("offered") or item.get("formats") or ()]
    all_of_text = "*" in stated
    kinds = ["pdf", "docx", "rtf"] if all_of_text else list(dict.fromkeys(stated))
    ordered = [kind for kind in _FORMATS if kind in kinds] + [kind for kind in kinds if kind not in _FORMATS]
    described = not off(source.options.get("describe file types"))
    sizes = item.get("sizes") or {}
    files = tuple(
        DocumentFile(
            label=label,
            icon=icon,
            url=f"{url}&format={quote(kind)}&attachment=1",
            kind=kind,
            note=_purpose(source, kind) if described else "",
            size=_size(sizes.get(kind), source.language),
        )
        for kind in ordered
        for label, icon in [_label(source, kind)]
    )
    return Attachment(
        name=source.inline(item.get("name")),
        description=source.html(item.get("description")),
        url=url,
        readable=bool(item.get("content"))
        and (all_of_text or "html" in kinds or not files)
        and not off(source.options.get("include download tab")),
        files=files,
        picture=f"{url}&format=png" if "pdf" in kinds else None,
    )
