"""Files that are archives (DOCX, ODT): looked at before anything reads them, and made the same for the same content."""

from __future__ import annotations

import io
import zipfile

from shared.documents.ports import BadSource, TooLarge

#: Bytes that the parts of a file may unpack to, and parts that it may have.
_LARGEST, _PARTS = 128 * 1024 * 1024, 3000


def check(content: bytes) -> None:
    """Raises `BadSource` for what is no archive or holds macros, `TooLarge` for what would fill the memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise BadSource("the file is no DOCX file") from error
    if len(entries) > _PARTS or sum(entry.file_size for entry in entries) > _LARGEST:
        raise TooLarge("the document is too large when it is unpacked")
    if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
        raise BadSource("the file holds macros. Save it as a DOCX file without them")


def stable(content: bytes) -> bytes:
    """The same archive without the time at which it was written, so that the same document is the same file."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for entry in given.infolist():
            out.writestr(
                zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0)), given.read(entry), zipfile.ZIP_DEFLATED
            )
    return made.getvalue()
