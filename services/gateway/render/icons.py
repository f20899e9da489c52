"""Icons: the interview's own images, Bootstrap Icons by (Font Awesome) name, or an emoji by its short name.

Bootstrap Icons come with Bootstrap-Flask as one sprite of a megabyte; only the symbols a page uses are put into it.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from services.gateway.render.bootstrap import STATIC

#: Font Awesome names (markup.md "emoji") whose Bootstrap counterpart is called something else.
_OTHER_NAMES = {
    "user": "person-fill",
    "users": "people-fill",
    "home": "house-fill",
    "check-circle": "check-circle-fill",
    "times": "x-lg",
    "times-circle": "x-circle-fill",
    "trash-alt": "trash",
    "edit": "pencil-square",
    "pencil-alt": "pencil",
    "pen": "pen",
    "cog": "gear-fill",
    "cogs": "gear-wide-connected",
    "file-alt": "file-text",
    "file-pdf": "file-earmark-pdf",
    "file-word": "file-earmark-word",
    "calendar-alt": "calendar3",
    "exclamation-triangle": "exclamation-triangle-fill",
    "exclamation-circle": "exclamation-circle-fill",
    "info-circle": "info-circle-fill",
    "question-circle": "question-circle",
    "comment": "chat-fill",
    "comments": "chat-dots-fill",
    "envelope": "envelope-fill",
    "phone": "telephone-fill",
    "map": "map",
    "map-marker-alt": "geo-alt-fill",
    "map-marker": "geo-fill",
    "arrow-circle-right": "arrow-right-circle-fill",
    "arrow-circle-left": "arrow-left-circle-fill",
    "plus-circle": "plus-circle-fill",
    "minus-circle": "dash-circle-fill",
    "minus": "dash",
    "external-link-alt": "box-arrow-up-right",
    "sign-out-alt": "box-arrow-right",
    "sign-in-alt": "box-arrow-in-right",
    "sync": "arrow-repeat",
    "redo": "arrow-clockwise",
    "undo": "arrow-counterclockwise",
    "car": "car-front-fill",
    "money-bill": "cash",
    "dollar-sign": "currency-dollar",
    "balance-scale": "bank",
    "gavel": "hammer",
    "university": "bank",
    "graduation-cap": "mortarboard-fill",
    "child": "person-arms-up",
    "heart": "heart-fill",
    "star": "star-fill",
    "thumbs-up": "hand-thumbs-up-fill",
    "thumbs-down": "hand-thumbs-down-fill",
    "smile": "emoji-smile",
    "frown": "emoji-frown",
    "lock": "lock-fill",
    "unlock": "unlock-fill",
    "save": "save",
    "link": "link-45deg",
    "apple-alt": "apple",
}
_STYLE_RE = re.compile(r"^(fa[srlbd]?-)?(fa-)?")
_SYMBOL_RE = re.compile(r'<symbol[^>]*viewBox="([^"]+)"[^>]*id="([^"]+)"[^>]*>(.*?)</symbol>', re.S)


@cache
def _sprite() -> dict[str, tuple[str, str]]:
    path = STATIC / "bootstrap5" / "icons" / "bootstrap-icons.svg"
    found = _SYMBOL_RE.findall(path.read_text(encoding="utf-8"))
    return {name: (box, drawing) for box, name, drawing in found}


@lru_cache(maxsize=512)
def icon(name: str, css: str = "") -> str | None:
    """A picture for `name`, hidden from screen readers, or None."""
    bare = _STYLE_RE.sub("", name)
    known = _sprite()
    symbol = known.get(_OTHER_NAMES.get(bare, bare)) or known.get(bare)
    if symbol is not None:
        box, drawing = symbol
        return (
            f'<svg class="bi{" " + css if css else ""}" width="1em" height="1em" fill="currentColor" '
            f'viewBox="{box}" aria-hidden="true">{drawing}</svg>'
        )
    import emoji  # noqa: PLC0415  heavy: 3 MB, all names of all signs

    sign = emoji.emojize(f":{name}:", language="alias")
    return sign if sign != f":{name}:" else None
