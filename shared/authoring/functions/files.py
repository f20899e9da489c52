"""Files as author functions see them: archives, and copies that other libraries can open.

Source: functions.md, zip_file(), pdf_concatenate(), path_and_mimetype().
"""

from __future__ import annotations

import io
import mimetypes
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from shared.authoring.context import current
from shared.authoring.errors import NotAvailable
from shared.authoring.functions.urls import static_reference


def zip_file(*files: Any, filename: str = "file.zip", output_to: Any = None) -> Any:
    """A `DAFile` with a ZIP archive of these: file objects, lists of them, references to files of packages.

    A dictionary puts what it holds into folders named by its keys. `output_to`: the file object to write to.
    """
    from shared.authoring.objects import DAFile

    content = io.BytesIO()
    taken: set[str] = set()
    stamp = current().now.timetuple()[:6]
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in _members(files, ""):
            archive.writestr(zipfile.ZipInfo(_unused(path, taken), stamp), data, zipfile.ZIP_DEFLATED)
    made = DAFile(f"_{current().new_id('file')}") if output_to is None else output_to
    made.initialize(filename=filename, mimetype="application/zip", content=content.getvalue(), reinitialize=True)
    return made


def _members(items: Iterable[Any], folder: str) -> Iterable[tuple[str, bytes]]:
    for item in items:
        if isinstance(item, Mapping):
            for name, inside in item.items():
                below = inside if isinstance(inside, list | tuple) else [inside]
                yield from _members(below, f"{folder}{_safe(str(name))}/")
        elif isinstance(item, list | tuple):
            yield from _members(item, folder)
        else:
            yield from ((f"{folder}{_safe(name)}", data) for name, data in contents(item))


def _safe(name: str) -> str:
    """A name inside the archive that stays inside the folder where it is unpacked."""
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in ("/", "..", ".")]
    return "/".join(parts) or "file"


def _unused(path: str, taken: set[str]) -> str:
    """`path`, with a number before its extension if the archive has it already."""
    given, number = PurePosixPath(path), 1
    while path in taken:
        number += 1
        path = str(given.with_name(f"{given.stem}_{number}{given.suffix}"))
    taken.add(path)
    return path


def contents(item: Any) -> list[tuple[str, bytes]]:
    """Names and contents of a file object, a list or collection of files, or a reference to a package's file."""
    from shared.authoring.functions.mail import file_numbers

    if isinstance(item, str) or (
        not hasattr(item, "number") and hasattr(item, "filename") and not hasattr(item, "elements")
    ):
        name, data = current().files.find(static_reference(item if isinstance(item, str) else str(item.filename)))
        return [(name, data)]
    files = current().files
    return [(str(files.info(number)["filename"]), files.read(number)) for number in file_numbers(item)]


def pdf_concatenate(
    *files: Any, filename: str = "file.pdf", pdfa: bool = False, password: Any = None, output_to: Any = None
) -> Any:
    """A `DAFile` with one PDF made of these PDFs and pictures: file objects, lists of them, references to files of packages.

    `output_to`: the file object to write to. PDF/A, passwords and documents of word processors need programs that are not here.
    """
    from shared.authoring.objects import DAFile, pdf

    if pdfa or password is not None:
        raise NotAvailable(
            "pdf_concatenate(pdfa=…, password=…)", "a program that makes such PDF files", "Leave these arguments out."
        )
    content = pdf.concatenate((name, _as_pdf(name, data)) for item in files for name, data in _pdf_parts(item))
    made = DAFile(f"_{current().new_id('file')}") if output_to is None else output_to
    made.initialize(filename=filename, mimetype="application/pdf", content=content, reinitialize=True)
    return made


def _pdf_parts(item: Any) -> list[tuple[str, bytes]]:
    """Like `contents`, but of a document in several formats the PDF only."""
    if isinstance(item, list | tuple):
        return [part for one in item for part in _pdf_parts(one)]
    if hasattr(item, "info") and hasattr(item, "pdf"):
        return contents(item.pdf)
    return contents(item)


def _as_pdf(name: str, data: bytes) -> bytes:
    from shared.authoring.objects import pictures

    if data.startswith(b"%PDF-"):
        return data
    if name.lower().endswith(".pdf"):
        raise NotAvailable(
            f"pdf_concatenate() of {name}",
            "a program that assembles PDF documents",
            "It joins uploaded PDF files and pictures.",
        )
    return pictures.convert(data, name, "pdf")


def path_and_mimetype(reference: Any) -> tuple[str | None, str | None]:
    """Path and MIME type of a copy of a file: of a file object or number, or of a package's file. (None, None) if it is not there.

    The copy lasts as long as this step.
    """
    from shared.authoring.objects import DAFile, working_copies

    if isinstance(reference, int) and not isinstance(reference, bool):
        info = current().files.info(reference)
        reference = DAFile(
            f"_{current().new_id('file')}", number=reference, filename=info["filename"], mimetype=info["mimetype"]
        )
    if callable(getattr(reference, "path", None)):
        kind = getattr(reference, "mimetype", None)
        path = str(reference.path())
        return path, str(kind) if kind else mimetypes.guess_type(path)[0]
    name = str(reference)
    if urlsplit(name).scheme in ("http", "https"):
        raise NotAvailable(
            "path_and_mimetype() of an address", "access to the web from interviews", "Keep the file in a package."
        )
    try:
        filename, content = current().files.find(static_reference(name))
    except (LookupError, OSError):
        return None, None
    return working_copies.path_for(filename, content), mimetypes.guess_type(filename)[0]
