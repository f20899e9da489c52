"""The bracketed tags of documents.md "markup" and markup.md, as HTML. Not for Markdown itself.

Two passes, because Markdown stands between them: `before` turns inline tags into HTML that Markdown passes through;
`after` handles the tags that speak about the paragraph they begin.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

_SIMPLE = {
    "BR": "<br>",
    "NEWLINE": "<br>",
    "NBSP": "&nbsp;",
    "ENDASH": "&ndash;",
    "EMDASH": "&mdash;",
    "HYPHEN": "-",
    "BLANK": '<span class="blank-line" role="img" aria-label="blank"></span>',
    "BLANKFILL": '<span class="blank-line blank-fill" role="img" aria-label="blank"></span>',
    "PAGEBREAK": "",
    "PAGENUM": "",
    "SECTIONNUM": "",
    "SKIPLINE": "<br><br>",
    "TAB": "&emsp;&emsp;",
    "START_INDENTATION": "",
    "STOP_INDENTATION": "",
    "SINGLESPACING": "",
    "ONEANDAHALFSPACING": "",
    "DOUBLESPACING": "",
    "TRIPLESPACING": "",
    "TIGHTSPACING": "",
    "NO_EMOJIS": "",
}
_SIMPLE_RE = re.compile(r"\[(" + "|".join(_SIMPLE) + r")\]")
#: Bounded: what is no tag after so many characters is none, and nobody looks for its end further on.
_FILE_RE = re.compile(r"\[FILE ([^,\[\]]{1,300})(?:,([^,\[\]]{0,50}))?(?:,([^\[\]]{0,1000}))?\]")
_VIDEO_RE = re.compile(r"\[(YOUTUBE|VIMEO)(4:3|16:9)? ([A-Za-z0-9_\-?=&]+)\]")
_TARGET_LINE_RE = re.compile(r"^[ ]{0,3}\[TARGET ([A-Za-z0-9_\-]+)\][ \t]*$", re.M)
_TARGET_RE = re.compile(r"\[TARGET ([A-Za-z0-9_\-]+)\]")
_FIELD_RE = re.compile(r"\[FIELD ([^\]]{1,300})\]")
_BEGIN, _BREAK, _END = "[BEGIN_TWOCOL]", "[BREAK]", "[END_TWOCOL]"
_CODE_RE = re.compile(r"(^```.*?^```|`[^`\n]+`)", re.S | re.M)

_PARAGRAPH_CLASSES = {
    "CENTER": "text-center",
    "BOLDCENTER": "text-center fw-bold",
    "FLUSHLEFT": "text-start",
    "FLUSHRIGHT": "text-end",
    "NOINDENT": "",
    "BORDER": "border p-3",
}
_PARAGRAPH_RE = re.compile(r"<p>\s*\[(" + "|".join(_PARAGRAPH_CLASSES) + r")\]\s*")
_INDENT_RE = re.compile(r"<p>\s*\[INDENTBY\s+([0-9.]+)(in|pt|cm)(?:\s+([0-9.]+)(in|pt|cm))?\]\s*")

#: From the reference, the width or None and the alt text or None of a [FILE …] to HTML; None if there is no such file.
FileTag = Callable[[str, str | None, str | None], str | None]


def _video(match: re.Match[str]) -> str:
    service, ratio, code = match.group(1), (match.group(2) or "16:9").replace(":", "x"), match.group(3)
    if service == "YOUTUBE":
        address, title = f"https://www.youtube-nocookie.com/embed/{code}", "YouTube video"
    else:
        address, title = f"https://player.vimeo.com/video/{code}", "Vimeo video"
    return (
        f'<div class="ratio ratio-{ratio} video"><iframe src="{html.escape(address)}" title="{title}" loading="lazy" '
        'allow="fullscreen; picture-in-picture" allowfullscreen></iframe></div>'
    )


def _in_columns(text: str) -> str:
    """Two columns, each from its beginning over its break to its end; looked for once from left to right."""
    pieces: list[str] = []
    at = 0
    while (begin := text.find(_BEGIN, at)) >= 0:
        middle = text.find(_BREAK, begin)
        end = text.find(_END, middle) if middle >= 0 else -1
        if end < 0:
            break  # none further on has both, either
        left, right = text[begin + len(_BEGIN) : middle], text[middle + len(_BREAK) : end]
        pieces += [text[at:begin], _columns(left.strip(), right.strip())]
        at = end + len(_END)
    return "".join([*pieces, text[at:]])


def _columns(left: str, right: str) -> str:
    return (
        f'\n\n<div class="row" markdown="1">\n<div class="col-6" markdown="1">\n\n{left}\n\n</div>\n'
        f'<div class="col-6" markdown="1">\n\n{right}\n\n</div>\n</div>\n\n'
    )


def before(text: str, file_tag: FileTag | None) -> str:
    """Replace the inline tags. Code spans and fenced code keep theirs."""
    if "[" not in text:
        return text
    pieces = _CODE_RE.split(text)
    for number in range(0, len(pieces), 2):
        pieces[number] = _before(pieces[number], file_tag)
    return "".join(pieces)


def _before(text: str, file_tag: FileTag | None) -> str:
    if file_tag is not None:
        show = file_tag

        def one(match: re.Match[str]) -> str:
            width, alt = ((match.group(number) or "").strip() for number in (2, 3))
            shown = show(match.group(1).strip(), width if width and width != "None" else None, alt or None)
            return match.group(0) if shown is None else shown

        text = _FILE_RE.sub(one, text)
    if "[QR " in text:
        from shared.markup import qr  # noqa: PLC0415  heavy: segno, 80 ms; few texts have one

        text = qr.TAG.sub(qr.drawn, text)
    text = _in_columns(text)
    text = text.replace("[NEWPAR]", "\n\n")
    text = _SIMPLE_RE.sub(lambda m: _SIMPLE[m.group(1)], text)
    text = _VIDEO_RE.sub(_video, text)
    text = _TARGET_LINE_RE.sub(r'<div class="datarget\1" aria-live="polite"></div>', text)
    text = _TARGET_RE.sub(r'<span class="datarget\1" aria-live="polite"></span>', text)
    # The page puts the input here; see services/gateway/render.
    return _FIELD_RE.sub(lambda m: f'<span data-field="{html.escape(m.group(1).strip(), quote=True)}"></span>', text)


def _indent(match: re.Match[str]) -> str:
    left, unit, right, right_unit = match.groups()
    style = f"padding-left:{left}{unit}"
    if right:
        style += f";padding-right:{right}{right_unit}"
    return f'<p style="{style}">'


def after(markup: str) -> str:
    """Turn tags at the beginning of a paragraph into its classes."""
    if "<p>" not in markup or "[" not in markup:
        return markup
    markup = _PARAGRAPH_RE.sub(lambda m: f'<p class="{_PARAGRAPH_CLASSES[m.group(1)]}">', markup)
    return _INDENT_RE.sub(_indent, markup)
