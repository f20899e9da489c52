"""DOCX to PDF by LibreOffice, where the machine has one. Runs in the process that makes documents.

Nothing else that was found keeps tables, fonts and headers. Where it is not, a DOCX template gives a DOCX file only.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from shared.documents.order import Order
from shared.documents.ports import BadSource, ConvertFailed, Unsupported

#: Seconds for one file: LibreOffice hangs on some.
_SECONDS: Final = 45


@cache
def program() -> str | None:
    """LibreOffice's program, if there is one."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def make(order: Order, folder: Path, seal: Callable[[], None]) -> bytes:
    """The PDF of the DOCX file ``content``. Raises `Unsupported`, `ConvertFailed`, `BadSource`."""
    office = program()
    if office is None:
        raise Unsupported("DOCX cannot be converted to PDF here: that needs LibreOffice (soffice)")
    (folder / "made.docx").write_bytes(order["content"])
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    options = 'pdf:writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"true"}}'
    command = [
        office,
        profile,
        "--headless",
        "--norestore",
        "--convert-to",
        options,
        "--outdir",
        str(folder),
        "made.docx",
    ]
    environment = {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "PATH": "/usr/bin:/bin:/usr/local/bin",
    }
    try:
        subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise ConvertFailed(f"LibreOffice took longer than {_SECONDS} seconds and was ended") from None
    seal()
    made = folder / "made.pdf"
    if not made.is_file():
        raise BadSource("LibreOffice could not read the DOCX file")
    return made.read_bytes()
