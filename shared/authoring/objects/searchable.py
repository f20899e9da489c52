"""Scanned files made into PDF files whose text can be searched and read aloud (objects.md, "make_ocr_pdf")."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shared.authoring.errors import NotAvailable
from shared.authoring.objects import scanned


class Searchable:
    """What a `DAFile` does of it."""

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
        content = scanned.searchable(list(files) or self, language=language, psm=psm, colour=bool(preserve_color))
        name = str(filename or (self.filename if self.__dict__.get("ok") else "file"))
        self.initialize(filename=f"{Path(name).stem}.pdf", content=content, reinitialize=True)

    def make_ocr_pdf_in_background(self: Any, *_files: object, **_options: object) -> object:
        """Not available (objects.md, "make_ocr_pdf_in_background")."""
        raise NotAvailable(
            f"{self.instanceName}.make_ocr_pdf_in_background()",
            "a task of its own",
            "make_ocr_pdf() can be called in the code of a background action.",
        )
