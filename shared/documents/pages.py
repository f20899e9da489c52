"""Pages of PDF files as pictures, by pypdfium2. Runs in the process that makes documents."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from shared.documents.ports import BadSource

#: Pixels of a picture at most: a page may say that it is a kilometre wide.
_MOST: Final = 4000


@contextmanager
def sheet_of(content: bytes, page: int) -> Iterator[Any]:
    """Page `page` (from 1), a ``pypdfium2.PdfPage``. Raises `BadSource`."""
    import pypdfium2  # noqa: PLC0415  only the process that makes documents pays for it

    try:
        document = pypdfium2.PdfDocument(content)
        document.init_forms()  # or what stands in its fields is not drawn
    except pypdfium2.PdfiumError as error:
        raise BadSource(f"the PDF file cannot be read: {error}") from error
    try:
        if not 1 <= page <= len(document):
            raise BadSource(f"the PDF file has {len(document)} pages, no page {page}")
        yield document[page - 1]
    finally:
        document.close()


def picture(content: bytes, *, page: int, width: int, dots: int | None = None) -> bytes:
    """Page `page` (from 1) as a PNG picture `width` pixels wide, or with so many `dots` an inch. Raises `BadSource`."""
    with sheet_of(content, page) as sheet:
        wide, high = sheet.get_size()
        scale = min(dots / 72 if dots else width / max(wide, 1), _MOST / max(wide, 1), _MOST / max(high, 1))
        made = io.BytesIO()
        sheet.render(scale=scale, may_draw_forms=True).to_pil().save(made, "PNG", optimize=False)
        return made.getvalue()
