"""Texts read by the real Tesseract, in the process that makes documents, behind its walls."""

from __future__ import annotations

import pypdfium2
import pytest

from shared.documents import rapid, scans
from shared.documents.ports import Unsupported
from shared.runner.making import Making


@pytest.mark.skipif(scans.program() is None, reason="needs Tesseract: the package tesseract-ocr is not installed here")
def test_a_page_is_read_where_tesseract_is() -> None:
    making = Making(most=1)
    try:
        words = {"format": "pdf", "name": "Letter", "language": "en"}
        letter = making.make({"work": "text", "markdown": "Dear Ada,\n\nyou owe us 47 pounds.", **words})
        page = making.make({"work": "scan", "content": letter, "pdf": True})
        text = making.make({"work": "read", "content": page, "languages": "eng"}).decode()
        assert " ".join(text.split()).startswith("Dear Ada, you owe us 47 pounds.")
        cropped = making.make({"work": "scan", "content": letter, "pdf": True, "crop": [0, 1500, 0, 0]})
        assert b"Ada" not in making.make({"work": "read", "content": cropped, "languages": "eng"})
        found = making.make({"work": "read", "content": page, "languages": "eng", "searchable": True})
        (sheet,) = pypdfium2.PdfDocument(found)
        assert "Dear Ada" in sheet.get_textpage().get_text_range()
        assert [round(side) for side in sheet.get_size()] == [612, 792]
        with pytest.raises(Unsupported, match="install the package tesseract-ocr-xyz"):
            making.make({"work": "read", "content": page, "languages": "xyz"})
    finally:
        making.close()


@pytest.mark.skipif(not rapid.available(), reason="needs RapidOCR: the extra `ocr` is not installed here")
@pytest.mark.skipif(scans.program() is not None, reason="Tesseract is here, which comes first")
def test_a_page_is_read_without_tesseract() -> None:
    making = Making(most=1)
    try:
        words = {"format": "pdf", "name": "Letter", "language": "en"}
        letter = making.make({"work": "text", "markdown": "Dear Ada,\n\nyou owe us 47 pounds. Señor Müller", **words})
        page = making.make({"work": "scan", "content": letter, "pdf": True})
        text = making.make({"work": "read", "content": page, "languages": "eng"}).decode()
        assert text.splitlines() == ["Dear Ada,", "you owe us 47 pounds. Señor Müller"]
    finally:
        making.close()
