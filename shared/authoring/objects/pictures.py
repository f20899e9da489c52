"""Converting pictures between formats, with Pillow. Not for documents: those need a word processor (objects.md, "convert_to")."""

from __future__ import annotations

import io
from pathlib import Path

from shared.authoring.errors import NotAvailable

_FORMATS = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "tif": "TIFF", "tiff": "TIFF", "pdf": "PDF"}


def convert(content: bytes, filename: str, extension: str) -> bytes:
    """The picture `content` as `extension` (png, jpg, tif or pdf). Raises `NotAvailable` for what is no picture."""
    source = Path(filename).suffix.lstrip(".").lower()
    if extension not in _FORMATS or source not in _FORMATS or source == "pdf":
        raise NotAvailable(
            f"convert_to({extension!r})",
            f"a converter for {filename}",
            "It converts between png, jpg, tif, and to pdf.",
        )
    from PIL import Image  # noqa: PLC0415  heavy: 40 ms, and few interviews convert pictures

    with Image.open(io.BytesIO(content)) as picture:
        output = io.BytesIO()
        (picture.convert("RGB") if extension in {"jpg", "jpeg", "pdf"} else picture).save(output, _FORMATS[extension])
    return output.getvalue()
