"""The fields of a PDF form as its pages show them. Not for: what is put into them (`forms`), what screen readers are told (`formtags`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pikepdf import Pdf

#: Fields whose parents go deeper are a circle.
_DEEP: Final = 30


@dataclass(slots=True)
class Widget:
    """A field as a page shows it; several may be of one field."""

    name: str
    annotation: Any
    field: Any  #: the dictionary that holds the value
    kind: str  #: /Tx, /Btn, /Ch or /Sig
    flags: int
    page: int

    @property
    def size(self) -> tuple[float, float]:
        left, low, right, high = (float(one) for one in self.annotation.get("/Rect", [0, 0, 0, 0]))
        return abs(right - left), abs(high - low)


def widgets_of(pdf: Pdf) -> Iterator[Widget]:
    """All fields, page by page, in the order of the page."""
    for number, page in enumerate(pdf.pages, start=1):
        for annotation in page.get("/Annots", []):
            if annotation.get("/Subtype") != "/Widget":
                continue
            chain = [annotation]
            while "/Parent" in chain[-1] and len(chain) < _DEEP:
                chain.append(chain[-1]["/Parent"])
            name = ".".join(str(part["/T"]) for part in reversed(chain) if "/T" in part)
            kind = next((str(part["/FT"]) for part in chain if "/FT" in part), "")
            flags = next((int(part["/Ff"]) for part in chain if "/Ff" in part), 0)
            holder = next((part for part in chain if "/T" in part), annotation)
            if name and kind:
                yield Widget(name, annotation, holder, kind, flags, number)
