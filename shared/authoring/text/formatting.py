"""Text made ready for a place: Markdown, quotations, file names, form fields, names in HTML.

Source: functions.md, "Text transformation functions", "Helper functions for form filling", encode_name(), decode_name().
"""

from __future__ import annotations

import base64
import html
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from shared.authoring.memory import ATTACHMENT, note
from shared.authoring.text.words import word
from shared.contract import jsontext

# What Markdown, Mako's output and our own markup could take for formatting.
_SPECIAL = re.compile(r"[\\`*_{}\[\]()#+\-.!|~$^=:]")
_SENTENCE_END = (".", "?", "!")
_REDACTED = "\u2588"


def _or_default(text: object, default: object) -> str:
    given = "" if text is None else str(text)
    return given if given.strip() or default is None else str(default)


def plain(text: object, default: object = None) -> str:
    """`text`, or `default` if it is empty."""
    return _or_default(text, default)


def bold(text: object, default: object = None) -> str:
    """`text` (or `default`) in bold Markdown; nothing if there is neither."""
    chosen = _or_default(text, default)
    return f"**{chosen}**" if chosen.strip() else ""


def italic(text: object, default: object = None) -> str:
    """`text` (or `default`) in italic Markdown; nothing if there is neither."""
    chosen = _or_default(text, default)
    return f"_{chosen}_" if chosen.strip() else ""


def space_to_underscore(text: object) -> str:
    """`text` as a safe file name without spaces."""
    latin = unicodedata.normalize("NFKD", str(text)).encode("ascii", "ignore").decode("ascii")
    joined = "_".join(latin.replace("/", " ").split())
    return re.sub(r"[^A-Za-z0-9_.-]", "", joined).strip("._")


def single_to_double_newlines(text: object) -> str:
    """Every line a paragraph of its own."""
    return re.sub(r"[\r\n]+", "\n\n", str(text))


def single_paragraph(text: object) -> str:
    """`text` on one line."""
    return re.sub(r"[\r\n]+", " ", str(text))


def manual_line_breaks(text: object) -> str:
    """Line breaks of `text` as the markup for one, so that they stay inside their paragraph."""
    return re.sub(r" *\r?\n", " [BR] ", str(text))


def quote_paragraphs(text: object) -> str:
    """`text` as a Markdown quotation."""
    paragraphs = single_to_double_newlines(str(text).strip())
    return "> " + paragraphs.replace("\n", "\n> ") + "\n\n"


def indent(text: object, by: int | None = None) -> str:
    """`text` with four spaces before every line, so that it belongs to a list item."""
    margin = " " * (4 if by is None else by)
    return "\n".join(margin + line for line in str(text).split("\n"))


def fix_punctuation(text: object, mark: str = ".", other_marks: Sequence[str] | None = None) -> str:
    """`text` with `mark` at its end, unless it ends with a punctuation mark already."""
    trimmed = str(text).rstrip()
    marks = tuple(other_marks) if other_marks is not None else _SENTENCE_END
    if not trimmed or trimmed.endswith((*marks, mark)):
        return trimmed
    return trimmed + mark


def verbatim(text: object) -> str:
    """`text` so that nothing in it is taken for formatting. Templates in DOCX and PDF have none; documents of Markdown have no HTML."""
    kind = note(ATTACHMENT, {}).get("format")
    if kind in ("docx", "pdf"):
        return str(text)
    escaped = html.escape(str(text).strip(), quote=False)
    # "&", "<" and ">" are entities by now; what else could be markup becomes an entity too.
    escaped = _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", escaped)
    return escaped if kind else f"<span>{escaped}</span>"


def redact(text: object) -> str:
    """A black bar as long as `text`; the text itself in a document with ``redact: False``."""
    given = str(text)
    return given if note(ATTACHMENT, {}).get("redact") is False else _REDACTED * len(given)


def yesno(value: object, invert: bool = False) -> str:
    """``Yes`` or ``No`` for the boxes of a PDF form."""
    return word("Yes") if bool(value) is not bool(invert) else word("No")


def noyes(value: object, invert: bool = False) -> str:
    """The opposite of `yesno`."""
    return yesno(value, invert=not invert)


def split(text: object, breaks: int | Sequence[int], index: int) -> str:
    """Part `index` of a phrase cut at blanks into parts of at most these lengths; what is left is the last part."""
    lengths = [breaks] if isinstance(breaks, int) else list(breaks)
    rest = re.sub(r"\s+", " ", str(text)).strip()
    parts: list[str] = []
    for length in lengths:
        part = _first_part(rest, int(length))
        parts.append(part)
        rest = rest[len(part) :].strip()
    parts.append(rest)
    return parts[index] if 0 <= index < len(parts) else ""


def _first_part(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    cut = text.rfind(" ", 0, length + 1)
    return text[: cut if cut > 0 else length]


def encode_name(name: str) -> str:
    """The name of a variable as the name of an HTML field: base64 without padding."""
    return base64.urlsafe_b64encode(str(name).encode()).decode().rstrip("=")


def decode_name(name: str) -> str:
    """The reverse of `encode_name`. ValueError if it is not that."""
    try:
        return base64.b64decode(_padded(name), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise ValueError(f"{name!r} is not a name made by encode_name()") from None


def from_b64_json(text: str) -> Any:
    """The object that base64-encoded JSON stands for. ValueError if it is not that."""
    try:
        return jsontext.loads(base64.b64decode(_padded(text)))
    except ValueError as problem:
        raise ValueError(f"from_b64_json() got text that is not base64-encoded JSON: {problem}") from None


def _padded(text: str) -> str:
    bare = str(text).strip().rstrip("=")
    return bare + "=" * (-len(bare) % 4)
