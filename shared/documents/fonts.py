"""Fonts for the documents that are made here: those of Typst, those of packages for scripts that it lacks, and the system's.

Source Latin, Greek and Cyrillic are Libertinus, which Typst has; Arabic and Hebrew come with Parley; Chinese, Japanese and Korean with
the extra `cjk`, or with any font of the system. All of them are embedded in the PDF files.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any, Final

#: Packages that hold font files.
PACKAGES: Final = ("fontpkg_amiri", "pylopdf_fonts_he", "pylopdf_fonts_cjk", "manimgx_fonts_cjk")

#: In the order in which they are tried for a character.
FAMILIES: Final = (
    *("Liberation Serif", "Libertinus Serif", "Amiri", "Noto Serif Hebrew", "Noto Sans Hebrew"),
    *("Noto Serif CJK SC", "Noto Sans CJK SC", "Noto Serif JP", "Noto Sans JP", "DejaVu Sans"),
)


def folders() -> tuple[str, ...]:
    """Where the packages that are installed keep their fonts."""
    found = (importlib.util.find_spec(name) for name in PACKAGES)
    return tuple(str(Path(place)) for spec in found if spec for place in spec.submodule_search_locations or ())


@cache
def found() -> Any:
    """The fonts, as Typst takes them."""
    import typst  # noqa: PLC0415  only the process that makes documents pays for it

    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=list(folders()))
