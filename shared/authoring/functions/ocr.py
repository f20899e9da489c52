"""Texts of scanned documents: `ocr_file` and `ocr_file_in_background` (functions.md), and PDF files of them that a task makes.

The pages are made pictures and read in the process that makes documents, one at a time (`shared.documents.scans`); here is which files, pages and
languages are meant. Not here: Google Cloud Vision, which needs an account.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from shared.authoring import filing
from shared.authoring.context import current
from shared.authoring.errors import NotAvailable
from shared.authoring.functions.background import (
    BackgroundTask,
    background_action,
    background_progress,
    background_response_action,
)
from shared.authoring.functions.taskoptions import BackgroundOptions
from shared.authoring.objects import DAFile, assembled, pdf, scanned
from shared.authoring.objects.base import DAObject
from shared.authoring.objects.searchable import Searchable
from shared.documents.ports import DocumentError

#: The action of the engine's own that reads in the background.
ACTION: Final = "_da_ocr"
#: … that makes a PDF file whose text can be searched, and the one that puts it where its file is.
PDF_ACTION, PDF_MADE = "_da_ocr_pdf", "_da_ocr_pdf_made"
#: Bytes of all texts at most.
_BYTES: Final = 16 * 2**20


class OCRResult(DAObject):
    """What ``get()`` of a task of `ocr_file_in_background` gives: ``ok``, ``content``, ``error_message``. As text: what there is of these.

    Its name is what an open page is told when the task has ended: a page never sees more of an object.
    """

    ok: bool
    content: str
    error_message: str | None

    def __str__(self) -> str:
        return self.content if self.ok else str(self.error_message)


def ocr_file(
    image_file: object,
    language: str | None = None,
    psm: int = 6,
    f: int | None = None,
    l: int | None = None,  # noqa: E741  the documented name
    x: int | None = None,
    y: int | None = None,
    W: int | None = None,
    H: int | None = None,
    use_google: bool = False,
    raw_result: bool = False,
) -> str:
    """The text of a scanned PDF file or picture, or of a list of them; form feeds are between pages (functions.md, "ocr_file").

    `language`: a code of ISO 639 or of Tesseract's, several joined by ``+``. `psm`: page segmentation mode. `f`, `l`: first and last page of
    each file.
    `x`, `y`, `W`, `H`: what is cropped of each page, in pixels. Raises `DocumentError` (without Tesseract, or its language: which package to
    install), `NotAvailable` for `use_google`, TypeError and ValueError for arguments that are none.
    """
    _without_google(use_google or raw_result)
    return _read(scanned.files_of(image_file), scanned.options_of(language, psm=psm, f=f, l=l, x=x, y=y, W=W, H=H))


def ocr_file_in_background(
    image_file: object,
    ui_notification: str | BackgroundOptions | None = None,
    *,
    message: str = "OCR succeeded",
    use_google: bool = False,
    language: str | None = None,
    psm: int = 6,
    **pages: Any,
) -> BackgroundTask:
    """Start reading `image_file` in the background; the task's value is an `OCRResult` (functions.md, "ocr_file_in_background").

    `ui_notification` as in ``background_action()``; `message` is what ``flash`` and ``javascript`` show. The other arguments are those of `ocr_file`.
    """
    _without_google(use_google)
    options = scanned.options_of(language, psm=psm, **pages)
    files = scanned.files_of(image_file)
    for file in files:
        if isinstance(file, DAFile):
            file.commit()  # what was written to its copy is part of what is read
    kind = ui_notification.notify if isinstance(ui_notification, BackgroundOptions) else ui_notification
    return background_action(
        ACTION, ui_notification, files=files, options=options, message=str(message), script=kind == "javascript"
    )


def in_background(arguments: Mapping[str, Any]) -> OCRResult:
    """What the task does: read, and say how that went."""
    told = str(arguments["message"])
    result = OCRResult("ocr_result")
    result.ok, result.content, result.error_message = True, "", None
    try:
        result.content = _read(list(arguments["files"]), dict(arguments["options"]), tell=True)
    except (DocumentError, pdf.BadPdf) as error:
        told = str(error)
        result.ok, result.error_message = False, told
    result.instanceName = f"alert({json.dumps(told)});" if arguments.get("script") else told
    return result


def make_pdf_in_background(
    target: DAFile, files: list[Any], *, options: Mapping[str, Any], filename: str, colour: bool
) -> BackgroundTask:
    """Start making `target` a PDF file of the pages of `files` (objects.md, "make_ocr_pdf_in_background")."""
    for file in files:
        if isinstance(file, DAFile):
            file.commit()
    of = target.instanceName
    return background_action(PDF_ACTION, files=files, options=dict(options), filename=filename, colour=colour, of=of)


Searchable.task = staticmethod(make_pdf_in_background)


def pdf_in_background(arguments: Mapping[str, Any]) -> None:
    """What the task does: make the file, and have the session's answers name it. Never returns."""
    content = scanned.searchable(
        list(arguments["files"]), dict(arguments["options"]), colour=bool(arguments["colour"]), tell=background_progress
    )
    name = str(arguments["filename"])
    number = filing.write(current(), filename=name, mimetype="application/pdf", content=content)
    background_response_action(PDF_MADE, of=arguments["of"], number=number, filename=name)


def _without_google(asked: bool) -> None:
    if asked:
        raise NotAvailable(
            "ocr_file(use_google=True)", "a Google account", "Without use_google Tesseract reads the file."
        )


def _read(files: list[Any], options: Mapping[str, Any], *, tell: bool = False) -> str:
    pages = list(scanned.pages_of(files, options))
    texts: list[str] = []
    size = 0
    for number, page in enumerate(pages):
        if tell:
            background_progress(number / len(pages), f"{number} / {len(pages)}")
        picture = assembled.work({"work": "scan", **page})
        order = {"work": "read", "content": picture, "languages": options["languages"], "mode": options["psm"]}
        text = assembled.work(order).decode(errors="replace").rstrip("\f\n")
        size += len(text)
        if size > _BYTES:
            raise ValueError(f"the texts of the pages have more than {_BYTES >> 20} MB")
        texts.append(text)
    return "\f".join(texts)
