"""Scanned files made into PDF files whose text can be searched and read aloud (objects.md, "make_ocr_pdf")."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from shared.authoring.objects import scanned


class Searchable:
    """What a `DAFile` does of it."""

    #: Starts the task of ``make_ocr_pdf_in_background()``: tasks are of functions (`shared.authoring.functions.ocr`), which know objects.
    task: ClassVar[Callable[..., Any]]

    def make_ocr_pdf(
        self: Any,
        *files: object,
        filename: str | None = None,
        preserve_color: bool = False,
        language: str | None = None,
        psm: int = 6,
    ) -> None:
        """Be a PDF file of the pages of this file, or of `files`: pictures with the text that Tesseract reads behind them.

        `language` and `psm` as in ``ocr_file()``, and so is what is raised.
        """
        options = scanned.options_of(language, psm=psm)
        content = scanned.searchable(scanned.files_of(list(files) or self), options, colour=bool(preserve_color))
        self.initialize(filename=_called(self, filename), content=content, reinitialize=True)

    def make_ocr_pdf_in_background(
        self: Any,
        *files: object,
        filename: str | None = None,
        preserve_color: bool = False,
        language: str | None = None,
        psm: int = 6,
    ) -> Any:
        """The same by a task, whose handle it gives: then this file is the PDF file (objects.md, "make_ocr_pdf_in_background")."""
        return Searchable.task(
            self,
            scanned.files_of(list(files) or self),
            options=scanned.options_of(language, psm=psm),
            filename=_called(self, filename),
            colour=bool(preserve_color),
        )


def _called(file: Any, filename: str | None) -> str:
    name = str(filename or (file.filename if file.__dict__.get("ok") else "file"))
    return f"{Path(name).stem}.pdf"
