"""The markup tags of documents (documents.md, "Formatting documents with special markup tags") as pandoc can carry them.

A tag becomes one word of private-use characters, which Markdown has no meaning for; `pandoc/tags.lua` turns these words into what each
format has. Such characters are taken out of texts before, so that no text can have a word of ours. Not for images (`pictures`).
"""

from __future__ import annotations

import re
from typing import Final

OPEN, CLOSE, SPACE = "\ue000", "\ue001", "\ue002"

#: Tags that stand for characters.
_CHARACTERS: Final = {"NBSP": "\u00a0", "ENDASH": "\u2013", "EMDASH": "\u2014"}

#: Tags that are a paragraph of their own, wherever they are written.
_APART: Final = frozenset(
    (
        *("START_INDENTATION", "STOP_INDENTATION", "BEGIN_TWOCOL", "BREAK", "END_TWOCOL", "PAGEBREAK"),
        *("SINGLESPACING", "ONEANDAHALFSPACING", "DOUBLESPACING", "TRIPLESPACING", "TIGHTSPACING"),
    )
)
_INLINE: Final = (
    *("FLUSHLEFT", "FLUSHRIGHT", "CENTER", "BOLDCENTER", "NOINDENT", "BORDER", "HYPHEN", "BLANK", "BLANKFILL"),
    *("PAGENUM", "SECTIONNUM", "NEWPAR", "SKIPLINE", "BR", "NEWLINE", "TAB"),
)
#: Which ``address_block()`` writes for a line's end (objects.md).
_SAME: Final = {"NEWLINE": "BR"}
_BREAKS = re.compile(r"[ \t]*\[(?:BR|NEWLINE)\][ \t]*")
_LAYOUT = re.compile(
    rf"[ \t]*\[(?:{'|'.join((*_APART, 'FLUSHLEFT', 'FLUSHRIGHT', 'CENTER', 'BOLDCENTER', 'NOINDENT', 'BORDER'))})\][ \t]*"
)
_NAMES = "|".join(sorted((*_CHARACTERS, *_APART, *_INLINE), key=len, reverse=True))
_TAG = re.compile(rf"\[(?:({_NAMES})|INDENTBY\s+([0-9.]+\s?(?:in|pt|cm))(?:\s+([0-9.]+\s?(?:in|pt|cm)))?)\]")
_PRIVATE = re.compile("[\ue000-\uf8ff]")


def carried(markdown: str) -> str:
    """`markdown` with a word of ours for each tag."""
    return _TAG.sub(_word, _PRIVATE.sub("", markdown))


def word(name: str, *arguments: str) -> str:
    """The word of ours for a tag."""
    return f"{OPEN}{SPACE.join((name, *(one.replace(' ', '') for one in arguments)))}{CLOSE}"


def _word(found: re.Match[str]) -> str:
    name = found[1]
    if name is None:
        return word("INDENTBY", *filter(None, found.groups()[1:]))
    if name in _CHARACTERS:
        return _CHARACTERS[name]
    name = _SAME.get(name, name)
    return f"\n\n{word(name)}\n\n" if name in _APART else word(name)


def as_text(markup: str, *, line_end: str = "\n") -> str:
    """`markup` for where there is no layout (a field of a form, or of a DOCX template): `line_end` for breaks, nothing for what lays out."""
    if "[" not in markup:
        return markup
    text = _LAYOUT.sub("", _BREAKS.sub(line_end, markup))
    for name, character in _CHARACTERS.items():
        text = text.replace(f"[{name}]", character)
    return text
