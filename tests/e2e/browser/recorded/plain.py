"""Texts as one reads them: HTML without its tags, blanks collapsed. For what a page holds and for what it should hold."""

from __future__ import annotations

import re
from html.parser import HTMLParser

#: Between two of these there is a gap on the page even if there is none in the source.
_BLOCKS = frozenset(
    {"p", "div", "br", "hr", "li", "ul", "ol", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "td", "th", "pre"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section", "details", "summary"}
)
_SILENT = frozenset({"script", "style"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in _SILENT
        if tag in _BLOCKS:
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in _SILENT and self.silent > 0
        if tag in _BLOCKS:
            self.pieces.append(" ")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(data)


def reading(html: str | None) -> str:
    """The text of a piece of HTML."""
    reader = _Reader()
    reader.feed(html or "")
    reader.close()
    return re.sub(r"\s+", " ", "".join(reader.pieces)).strip()
