"""QR codes in texts: ``[QR text, width, alternative text]`` (functions.md "qr_code()") as a drawing within the page."""

from __future__ import annotations

import html
import re

import segno

#: The text is all up to the first comma: addresses have their commas encoded.
TAG = re.compile(r"\[QR ([^,\[\]]{1,4000})(?:,([^,\[\]]{0,50}))?(?:,([^\[\]]{0,1000}))?\]")
_WIDTH = re.compile(r"\d+(?:\.\d+)?(?:px|em|rem|%|pt|cm|mm|in)\Z")
#: As wide as a code that can be scanned from a screen at arm's length.
_DEFAULT_WIDTH = "240px"
#: Characters; more make a code that no camera reads from a screen.
_LONGEST = 1000


def drawn(match: re.Match[str]) -> str:
    """The tag as an SVG, black on white in any theme. What is too long stays as it was written."""
    text, width, alternative = ((part or "").strip() for part in match.groups())
    text = html.unescape(text)
    if len(text) > _LONGEST:
        return match.group(0)
    drawing: str = segno.make(text, error="m", micro=False).svg_inline(border=4, light="#fff", omitsize=True)
    style = f"max-width:100%;width:{width if width and _WIDTH.match(width) else _DEFAULT_WIDTH}"
    label = html.escape(alternative or text, quote=True)
    return drawing.replace("<svg ", f'<svg class="qr" role="img" aria-label="{label}" style="{style}" ', 1)
