"""Markdown: Python-Markdown with the extensions that markup.md names, and what a page wants of links and tables.

Those are tables (PHP Markdown Extra), attribute lists, Markdown in HTML, footnotes, definition lists, fenced code. Not for: tags, terms,
icons, and what is bounded before (`convert`).
"""

from __future__ import annotations

import re
import sys
import threading
from importlib import import_module
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

_EXTENSIONS = ("tables", "attr_list", "md_in_html", "footnotes", "def_list", "fenced_code", "abbr")
_DOCUMENT_LINK_RE = re.compile(r"^/?(uploadedfile|packagestatic)/")

if "pygments" not in sys.modules:
    # Blocks of code are not coloured here; the module that could, which the one for blocks imports, would bring Pygments.
    sys.modules["pygments"] = None  # type: ignore[assignment]  # documented: importing it fails
    import_module("markdown.extensions.codehilite")
    del sys.modules["pygments"]


class _Finish(Treeprocessor):
    """Links out of the interview open in another tab; tables get their classes and scroll on small screens."""

    def __init__(self, md: markdown.Markdown) -> None:
        super().__init__(md)
        self.table_class = self.host = ""

    def run(self, root: Element) -> None:
        for link in root.iter("a"):
            address = link.get("href", "")
            if link.get("target") is None and self._leaves(address):
                link.set("target", "_blank")
            if link.get("target") == "_blank":
                link.set("rel", "noopener noreferrer" if "://" in address else "noopener")
        table_class, _, head_class = self.table_class.partition(",")
        for parent in list(root.iter()):
            for position, child in enumerate(list(parent)):
                if child.tag != "table":
                    continue
                child.set("class", " ".join(filter(None, [table_class.strip(), child.get("class", "")])))
                if head_class.strip():
                    for head in child.iter("thead"):
                        head.set("class", head_class.strip())
                for cell in child.iter("th"):
                    cell.set("scope", "col")
                box = Element("div", {"class": "table-responsive"})
                box.tail, child.tail = child.tail, None
                box.append(child)
                parent[position] = box

    def _leaves(self, address: str) -> bool:
        if _DOCUMENT_LINK_RE.match(address):
            return True
        try:
            parts = urlsplit(address)
        except ValueError:  # "http://[": not an address, but it may stand in what a user typed
            return True
        return parts.scheme in {"http", "https"} and parts.netloc != self.host


class _FinishExtension(Extension):
    finish: _Finish

    def extendMarkdown(self, md: markdown.Markdown) -> None:
        self.finish = _Finish(md)
        # After attribute lists (8), whose {:target=…} it must respect.
        md.treeprocessors.register(self.finish, "parley_finish", 3)


class _Converters(threading.local):
    """One converter per thread: making one costs milliseconds, and one cannot be shared."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Begin anew: one that was interrupted goes on within whatever it was in, with everybody's texts."""
        self.extension = _FinishExtension()
        self.md = markdown.Markdown(extensions=[*_EXTENSIONS, self.extension], output_format="html")


_converters = _Converters()


def html_of(text: str, *, table_class: str, host: str) -> str:
    """The HTML of `text`. Raises `RecursionError` for hundreds of lists or quotations inside of each other."""
    finish = _converters.extension.finish
    finish.table_class, finish.host = table_class, host
    _converters.md.reset()
    try:
        return _converters.md.convert(text)
    except BaseException:
        _converters.renew()
        raise
