"""PDF files as a whole: opened and saved, joined, laid over each other, protected. Runs in the process that makes documents."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from shared.documents.order import Order
from shared.documents.ports import BadSource, TooLarge

if TYPE_CHECKING:
    from pikepdf import Pdf

#: Pages of one file: what has more is no document that a person reads.
MOST_PAGES: Final = 5000


def opened(content: bytes, *, password: object = None) -> Pdf:
    """Raises `BadSource` for what cannot be read, `TooLarge` for too many pages."""
    import pikepdf  # noqa: PLC0415  only the process that makes documents pays for it

    try:
        pdf = pikepdf.open(io.BytesIO(content), password="" if password is None else str(password))
    except pikepdf.PasswordError as error:
        raise BadSource("the PDF file is encrypted, and the password ('template password') is not right") from error
    except pikepdf.PdfError as error:
        raise BadSource(f"the PDF file cannot be read: {error}") from error
    if len(pdf.pages) > MOST_PAGES:
        raise TooLarge(f"the PDF file has {len(pdf.pages)} pages; the limit is {MOST_PAGES}")
    return pdf


def saved(pdf: Pdf) -> bytes:
    """The file; the same one for the same content."""
    import pikepdf  # noqa: PLC0415  as above

    made = io.BytesIO()
    pdf.save(made, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return made.getvalue()


def repaired(content: bytes) -> bytes:
    """The file written anew, as qpdf can make it out. Raises `BadSource`."""
    import pikepdf  # noqa: PLC0415  as above

    with opened(content) as pdf:
        try:
            for page in pdf.pages:
                _ = page.mediabox
            if not len(pdf.pages):
                raise BadSource("the PDF file has no pages")
            return saved(pdf)
        except (pikepdf.PdfError, RuntimeError, AttributeError) as error:
            raise BadSource(f"the PDF file cannot be read: {error}") from error


def protected(content: bytes, *, user: object, owner: object) -> bytes:
    """The file, to be opened with the password `user` (or `owner`, which may do everything)."""
    import pikepdf  # noqa: PLC0415  as above

    made = io.BytesIO()
    user, owner = str(user or ""), str(owner or user or "")
    with opened(content) as pdf:
        pdf.save(made, encryption=pikepdf.Encryption(user=user, owner=owner, R=6))
    return made.getvalue()


def joined(parts: Sequence[bytes]) -> bytes:
    """One file of all pages, with their form fields."""
    import pikepdf  # noqa: PLC0415  as above

    with pikepdf.new() as whole:
        for part in parts:
            with opened(part) as pdf:
                whole.pages.extend(pdf.pages)
        if len(whole.pages) > MOST_PAGES:
            raise TooLarge(f"the PDF files have {len(whole.pages)} pages together; the limit is {MOST_PAGES}")
        return saved(whole)


def overlaid(order: Order) -> bytes:
    """``content`` with a page of ``over`` on its pages from ``first`` to ``last``, ``only`` odd or even ones; with ``multi`` page on page."""
    with opened(order["content"]) as pdf, opened(order["over"]) as upper:
        pages: list[Any] = list(upper.pages)
        first, last, only = order.get("first") or 1, order.get("last") or len(pdf.pages), order.get("only")
        page = order.get("page") or 1
        if not 1 <= page <= len(pages):
            raise BadSource(f"the file that is laid over has {len(pages)} pages, no page {page}")
        for number, below in enumerate(pdf.pages, start=1):
            if order.get("multi"):
                if number <= len(pages):
                    below.add_overlay(pages[number - 1], None)
            elif first <= number <= last and only in (None, "odd" if number % 2 else "even"):
                below.add_overlay(pages[page - 1], None)
        return saved(pdf)


def numbered(order: Order, folder: Path) -> bytes:
    """``content`` with a number on each page: ``prefix``, ``digits``, ``start``, ``area`` (TOP_LEFT …) (objects.md, "bates_number")."""
    import typst  # noqa: PLC0415  as above

    top, left = str(order["area"]).startswith("TOP"), str(order["area"]).endswith("LEFT")
    with opened(order["content"]) as pdf:
        boxes = [[float(side) for side in page.mediabox] for page in pdf.pages]
        given = {
            "pages": [
                {
                    "width": box[2] - box[0],
                    "height": box[3] - box[1],
                    "label": f"{order['prefix']}{order['start'] + number:0{order['digits']}d}",
                }
                for number, box in enumerate(boxes)
            ],
            "side": "left" if left else "right",
            "edge": "top" if top else "bottom",
        }
    (folder / "numbers.json").write_text(json.dumps(given), encoding="utf-8")
    (folder / "numbers.typ").write_text(_NUMBERS, encoding="utf-8")
    labels = typst.compile(folder / "numbers.typ", root=folder, pdf_tags=False)
    return overlaid({"content": order["content"], "over": labels, "multi": True})


#: The labels of `numbered`, a page each.
_NUMBERS: Final = """#let given = json("numbers.json")
#let sides = (left: left, right: right, top: top, bottom: bottom)
#for (number, one) in given.pages.enumerate() {
  if number > 0 { pagebreak() }
  set page(width: one.width * 1pt, height: one.height * 1pt, margin: 24pt, fill: none)
  place(sides.at(given.edge) + sides.at(given.side), box(fill: white, inset: 2pt, text(size: 10pt, one.label)))
}
"""
