"""Scripts whose fonts do not come with Parley: which of them a text is written in, and whether a font is here (extra `cjk`, or the system's).

Not for: which font a document takes (`fonts`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from shared.documents import fonts

#: By what operators call the language: the characters of its script, and one that every font for it has.
_SCRIPTS: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    "Chinese": (re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"), "\u7684"),
    "Japanese": (re.compile("[\u3041-\u30ff\uff66-\uff9f]"), "\u3042"),
    "Korean": (re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]"), "\ud55c"),
}
#: No character: a font shows it as it shows all that it lacks.
_NONE: Final = "\uffff"


def without_font(texts: Iterable[str]) -> tuple[str, ...]:
    """Languages in whose script some of `texts` is written, and for which no font is here. In a PDF file those characters are boxes."""
    listed = tuple(texts)
    used = [name for name, (pattern, _) in _SCRIPTS.items() if any(pattern.search(text) for text in listed)]
    return tuple(name for name in used if not _covered(_SCRIPTS[name][1]))


def texts_of(order: Mapping[str, Any]) -> list[str]:
    """What an order has written into a PDF file; of files that come with it nothing."""
    if order.get("work") == "text" and order.get("format") == "pdf":
        return [str(order.get(part) or "") for part in ("markdown", "metadata")]
    return [str(order.get("fields") or "")] if order.get("work") == "form" else []


@cache
def _covered(sample: str) -> bool:
    from PIL import ImageFont  # noqa: PLC0415  heavy, and few texts are of these scripts

    ours = fonts.folders()
    files = sorted(fonts.found().fonts(), key=lambda one: not str(one.path or "").startswith(ours))
    for one in files:
        if one.path is None:
            continue  # those within Typst have none of them
        try:
            font = ImageFont.truetype(str(one.path), 20, index=int(one.index))
            if bytes(font.getmask(sample)) != bytes(font.getmask(_NONE)):
                return True
        except (OSError, ValueError):
            continue
    return False
