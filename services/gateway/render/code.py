"""Scripts and styles of the author's on a page: what is there, and whether anything of it runs."""

from __future__ import annotations

import html
import re

from services.gateway.render.control import Widget
from services.gateway.render.references import package_of, package_url
from services.gateway.render.source import Source
from services.gateway.render.trusted import author_html
from services.gateway.render.view import AuthorCode, listed

#: A script element: its attributes, what is in it.
_ELEMENT_RE = re.compile(r"<script\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>(.*?)(?:</script\s*>|$)", re.I | re.S)
_ATTRIBUTE_RE = re.compile(r"(src|type)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.I)


def author_code(source: Source, widgets: tuple[Widget, ...], *, buttons: bool = False) -> AuthorCode:
    """What an interview brings along. `buttons`: some of them run scripts."""
    package = str(source.options.get("package") or package_of(source.interview))
    scripts = tuple(package_url(str(one), package) for one in listed(source.features.get("javascript")))
    of_fields = [script for one in widgets for script in one.scripts]
    inline = tuple(one for text in [*of_fields, str(source.parts.get("script") or "")] for one in elements(text))
    datatypes = tuple(dict.fromkeys(str(one.extra["javascript"]) for one in widgets if one.extra.get("javascript")))
    return AuthorCode(
        scripts=scripts,
        styles=tuple(package_url(str(one), package) for one in listed(source.features.get("css"))),
        inline=inline,
        css_html=author_html(str(source.parts.get("css") or "")),
        datatypes=datatypes,
        runs=bool(
            datatypes
            or scripts
            or inline
            or buttons
            or any(one.js_conditions for one in widgets)
            or source.screen.get("check_in")
        ),
    )


def elements(text: str) -> list[dict[str, str]]:
    """The script elements that `text` consists of; without any it is a script itself (modifiers.md "script")."""
    if not text.strip():
        return []
    if not _ELEMENT_RE.search(text):
        return [{"text": text}]
    return [_element(found.group(1), found.group(2)) for found in _ELEMENT_RE.finditer(text)]


def _element(attributes: str, text: str) -> dict[str, str]:
    found = {
        one.group(1).lower(): html.unescape(one.group(2) or one.group(3) or one.group(4) or "")
        for one in _ATTRIBUTE_RE.finditer(attributes)
    }
    return found if found.get("src") else {**found, "text": text}
