"""HTML as plain text that reads well: the text part of a mail that goes out, the words of one that came in without one.

Not Markdown, and nothing is lost that a reader would miss: links keep their address, pictures their description, lists their marks.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

_BLOCKS: Final = frozenset(
    {
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "center",
            "dd",
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
        ),
        *(
            "figure",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hr",
            "main",
            "nav",
            "ol",
            "p",
            "pre",
        ),
        *("section", "table", "ul"),
    }
)
_LINES: Final = frozenset(["br", "li", "tr"])
_SILENT: Final = frozenset(["script", "style", "head", "title", "template", "noscript"])
#: Levels beyond which lists and quotations are not indented any more.
_DEPTH: Final = 20


def text_of_html(html: str) -> str:
    """The text, ending with a line break. Never raises; linear in the length of `html`."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = re.sub(r"[ \t]+\n", "\n", "".join(reader.out))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n \t") + "\n"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._silent = 0
        self._pre = 0
        self._lists: list[int | None] = []  #: the number of the next item, or None for bullets
        self._links: list[tuple[str, int]] = []  #: address, and where its text begins in `out`
        self._fresh = True  #: at the beginning of a line
        self._quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _SILENT:
            self._silent += 1
        elif tag == "img":
            self.handle_data(given.get("alt", ""))
        elif tag == "a":
            self._links.append((given.get("href", ""), len(self.out)))
        elif tag in ("ul", "ol"):
            self._block()
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            self._item()
        elif tag in _LINES:
            self._line()
        elif tag in ("td", "th") and not self._fresh:
            self.out.append("  ")
        elif tag in _BLOCKS:
            self._block()
            if tag == "hr":
                self._write("-" * 20)
                self._block()
            self._quoted += tag == "blockquote"
            self._pre += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "a" and self._links:
            self._end_link(*self._links.pop())
        elif tag in ("ul", "ol"):
            if self._lists:
                self._lists.pop()
            self._block()
        elif tag in _BLOCKS:
            self._quoted = max(0, self._quoted - (tag == "blockquote"))
            self._pre = max(0, self._pre - (tag == "pre"))
            self._block()

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._pre:
            for number, line in enumerate(data.split("\n")):
                if number:
                    self._line()
                self._write(line)
            return
        text = re.sub(r"[ \t\r\n\f]+", " ", data)
        self._write(text.lstrip() if self._fresh else text)

    def _write(self, text: str) -> None:
        if not text:
            return
        if self._fresh:
            self.out.append("> " * min(self._quoted, _DEPTH))
        self.out.append(text)
        self._fresh = False

    def _item(self) -> None:
        self._line()
        margin = "  " * min(max(0, len(self._lists) - 1), _DEPTH)
        number = self._lists[-1] if self._lists else None
        if number is None:
            self._write(f"{margin}* ")
        else:
            self._write(f"{margin}{number}. ")
            self._lists[-1] = number + 1
        self._fresh = False

    def _end_link(self, address: str, begin: int) -> None:
        text = "".join(self.out[begin:]).strip()
        address = address.removeprefix("mailto:")
        if address and not address.startswith(("#", "javascript:")) and address != text:
            self._write(f" ({address})" if text else address)

    def _line(self) -> None:
        self.out.append("\n")
        self._fresh = True

    def _block(self) -> None:
        if self.out:
            self.out.append("\n" if self._fresh else "\n\n")
        self._fresh = True
