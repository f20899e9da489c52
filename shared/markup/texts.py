"""Texts on a page: what is converted, and how often; where it is converted is said once for the whole process (`use`).

A process that others wait for has it done by another one; a child that runs one step does it itself, which is what it does unless told.
Not for: the conversion (`convert`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from shared.markup import tags
from shared.markup.convert import Made, Source, convert, filled, is_plain, plainly


@dataclass(frozen=True, slots=True)
class MarkupContext:
    """What the page around a text knows. It is part of the cache key: make `file_tag` and `icon` once and keep them.

    `file_tag` shows a [FILE …]; `icon` gives the HTML of ``:name:`` or None if there is no such icon; `terms` and
    `auto_terms` are the terms that have a definition; `table_class` is ``table css class``
    (``for the table, for its thead``); `host` is the host of links that stay in this tab.
    """

    file_tag: tags.FileTag | None = None
    icon: Callable[[str], str | None] | None = None
    terms: tuple[str, ...] = ()
    auto_terms: tuple[str, ...] = ()
    table_class: str = "table table-striped"
    host: str = ""


PLAIN = MarkupContext()

_SINGLE_RE = re.compile(r"^\s*<p>((?:(?!</p>).)*)</p>\s*$", re.S)

#: A text longer than this is hardly shown twice, and 4096 of them would be 80 MB.
_KEPT = 20_000

Converter = Callable[[Source], Made]


class _Where:
    convert: Converter = staticmethod(convert)


def use(converter: Converter) -> None:
    """Have texts converted by this from now on, in this process."""
    _Where.convert = staticmethod(converter)
    _made.cache_clear()
    _shown.cache_clear()


@lru_cache(maxsize=4096)
def _made(source: Source) -> Made:
    return plainly(source) if is_plain(source.text) and not source.auto_terms else _Where.convert(source)


def _source(text: str, markup: MarkupContext) -> Source:
    return Source(
        text=text,
        terms=markup.terms,
        auto_terms=markup.auto_terms,
        table_class=markup.table_class,
        host=markup.host,
        files=markup.file_tag is not None,
        icons=markup.icon is not None,
    )


def _converted(text: str, markup: MarkupContext) -> Made:
    source = _source(text, markup)
    return _made.__wrapped__(source) if len(text) > _KEPT else _made(source)


@lru_cache(maxsize=4096)
def _shown(text: str, markup: MarkupContext) -> str:
    return filled(_converted(text, markup).html, file_tag=markup.file_tag, icon=markup.icon)


def to_html(text: object, markup: MarkupContext = PLAIN) -> str:
    """Markdown text (None counts as empty) to HTML blocks."""
    source = "" if text is None else str(text)
    if not source.strip():
        return ""
    return _shown.__wrapped__(source, markup) if len(source) > _KEPT else _shown(source, markup)


def to_inline(text: object, markup: MarkupContext = PLAIN) -> str:
    """Markdown to HTML for a place that takes no paragraph (a label, a button): one paragraph loses its ``<p>``."""
    made = to_html(text, markup)
    single = _SINGLE_RE.match(made)
    return single.group(1) if single else made


def to_plain(text: object) -> str:
    """Markdown to text without any markup, on one line: for a page's title or an aria-label."""
    source = "" if text is None else str(text)
    return _converted(source, PLAIN).plain if source.strip() else ""
