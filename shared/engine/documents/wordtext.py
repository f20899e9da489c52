"""Markdown as the paragraphs and runs of a DOCX file: what the filters ``markdown`` and ``inline_markdown`` of templates give.

Emphasis, links, headings, lists, quotations, line breaks; a table becomes lines. Rules: docs documents.md, "Inserting multi-line or
formatted text into a single field in a DOCX file".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import markdown as library

from shared.documents import tags

_LOOKS = {
    "strong": "<w:b/>",
    "b": "<w:b/>",
    "em": "<w:i/>",
    "i": "<w:i/>",
    "u": '<w:u w:val="single"/>',
    "del": "<w:strike/>",
}
_CODE = '<w:rFonts w:ascii="Courier New" w:hAnsi="Courier New"/>'
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: Makes a relation to an address outside of the document; gives its id.
Relate = Callable[[str], str]


class Links(NamedTuple):
    """How links are made: `relate` gives their relations, `style` is the id of their style, without which they are blue and underlined."""

    relate: Relate
    style: str | None = None

    @property
    def look(self) -> str:
        if self.style is None:
            return '<w:color w:val="0000A0"/><w:u w:val="single"/>'
        return f'<w:rStyle w:val="{escape(self.style)}"/>'


def plain(text: str) -> str:
    """`text` without what XML cannot hold."""
    return _ILLEGAL.sub("", text)


def paragraphs(text: str, relate: Links) -> str:
    """`text` as whole paragraphs."""
    made: list[str] = []
    for element in _tree(text):
        _block(element, relate, made, indent=0, mark="")
    return "".join(made)


def runs(text: str, relate: Links) -> str:
    """`text` as runs of one paragraph."""
    pieces = [_inline(element, relate, "") for element in _tree(text)]
    return "<w:r><w:br/></w:r>".join(piece for piece in pieces if piece)


def with_breaks(text: str) -> str:
    """`text`, inside of a run, with a line break for each of its own."""
    return '</w:t><w:br/><w:t xml:space="preserve">'.join(escape(plain(line)) for line in text.split("\n"))


def _tree(text: str) -> ElementTree.Element:
    # What looks like HTML is text: nobody means tags in a word processor's file.
    shielded = tags.as_text(plain(text).replace("&", "&amp;").replace("<", "&lt;"), line_end="<br/>")
    html = library.markdown(shielded, extensions=["sane_lists", "tables"], output_format="xhtml")
    return ElementTree.fromstring(f"<div>{html}</div>")  # noqa: S314  (made by the line above, without a DTD)


def _block(element: ElementTree.Element, relate: Links, made: list[str], *, indent: int, mark: str) -> None:
    if element.tag in ("ul", "ol"):
        for number, item in enumerate(element, start=1):
            sign = f"{number}." if element.tag == "ol" else "\u2022"
            inner = [child for child in item if child.tag in ("p", "ul", "ol")]
            if (item.text or "").strip() or not inner:
                made.append(_paragraph(_inline(item, relate, "", skip=("ul", "ol", "p")), indent + 1, sign))
                sign = ""
            for child in inner:
                _block(child, relate, made, indent=indent + 1, mark=sign if child.tag == "p" else "")
                sign = ""
        return
    if element.tag == "blockquote":
        for child in element:
            _block(child, relate, made, indent=indent + 1, mark="")
        return
    if element.tag == "table":
        for row in element.iter("tr"):
            cells = [_inline(cell, relate, "") for cell in row]
            made.append(_paragraph("<w:r><w:tab/></w:r>".join(cells), indent, ""))
        return
    look = "<w:b/>" if re.fullmatch("h[1-6]", element.tag) else _CODE if element.tag == "pre" else ""
    made.append(_paragraph(_inline(element, relate, look), indent, mark))


def _paragraph(content: str, indent: int, mark: str) -> str:
    hanging = ' w:hanging="360"' if mark else ""
    look = f'<w:pPr><w:ind w:left="{indent * 360}"{hanging}/></w:pPr>' if indent else ""
    sign = f"<w:r><w:t>{escape(mark)}</w:t></w:r><w:r><w:tab/></w:r>" if mark else ""
    return f"<w:p>{look}{sign}{content}</w:p>"


def _inline(element: ElementTree.Element, relate: Links, look: str, skip: tuple[str, ...] = ()) -> str:
    made = [_run(element.text, look)]
    for child in element:
        if child.tag == "br":
            made.append("<w:r><w:br/></w:r>")
        elif child.tag == "a":
            inner = _inline(child, relate, relate.look + look)
            made.append(f'<w:hyperlink r:id="{escape(relate.relate(child.get("href", "")))}">{inner}</w:hyperlink>')
        elif child.tag not in skip:
            made.append(_inline(child, relate, look + (_CODE if child.tag == "code" else _LOOKS.get(child.tag, ""))))
        made.append(_run(child.tail, look))
    return "".join(made)


def _run(text: str | None, look: str) -> str:
    if not text or text == "\n":
        return ""
    said = escape(re.sub(r"\s*\n\s*", " ", text))
    shape = f"<w:rPr>{look}</w:rPr>" if look else ""
    return f'<w:r>{shape}<w:t xml:space="preserve">{said}</w:t></w:r>'
