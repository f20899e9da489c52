"""What pandoc's DOCX files get afterwards: the look of the styles that `tags.lua` names, and the margins of the page.

A style's name says its look ("Text, center, double, first line 0.5in"), so that whoever edits the document in a word processor
finds it among the styles.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Final

_NAMED = re.compile(r'(<w:style [^>]*>\s*<w:name w:val="Text, ([^"]+)"\s*/>)(.*?)(</w:style>)', re.S)
_MARGINS = re.compile(r"<w:pgMar[^>]*/>")
_UNITS: Final = {"in": 1440, "pt": 20, "cm": 567, "mm": 56.7}
_LINES: Final = {"single": 240, "tight": 240, "one-and-a-half": 360, "double": 480, "triple": 720}
_ALIGNED: Final = {"center": "center", "flush right": "right", "flush left": "left"}
_BORDER: Final = "".join(
    f'<w:{side} w:val="single" w:sz="6" w:space="4"/>' for side in ("top", "left", "bottom", "right")
)


def applied(content: bytes, margins: Mapping[str, str], paper: tuple[int, int]) -> bytes:
    """The DOCX file `content` with what its styles are called, and where it has none of its own `margins` (top, bottom, left, right)
    and `paper` (width and height, twentieths of a point).
    """
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for entry in given.infolist():
            data = given.read(entry)
            if entry.filename == "word/styles.xml":
                data = _NAMED.sub(_styled, data.decode()).encode()
            elif entry.filename == "word/document.xml":
                data = _with_page(data.decode(), margins, paper).encode()
            out.writestr(zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _styled(found: re.Match[str]) -> str:
    inside = re.sub(r"<w:pPr>.*?</w:pPr>|<w:pPr\s*/>", "", found[3], flags=re.S)
    return f"{found[1]}{inside}<w:pPr>{_look(found[2].split(', '))}</w:pPr>{found[4]}"


def _look(words: list[str]) -> str:
    """The properties of a paragraph, in the order of the schema: borders, spacing, indentation, alignment."""
    indent = {
        side: twips(word.split(" ")[-1]) for word in words for side in ("left", "right") if word.startswith(f"{side} ")
    }
    first = next((twips(word.split(" ")[-1]) for word in words if word.startswith("first line ")), 0)
    lines = next((_LINES[word] for word in words if word in _LINES), 240)
    after = 0 if any(word in _LINES and word != "single" for word in words) else 180
    aligned = next((_ALIGNED[word] for word in words if word in _ALIGNED), None)
    made = f"<w:pBdr>{_BORDER}</w:pBdr>" if "boxed" in words else ""
    made += f'<w:spacing w:before="0" w:after="{after}" w:line="{lines}" w:lineRule="auto"/>'
    made += f'<w:ind w:left="{indent.get("left", 0)}" w:right="{indent.get("right", 0)}" w:firstLine="{first}"/>'
    return made + (f'<w:jc w:val="{aligned}"/>' if aligned else "")


def _with_page(document: str, margins: Mapping[str, str], paper: tuple[int, int]) -> str:
    if _MARGINS.search(document):
        return document
    sides = "".join(f' w:{side}="{twips(margins[side])}"' for side in ("top", "right", "bottom", "left"))
    page = f'<w:pgMar{sides} w:header="720" w:footer="720" w:gutter="0"/>'
    if "<w:pgSz" not in document:
        page = f'<w:pgSz w:w="{paper[0]}" w:h="{paper[1]}"/>{page}'
    return document.replace("<w:sectPr />", "<w:sectPr></w:sectPr>").replace("</w:sectPr>", f"{page}</w:sectPr>")


def twips(length: str) -> int:
    """Twentieths of a point: how word processors measure."""
    found = re.match(r"([\d.]+)(in|pt|cm|mm)", length)
    return round(float(found[1]) * _UNITS[found[2]]) if found else 0
