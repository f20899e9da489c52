"""What is read from and done to PDF files, by pypdf: pages, form fields, page ranges, one file out of several.

Not for making PDF files out of texts, nor for reading scanned ones. Every function takes and gives the bytes of a file and
raises `BadPdf` for bytes that are no readable PDF file.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdf import PdfReader, PdfWriter


class BadPdf(ValueError):
    """The bytes are no readable PDF file."""


#: Name, default, page (from 1), bounding box, kind (/Tx, /Btn …), export value (objects.md, "get_pdf_fields").
Field = tuple[str, str, int, list[float], str | None, str | None]


@cache
def _library() -> ModuleType:
    import pypdf  # noqa: PLC0415  heavy: 0.3 s, which every new child would pay, and few interviews touch a PDF

    return pypdf


@contextmanager
def _reading(content: bytes, filename: str) -> Iterator[PdfReader]:
    library = _library()
    try:
        yield library.PdfReader(io.BytesIO(content), strict=False)
    except (
        library.errors.PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        OSError,
    ) as problem:
        raise BadPdf(f"{filename} is not a readable PDF file: {problem}") from problem


def num_pages(content: bytes, filename: str) -> int:
    """The number of pages."""
    with _reading(content, filename) as reader:
        return len(reader.pages)


def check(content: bytes, filename: str) -> None:
    """Raise `BadPdf` unless every page can be read."""
    with _reading(content, filename) as reader:
        for page in reader.pages:
            _ = page.mediabox


def is_encrypted(content: bytes, filename: str) -> bool:
    """Whether the file is encrypted."""
    with _reading(content, filename) as reader:
        return bool(reader.is_encrypted)


def uses_acroform(content: bytes, filename: str) -> bool:
    """Whether the file has form fields."""
    with _reading(content, filename) as reader:
        form = reader.root_object.get("/AcroForm")
        return form is not None and bool(form.get_object().get("/Fields"))


def fields(content: bytes, filename: str) -> list[Field]:
    """The form fields, page by page, in the order of the page."""
    with _reading(content, filename) as reader:
        return [
            field
            for number, page in enumerate(reader.pages, start=1)
            for annotation in page.get("/Annots") or ()
            if (field := _field(annotation.get_object(), number)) is not None
        ]


def extract(content: bytes, filename: str, first: int, last: int | None) -> bytes:
    """A file with the pages from `first` to `last` (counted from 1, both included; None: to the end)."""
    with _reading(content, filename) as reader:
        pages = len(reader.pages)
        end = pages if last is None else last
        if not 1 <= first <= end <= pages:
            raise ValueError(f"{filename} has {pages} pages, so there are no pages {first} to {end}")
        writer = _library().PdfWriter()
        for page in reader.pages[first - 1 : end]:
            writer.add_page(page)
        return _written(writer)


def concatenate(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """One file out of several, given as pairs of name and content."""
    writer = _library().PdfWriter()
    for filename, content in parts:
        with _reading(content, filename) as reader:
            writer.append(reader)
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def _field(annotation: Any, page: int) -> Field | None:
    """The field a widget on a page shows; None for other annotations."""
    if annotation.get("/Subtype") != "/Widget":
        return None
    chain = [annotation]
    while (parent := chain[-1].get("/Parent")) is not None and len(chain) < 20:
        chain.append(parent.get_object())
    name = ".".join(str(part["/T"]) for part in reversed(chain) if "/T" in part)
    if not name:
        return None
    kind = next((str(part["/FT"]) for part in chain if "/FT" in part), None)
    value = next((part["/V"] for part in chain if "/V" in part), None)
    export = _export_value(annotation) if kind == "/Btn" else None
    if kind == "/Btn":
        default = "No" if value in (None, "/Off", "") else "Yes"
    else:
        default = "" if value is None else str(value)
    box = [float(number) for number in annotation.get("/Rect", ())]
    return name, default, page, box, kind, export


def _export_value(annotation: Any) -> str | None:
    """The value a button has when it is on: the name of its other appearance."""
    appearance = annotation.get("/AP")
    states = appearance.get_object().get("/N") if appearance is not None else None
    names = states.get_object() if states is not None else {}
    return next(
        (str(state)[1:] for state in names if isinstance(state, str) and state.startswith("/") and state != "/Off"),
        None,
    )
