"""The conversion itself: tags, icons, terms and Markdown in the right order, with a cache by text.

Markdown is Python-Markdown with the extensions that markup.md names: tables (PHP Markdown Extra), attribute lists,
Markdown in HTML, footnotes, definition lists, fenced code.
"""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from shared.authoring.markup import tags, terms


@dataclass(frozen=True, slots=True)
class Surroundings:
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


PLAIN = Surroundings()

_EXTENSIONS = ("tables", "attr_list", "md_in_html", "footnotes", "def_list", "fenced_code", "abbr")
_ICON_RE = re.compile(r"(?<![\w:/\"'=]):([A-Za-z][A-Za-z0-9_\-]*):(?![\w:/])")
_FONT_ICON_RE = re.compile(r'<i class="(?:fa[a-z-]*\s+)+fa-([a-z0-9-]+)[^"<>]*">\s*</i>')
#: Without any of these a text is one or more plain paragraphs, and the converter need not run.
_MARKED_RE = re.compile(r"[*_`#<>&\[\]{}|\\~+=:^]|^\s*(?:[-+]|\d+[.)])|^\s{4}|  \n|--", re.M)
#: Brackets of links and tags, and how many may be open at once before they count as no brackets at all.
_PAIRS = (("[", "]", "&#91;"), ("(", ")", "&#40;"), ("<", ">", "&lt;"))
_OPEN = 50
#: Lines of which each costs time for all others (underlines of headings, abbreviations), and how many no page has.
_SLOW_LINES_RE = re.compile(r"^[=-]+[ \t]*$|^\*\[", re.M)
_LINES = 500
_PARAGRAPHS_RE = re.compile(r"\n\s*\n")
_SINGLE_RE = re.compile(r"^\s*<p>((?:(?!</p>).)*)</p>\s*$", re.S)
_TAGS_RE = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.S | re.I)
_DOCUMENT_LINK_RE = re.compile(r"^/?(uploadedfile|packagestatic)/")


class _Finish(Treeprocessor):
    """Links out of the interview open in another tab; tables get their classes and scroll on small screens."""

    def __init__(self, md: markdown.Markdown) -> None:
        super().__init__(md)
        self.surroundings = PLAIN

    def run(self, root: Element) -> None:
        for link in root.iter("a"):
            address = link.get("href", "")
            if link.get("target") is None and self._leaves(address):
                link.set("target", "_blank")
            if link.get("target") == "_blank":
                link.set("rel", "noopener noreferrer" if "://" in address else "noopener")
        table_class, _, head_class = self.surroundings.table_class.partition(",")
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
        return parts.scheme in {"http", "https"} and parts.netloc != self.surroundings.host


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


def _tamed(text: str) -> str | None:
    """`text` with brackets that nobody closes as entities: they look the same, and are no work. None: it is no Markdown.

    Python-Markdown looks for the end of a link from every bracket to the end of the text. What a user typed is part of
    such texts: five thousand brackets took it seconds, twenty thousand a minute.
    """
    if len(text) > _LINES and len(_SLOW_LINES_RE.findall(text)) > _LINES:
        return None
    for opening, closing, entity in _PAIRS:
        if text.count(opening) > _OPEN and (deepest := _deepest(text, opening, closing)) > _OPEN:
            if deepest > _LINES:
                return None
            text = text.replace(opening, entity)
    return text


def _deepest(text: str, opening: str, closing: str) -> int:
    depth = deepest = 0
    for match in re.finditer(f"[{re.escape(opening + closing)}]", text):
        depth = depth + 1 if match.group() == opening else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def _paragraphs(text: str) -> str:
    """`text` as plain paragraphs."""
    blocks = [block.strip() for block in _PARAGRAPHS_RE.split(text) if block.strip()]
    return "\n".join(f"<p>{html.escape(block, quote=False)}</p>" for block in blocks)


def _markdown(text: str, surroundings: Surroundings) -> str:
    _converters.extension.finish.surroundings = surroundings
    _converters.md.reset()
    try:
        return _converters.md.convert(text)
    except RecursionError:  # hundreds of lists or quotations inside of each other
        _converters.renew()
        return _paragraphs(text)
    except BaseException:
        _converters.renew()
        raise
    finally:
        _converters.extension.finish.surroundings = PLAIN


def _icons(text: str, icon: Callable[[str], str | None]) -> str:
    def one(match: re.Match[str]) -> str:
        return icon(match.group(1)) or match.group(0)

    return _ICON_RE.sub(one, text)


@lru_cache(maxsize=4096)
def _cached(text: str, surroundings: Surroundings) -> str:
    emojis = "[NO_EMOJIS]" not in text
    tamed = _tamed(text) if _MARKED_RE.search(text) else None
    if tamed is None:
        made = _paragraphs(text)
    else:
        text = tags.before(tamed, surroundings.file_tag)
        text = terms.mark_braces(text, surroundings.terms)
        made = tags.after(_markdown(text, surroundings))
        if emojis and surroundings.icon is not None and ":" in made:
            made = _outside_tags(made, surroundings.icon)
        if surroundings.icon is not None and "<i class=" in made:
            made = _font_icons(made, surroundings.icon)
    return terms.mark_words(made, surroundings.auto_terms) if surroundings.auto_terms else made


def _font_icons(made: str, icon: Callable[[str], str | None]) -> str:
    """Icons written as Font Awesome's empty elements, ours among them (buttons of tables), as pictures: the font is not here."""
    return _FONT_ICON_RE.sub(lambda match: icon(match.group(1)) or match.group(0), made)


def _outside_tags(made: str, icon: Callable[[str], str | None]) -> str:
    pieces = re.split(r"(<(?:code|pre|script|style)\b.*?</(?:code|pre|script|style)>|<[^>]+>)", made, flags=re.S)
    return "".join(_icons(piece, icon) if number % 2 == 0 else piece for number, piece in enumerate(pieces))


def to_html(text: object, surroundings: Surroundings = PLAIN) -> str:
    """Markdown text (None counts as empty) to HTML blocks."""
    source = "" if text is None else str(text)
    if not source.strip():
        return ""
    if len(source) > 20_000:  # a text this long is hardly shown twice, and 4096 of them would be 80 MB
        return _cached.__wrapped__(source, surroundings)
    return _cached(source, surroundings)


def to_inline(text: object, surroundings: Surroundings = PLAIN) -> str:
    """Markdown to HTML for a place that takes no paragraph (a label, a button): one paragraph loses its ``<p>``."""
    made = to_html(text, surroundings)
    single = _SINGLE_RE.match(made)
    return single.group(1) if single else made


def to_plain(text: object) -> str:
    """Markdown to text without any markup, on one line: for a page's title or an aria-label."""
    return re.sub(r"\s+", " ", html.unescape(_TAGS_RE.sub(" ", to_html(text)))).strip()
