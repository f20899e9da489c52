"""Files by their names alone are those of the package whose file names them, also where another interview includes that file.

Rules: docs initial.md, "include" (files that an included file names are its package's); markup.md, "Inserting images"; modifiers.md,
"audio"; documents.md. A bare name means the interview's own package everywhere later on, so only what stands elsewhere is written out.
"""

from __future__ import annotations

import re
from typing import Any

#: ``[FILE reference`` up to the comma or bracket that ends it.
_FILE = re.compile(r"(\[FILE\s+)([^\s,\[\]][^,\[\]]*)(?=[,\]])")


def of(name: str) -> str:
    """The package of a file or an interview by its full name."""
    return name.rpartition(":")[0]


def elsewhere(interview: str, file: str) -> str | None:
    """The package of `file`, if it is another than the interview's."""
    found = of(file)
    return found if found and found != of(interview) else None


def is_bare(reference: str) -> bool:
    """Whether `reference` names a file without saying where: no number of the session's, address or package."""
    return bool(reference) and ":" not in reference and not reference.startswith("/") and not reference.isdigit()


def whole(reference: str, package: str | None) -> str:
    """A bare name as that of `package`; all else, and everything without a package, as it is."""
    reference = reference.strip()
    return f"{package}:{reference}" if package and is_bare(reference) else reference


def in_text(text: str, package: str, images: Any = ()) -> str:
    """`text`, in which ``[FILE …]`` names files of `package`; names of `images` (``images``, ``image sets``) stay."""

    def said(found: re.Match[str]) -> str:
        reference = found[2].strip()
        return found[0] if reference in images else f"{found[1]}{whole(reference, package)}"

    return _FILE.sub(said, text)
