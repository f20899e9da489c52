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

from shared.authoring import filing
from shared.authoring.context import current
from shared.authoring.errors import NotAvailable
from shared.authoring.functions.mail_files import file_numbers
from shared.authoring.objects import DAFile, assembled, pdf, pictures, working_copies
from shared.authoring.text.urls import static_reference


def zip_file(*files: object, filename: str = "file.zip", output_to: object = None) -> Any:
    """A `DAFile` with a ZIP archive of these: file objects, lists of them, references to files of packages.

    A dictionary puts what it holds into folders named by its keys. `output_to`: the file object to write to.
    """
    context = current()
    parts = list(_members(files, ""))

    def make() -> int:
        content = io.BytesIO()
        taken: set[str] = set()
        stamp = context.now.timetuple()[:6]
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, data in parts:
                archive.writestr(zipfile.ZipInfo(_unused(path, taken), stamp), data, zipfile.ZIP_DEFLATED)
        return context.files.write(filename=filename, mimetype="application/zip", content=content.getvalue())

    inputs = [(path, filing.digest(data)) for path, data in parts]
    number = context.once("zip_file", (filename, inputs), make)
    return made_file(number, filename=filename, mimetype="application/zip", output_to=output_to)


def made_file(number: int, *, filename: str, mimetype: str, output_to: Any) -> Any:
    """The object of a file that was made: a new one, or `output_to`."""
    made = DAFile(f"_file{number}") if output_to is None else output_to
    made._become(number, filename=filename, mimetype=mimetype)
    return made


def _members(items: Iterable[object], folder: str) -> Iterable[tuple[str, bytes]]:
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


def contents(item: object) -> list[tuple[str, bytes]]:
    """Names and contents of a file object, a list or collection of files, or a reference to a package's file."""
    if isinstance(item, str) or (
        not hasattr(item, "number") and hasattr(item, "filename") and not hasattr(item, "elements")
    ):
        name, data = current().files.find(static_reference(item if isinstance(item, str) else str(item.filename)))
        return [(name, data)]
    files = current().files
    return [
        (str(files.info(number)["filename"]), files.read(number)) for number in file_numbers(item, all_formats=True)
    ]


def pdf_concatenate(
    *files: object, filename: str = "file.pdf", pdfa: bool = False, password: object = None, output_to: object = None
) -> object:
    """A `DAFile` with one PDF made of these files: PDFs, pictures, documents of word processors; file objects, lists of them, references.

    `password`: a text for whoever opens it, ``[owner, user]``, or ``{"owner": …, "user": …}``. `output_to`: the file object to write to.
    `pdfa`: as PDF/A-2b; raises `DocumentError` if that cannot be, for fonts that are not in the file. Documents of word processors need
    LibreOffice.
    """
    if pdfa and password is not None:
        raise ValueError("pdf_concatenate() makes no PDF/A with a password: the standard forbids it")
    context = current()
    owner, user = assembled.passwords(password)
    parts = [(name, _as_pdf(name, data)) for item in files for name, data in _pdf_parts(item)]
    inputs = [(name, filing.digest(data)) for name, data in parts]

    def make() -> int:
        content = pdf.concatenate(parts)
        if pdfa:
            content = assembled.work({"work": "form", "content": content, "fields": {}, "pdf/a": True})
        if password is not None:
            content = assembled.work({"work": "protect", "content": content, "password": user, "owner password": owner})
        return context.files.write(filename=filename, mimetype="application/pdf", content=content)

    number = context.once("pdf_concatenate", (filename, inputs, [owner, user], *(["pdf/a"] if pdfa else [])), make)
    return made_file(number, filename=filename, mimetype="application/pdf", output_to=output_to)


def _pdf_parts(item: object) -> list[tuple[str, bytes]]:
    """Like `contents`, but of a document in several formats the PDF only."""
    if isinstance(item, list | tuple):
        return [part for one in item for part in _pdf_parts(one)]
    if hasattr(item, "info") and hasattr(item, "pdf"):
        return contents(item.pdf)
    return contents(item)


def _as_pdf(name: str, data: bytes) -> bytes:
    if data.startswith(b"%PDF-"):
        return data
    ending = name.rpartition(".")[2].lower()
    if ending == "pdf":
        raise pdf.BadPdf(f"{name} is no PDF file")
    if ending in assembled.WORDS:
        return assembled.work({"work": "convert", "content": data, "source": ending, "format": "pdf", "name": name})
    return pictures.convert(data, name, "pdf")


def path_and_mimetype(reference: Any) -> tuple[str | None, str | None]:
    """Path and MIME type of a copy of a file: of a file object or number, or of a package's file. (None, None) if it is not there.

    The copy lasts as long as this step.
    """
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
