"""Files made of other files in the process that makes documents. Source: functions.md, overlay_pdf(), docx_concatenate()."""

from __future__ import annotations

from typing import Any

from shared.authoring import filing
from shared.authoring.context import current
from shared.authoring.functions.files import contents, made_file
from shared.authoring.objects import assembled
from shared.documents.ports import MIMETYPES, Format


def overlay_pdf(
    main_document: object,
    overlay_document: object,
    first_page: int | None = None,
    last_page: int | None = None,
    logo_page: int | None = None,
    only: str | None = None,
    multi: bool = False,
    output_to: Any = None,
) -> Any:
    """A `DAFile` of the pages of `main_document` with a page of `overlay_document` on top of them.

    Pages are counted from 1; `only` is ``"even"`` or ``"odd"``; with `multi` page lies on page, and the other choices do not count.
    """
    if only not in (None, "even", "odd"):
        raise ValueError(f"overlay_pdf() expects only='even' or only='odd', not {only!r}")
    content, over = _pdf_of(main_document), _pdf_of(overlay_document)
    choices = {"first": first_page, "last": last_page, "page": logo_page, "only": only, "multi": bool(multi)}
    return _made(
        "overlay_pdf",
        [content, over],
        {"work": "overlay", "content": content, "over": over, **choices},
        "file.pdf",
        output_to,
    )


def docx_concatenate(*files: object, filename: str = "file.docx", output_to: Any = None) -> Any:
    """A `DAFile` with one DOCX file made of these documents: file objects, lists of them, references to files of packages."""
    parts = [_as_docx(name, data) for item in files for name, data in _documents(item)]
    if not parts:
        raise ValueError("docx_concatenate() needs at least one document")
    return _made("docx_concatenate", parts, {"work": "join words", "parts": parts}, filename, output_to)


def _made(what: str, parts: list[bytes], order: dict[str, Any], filename: str, output_to: Any) -> Any:
    context = current()
    mimetype = MIMETYPES[Format(filename.rpartition(".")[2].lower())]

    def make() -> int:
        return context.files.write(filename=filename, mimetype=mimetype, content=assembled.work(order))

    plain = {key: value for key, value in order.items() if not isinstance(value, bytes | list)}
    number = context.once(what, (filename, plain, [filing.digest(part) for part in parts]), make)
    return made_file(number, filename=filename, mimetype=mimetype, output_to=output_to)


def _pdf_of(item: object) -> bytes:
    if hasattr(item, "info") and hasattr(item, "pdf"):
        item = item.pdf
    return contents(item)[0][1]


def _documents(item: object) -> list[tuple[str, bytes]]:
    """Like `contents`, but of a document in several formats the one for word processors only."""
    if isinstance(item, list | tuple):
        return [part for one in item for part in _documents(one)]
    if hasattr(item, "info") and hasattr(item, "docx"):
        return contents(item.docx)
    return contents(item)


def _as_docx(name: str, data: bytes) -> bytes:
    ending = name.rpartition(".")[2].lower()
    if ending == "docx":
        return data
    return assembled.work({"work": "convert", "content": data, "source": ending, "format": "docx", "name": name})
