"""The conversion itself: tags, icons, terms and Markdown in the right order.

What costs time by its text (`convert`) knows nothing of the page: icons and files leave places in the HTML, which `__init__`'s functions
fill. So it can be done in a process of its own (`use`), and any text be ended there.

A process that never converts (a service: it has that done by another) does without the library (`machine`) and the sanitiser.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from shared.markup import tags, terms

_ICON_RE = re.compile(r"(?<![\w:/\"'=]):([A-Za-z][A-Za-z0-9_\-]*):(?![\w:/])")
_FONT_ICON_RE = re.compile(r'<i class="(?:fa[a-z-]{0,30}[ ]){1,5}fa-([a-z0-9-]{1,60})[^"<>]{0,200}">\s{0,20}</i>')
#: Without any of these a text is one or more plain paragraphs, and the converter need not run.
_MARKED_RE = re.compile(r"[*_`#<>&\[\]{}|\\~+=:^]|^[ \t]*(?:-|\d+[.)])|^[ \t]{4}|^\t|  \n|--", re.M)
#: Brackets of links and tags, and how many may be open at once before they count as no brackets at all.
_PAIRS = (("[", "]", "&#91;"), ("(", ")", "&#40;"), ("<", ">", "&lt;"))
_OPEN = 50
#: Lines of which each costs time for all others (underlines of headings, abbreviations), and how many no page has.
_SLOW_LINES_RE = re.compile(r"^[=-]+[ \t]*$|^\*\[", re.M)
_LINES = 500
_PARAGRAPHS_RE = re.compile(r"\n\s*\n")
_NAME_RE = re.compile(r"<([a-z]{1,10})\b")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A text with what its conversion depends on; plain values all."""

    text: str
    terms: tuple[str, ...] = ()
    auto_terms: tuple[str, ...] = ()
    table_class: str = ""
    host: str = ""
    files: bool = False  #: [FILE …] leaves a place
    icons: bool = False  #: ``:name:`` leaves a place


@dataclass(frozen=True, slots=True)
class Made:
    """HTML with the places (see `filled`), and the text alone."""

    html: str
    plain: str


#: What stands for something that only the page knows: a letter for what it is, and its name or description.
_PLACE_RE = re.compile("\ue000([if])([A-Za-z0-9_-]*)\ue001")
_NO_PLACES = {0xE000: None, 0xE001: None}


def _place(kind: str, name: str) -> str:
    return f"\ue000{kind}{name}\ue001"


def _file_place(reference: str, width: str | None, alt: str | None) -> str:
    return _place("f", json.dumps([reference, width, alt]).encode().hex())


def _markdown(text: str, source: Source) -> str:
    from shared.markup import machine  # noqa: PLC0415  heavy: 1.5 MB, and 30 ms

    try:
        return machine.html_of(text, table_class=source.table_class, host=source.host)
    except RecursionError:  # hundreds of lists or quotations inside of each other
        return _paragraphs(text)


def convert(source: Source) -> Made:
    """The HTML of a text. Takes time by what the text holds: not for a process that others wait for."""
    from shared.markup.clean import clean  # noqa: PLC0415  as `machine`

    text = source.text.translate(_NO_PLACES)
    emojis = source.icons and "[NO_EMOJIS]" not in text
    tamed = _tamed(text)
    if tamed is None:
        made = _paragraphs(text)
    else:
        text = tags.before(tamed, _file_place if source.files else None)
        text = terms.mark_braces(text, source.terms)
        made = clean(tags.after(_markdown(text, source)))
        if emojis and ":" in made:
            made = _outside_tags(made, lambda piece: _ICON_RE.sub(lambda m: _place("i", m.group(1)), piece))
        if source.icons and "<i class=" in made:
            made = _FONT_ICON_RE.sub(lambda m: _place("i", m.group(1)), made)
    if source.auto_terms:
        made = terms.mark_words(made, source.auto_terms)
    return Made(made, _text_of(made))


def plainly(source: Source) -> Made:
    """The text as paragraphs, whatever it holds: cheap, and what is left where `convert` took too long."""
    made = _paragraphs(source.text.translate(_NO_PLACES))
    return Made(made, _text_of(made))


def is_plain(text: str) -> bool:
    """Whether the text is paragraphs and nothing else, so that nothing need be converted."""
    return _MARKED_RE.search(text) is None


def filled(made: str, *, file_tag: tags.FileTag | None, icon: Callable[[str], str | None] | None) -> str:
    """HTML with its places filled by what the page knows."""
    if "\ue000" not in made:
        return made

    def fill(match: re.Match[str]) -> str:
        kind, name = match.groups()
        if kind == "i":
            return (icon(name) if icon is not None else None) or f":{name}:"
        reference, width, alt = json.loads(bytes.fromhex(name))
        shown = file_tag(reference, width, alt) if file_tag is not None else None
        return html.escape(f"[FILE {reference}]") if shown is None else shown

    return _PLACE_RE.sub(fill, made)


def _text_of(made: str) -> str:
    """HTML without its tags, on one line."""
    pieces = [piece for number, piece in enumerate(_split(made, ("script", "style"))) if number % 2 == 0]
    return re.sub(r"\s+", " ", html.unescape(_PLACE_RE.sub("", " ".join(pieces)))).strip()


def _outside_tags(made: str, change: Callable[[str], str]) -> str:
    pieces = _split(made, ("code", "pre", "script", "style"))
    return "".join(change(piece) if number % 2 == 0 else piece for number, piece in enumerate(pieces))


def _split(made: str, whole: tuple[str, ...]) -> list[str]:
    """Text and tags by turns, beginning with text; an element of `whole` is one tag with all that is in it. Linear in its length."""
    pieces: list[str] = []
    text = at = 0
    lower = made.lower()
    closed: dict[str, bool] = {}
    while (begin := made.find("<", at)) >= 0:
        name = _NAME_RE.match(lower, begin)
        end = -1
        if name is not None and name.group(1) in whole and closed.get(name.group(1), True):
            end = lower.find(f"</{name.group(1)}", begin)
            closed[name.group(1)] = end >= 0  # there is no other one further on
        end = made.find(">", max(begin, end))
        if end < 0:
            break
        pieces += [made[text:begin], made[begin : end + 1]]
        text = at = end + 1
    return [*pieces, made[text:]]
