"""Names of ``images`` and ``image sets`` in the text of a document, written out as the files that they stand for.

Rules: docs markup.md, "Inserting images" and "Inserting inline icons". Not for screens, whose pages find them (``asking.pictures``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_NAMED = re.compile(r"(\[FILE\s+)([^,\[\]]+?)(?=\s*[,\]])")
_ICON = re.compile(r":([\w-]+):")
#: As high as letters of 12 points, "the same size as the text".
_WIDTH: Final = "0.17in"
_NO_ICONS: Final = "[NO_EMOJIS]"


def file_of(name: str, images: Mapping[str, Any]) -> str:
    """The file of the image `name`; a name of none as it is."""
    known = images.get(name.strip())
    return name if known is None else str(known["file"])


def in_tags(text: str, images: Mapping[str, Any]) -> str:
    """`text` with ``[FILE name]`` of known images as ``[FILE package:file]``."""
    return _NAMED.sub(lambda found: found[1] + file_of(found[2], images), text) if images else text


def written_out(markdown: str, images: Mapping[str, Any]) -> str:
    """`markdown` with ``[FILE name]`` and ``:name:`` of known images as ``[FILE package:file]``."""
    if not images:
        return markdown
    made = in_tags(markdown, images)
    if _NO_ICONS in made:
        return made

    def icon(found: re.Match[str]) -> str:
        return f"[FILE {file_of(found[1], images)}, {_WIDTH}, {found[1]}]" if found[1] in images else found[0]

    return _ICON.sub(icon, made)
