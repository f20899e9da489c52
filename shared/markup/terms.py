"""Vocabulary (modifiers.md "terms"): ``{term}``, ``{term|shown text}`` and auto terms open a definition.

The definitions themselves are put on the page by whoever owns it: a button says ``popovertarget="term-…"``, and
`term_id` gives the same id for the same term.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable

_BRACES_RE = re.compile(r"\{([^{}|\n]+)(?:\|([^{}\n]+))?\}")
_TAG_RE = re.compile(r"(<[^>]+>)")
#: In these a button must not be put: it could not be pressed, or would be read as part of a control.
_CLOSED = ("a", "button", "code", "pre", "script", "style", "textarea", "select", "option")


def normal(term: str) -> str:
    """How terms are compared: case and runs of blanks do not count."""
    return re.sub(r"\s+", " ", term).strip().lower()


def term_id(term: str) -> str:
    return "term-" + hashlib.blake2b(normal(term).encode(), digest_size=6).hexdigest()


def _button(term: str, shown: str) -> str:
    return f'<button type="button" class="term" popovertarget="{term_id(term)}">{shown}</button>'


def mark_braces(text: str, terms: Iterable[str]) -> str:
    """Replace ``{term}`` for the known terms in Markdown text; other braces stay."""
    known = {normal(term) for term in terms}
    if not known or "{" not in text:
        return text

    def one(match: re.Match[str]) -> str:
        term = match.group(1)
        if normal(term) not in known:
            return match.group(0)
        return _button(term, html.escape((match.group(2) or term).strip(), quote=False))

    return _BRACES_RE.sub(one, text)


def mark_words(markup: str, terms: Iterable[str]) -> str:
    """Make a button of every occurrence of a term in the text of some HTML, longest terms first."""
    known = sorted({normal(term) for term in terms}, key=lambda term: (-len(term), term))
    if not known:
        return markup
    words = re.compile(
        r"(?<![\w-])(" + "|".join(r"\s+".join(map(re.escape, term.split(" "))) for term in known) + r")(?![\w-])", re.I
    )
    pieces = _TAG_RE.split(markup)
    closed = 0
    for number, piece in enumerate(pieces):
        if number % 2:
            name = re.match(r"</?\s*([a-zA-Z0-9]+)", piece)
            if name and name.group(1).lower() in _CLOSED:
                closed += -1 if piece.startswith("</") else 1
        elif closed <= 0 and piece:
            pieces[number] = words.sub(lambda m: _button(m.group(1), m.group(1)), piece)
    return "".join(pieces)
