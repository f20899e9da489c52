"""`DAFile`: one file of the session (objects.md, "DAFile").

The object holds the file's number; contents live with the parent (``Context.files``) and are fetched when they are asked for.
A file in the store never changes: writing makes a new one, and the object gets its number. Not for other kinds of files:
see `file_groups` (lists, collections, static files) and `working_copies` (what ``path()`` gives).
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from shared.authoring import filing
from shared.authoring.context import current
from shared.authoring.errors import MissingAttribute
from shared.authoring.objects import assembled, docx, naming, pdf, pictures, web, working_copies
from shared.authoring.objects.base import DAObject
from shared.authoring.objects.permissions import READERS, Permissions
from shared.authoring.objects.searchable import Searchable
from shared.documents.ports import DocumentError


class AltText:
    """The text that stands for a picture, for those who do not see it (objects.md, "set_alt_text")."""

    def set_alt_text(self, alt_text: object) -> None:
        self.alt_text = str(alt_text)

    def get_alt_text(self) -> str | None:
        value = self.__dict__.get("alt_text")
        return None if value is None else str(value)


def file_markup(reference: object, width: str | None = None, alt_text: str | None = None) -> str:
    """The markup that shows a file (markup.md, "Inserting images")."""
    parts = [f"FILE {reference}"]
    if width or alt_text is not None:
        parts.append(str(width) if width else "None")
    if alt_text is not None:
        parts.append(alt_text.replace("]", "&#93;"))
    return f"[{', '.join(parts)}]"


def type_of(filename: str) -> tuple[str, str]:
    """The extension (lower case, without the dot) and the MIME type that a file name says."""
    extension = Path(filename).suffix.lstrip(".").lower()
    return extension, mimetypes.guess_type(f"x.{extension}")[0] or "application/octet-stream"


class DAFile(AltText, Permissions, Searchable, DAObject):
    """A file: attributes ``filename``, ``mimetype``, ``extension``, ``number``, ``ok``, and optionally ``alt_text``."""

    number: int
    filename: str
    mimetype: str
    extension: str
    ok: bool

    def init(self, *pargs: object, **kwargs: object) -> None:
        super().init(*pargs, **kwargs)
        self.ok = "number" in self.__dict__
        if self.ok:
            self.__dict__.setdefault("initialized", True)
            if "filename" in self.__dict__ and "extension" not in self.__dict__:
                self.extension, guessed = type_of(str(self.filename))
                self.__dict__.setdefault("mimetype", guessed)

    def initialize(
        self,
        filename: str | None = None,
        extension: str | None = None,
        mimetype: str | None = None,
        content: bytes | str | None = None,
        reinitialize: bool = False,
        **_options: object,
    ) -> None:
        """Make an empty file of it (objects.md, "initialize"): by name, by extension (``file.jpg``), or ``file.txt``.

        If it already is a file nothing changes, unless `reinitialize` is true.
        """
        if self.__dict__.get("initialized") and not reinitialize:
            self.retrieve()
            return
        name = filename or f"file.{extension or _extension_for(mimetype) or 'txt'}"
        self.filename = name
        self.extension, guessed = type_of(name)
        self.mimetype = mimetype or guessed
        self._store(content.encode() if isinstance(content, str) else content or b"")
        self.initialized = True

    def __getattr__(self, name: str) -> Any:
        if name == "number" and assembled.ATTRIBUTE in self.__dict__:
            self.number = assembled.number_of(self, self._readers)
            self._is_for(self._readers)
            return self.number
        return super().__getattr__(name)

    # Contents

    def retrieve(self) -> None:
        """Make sure that the file is there (objects.md, "retrieve"); asks for ``initialized`` if it never was one."""
        if not self.__dict__.get("ok"):
            raise MissingAttribute(f"{self.instanceName}.initialized")
        if "filename" not in self.__dict__:
            info = current().files.info(self.number)
            self.filename = info["filename"]
            self.mimetype = info["mimetype"]
            self.extension = info["extension"]

    def _content(self) -> bytes:
        self.retrieve()
        copy = working_copies.content_of(self)
        return current().files.read(self.number) if copy is None else copy

    def _store(self, content: bytes) -> None:
        working_copies.forget(self)
        before, readers = self.__dict__.get("number"), self.__dict__.get(READERS)
        self.number = filing.write(
            current(), filename=self.filename, mimetype=self.mimetype, content=content, readers=self._readers
        )
        if readers is not None and before != self.number:
            filing.forget(current(), int(before or 0))  # what everybody could read
        self._is_for(self._readers)
        self.ok = True

    def _be_made_by(self, recipe: Mapping[str, object], *, filename: str, mimetype: str) -> None:
        """Be the file that `recipe` makes, once it is wanted (`assembled`)."""
        working_copies.forget(self)
        self.filename, self.mimetype = filename, mimetype
        self.extension, _ = type_of(filename)
        setattr(self, assembled.ATTRIBUTE, recipe)
        self.ok = self.initialized = True

    def _become(self, number: int, *, filename: str, mimetype: str) -> None:
        """Be this file of the session, which is there already."""
        working_copies.forget(self)
        self.filename, self.mimetype = filename, mimetype
        self.extension, _ = type_of(filename)
        self.number = number
        self.ok = self.initialized = True

    def slurp(self, auto_decode: bool = True) -> str | bytes:
        """The contents: text, or bytes if it is no text or `auto_decode` is false (objects.md, "slurp")."""
        content = self._content()
        return decoded(content, str(self.mimetype)) if auto_decode else content

    def readlines(self) -> list[str]:
        """The lines of a text file, with their ends (objects.md, "readlines")."""
        return self._content().decode("utf-8").splitlines(keepends=True)

    def write(self, content: object, binary: bool = False) -> None:
        """Replace the contents by a text, or by bytes with ``binary=True`` (objects.md, "write")."""
        self.retrieve()
        self._store(bytes(content) if isinstance(content, bytes | bytearray) else str(content).encode("utf-8"))

    def copy_into(self, other: object) -> None:
        """Replace the contents by those of another file: an object of any kind, or a path (objects.md, "copy_into")."""
        if hasattr(other, "_first_file"):
            other = other._first_file()
        content = other._content() if hasattr(other, "_content") else Path(str(other)).read_bytes()
        if not self.__dict__.get("ok"):
            name = other.filename if hasattr(other, "filename") else Path(str(other)).name
            self.initialize(filename=Path(str(name)).name)
        self._store(content)

    def from_url(self, url: str) -> None:
        """Replace the contents by those at an address (objects.md, "from_url"), where the operator has opened the network to the package.

        A file that is none yet has the address's name and type. Raises what `web.fetch` raises.
        """
        found = web.fetch(str(url))
        if self.__dict__.get("ok"):
            self._store(found.content)
        else:
            self.initialize(filename=found.name or None, mimetype=found.mimetype, content=found.content)

    def path(self) -> str:
        """A file of this process with the contents; what is written to it is kept when the step ends (objects.md, "path")."""
        self.retrieve()
        return working_copies.path_of(self)

    def commit(self) -> None:
        """Keep what was written to ``path()`` now (objects.md, "commit")."""
        working_copies.commit(self)

    def size_in_bytes(self) -> int:
        """The number of bytes (objects.md, "size_in_bytes")."""
        self.retrieve()
        copy = working_copies.content_of(self)
        return int(current().files.info(self.number)["size"]) if copy is None else len(copy)

    # Showing

    def show(self, width: str | None = None, wait: bool = True, alt_text: str | None = None) -> str:
        """Markup that shows the file (objects.md, "show")."""
        self.retrieve()
        return file_markup(self.number, width, alt_text if alt_text is not None else self.get_alt_text())

    def __str__(self) -> str:
        return self.show()

    def url_for(
        self,
        temporary: bool = False,
        seconds: int | None = None,
        external: bool = False,
        attachment: bool = False,
        page: int | None = None,
        size: str | None = None,
        **_options: object,
    ) -> str:
        """An address at which the user's browser gets the file (objects.md, "url_for")."""
        self.retrieve()
        options = {"attachment": 1 if attachment else None, "page": page, "size": size}
        return with_options(current().files.url(str(self.number)), options, external=external or temporary)

    # Attributes

    def set_mimetype(self, mimetype: str) -> None:
        """Set MIME type and extension (objects.md, "set_mimetype")."""
        self.mimetype = mimetype
        self.extension = _extension_for(mimetype) or self.__dict__.get("extension", "")

    # PDF and DOCX files

    def num_pages(self) -> int:
        """The number of pages of a PDF file; 1 for every other file (objects.md, "num_pages")."""
        return pdf.num_pages(self._content(), self.filename) if self._is_pdf() else 1

    def uses_acroform(self) -> bool:
        """Whether it is a PDF file with form fields (objects.md, "uses_acroform")."""
        return self._is_pdf() and pdf.uses_acroform(self._content(), self.filename)

    def is_encrypted(self) -> bool:
        """Whether it is an encrypted PDF file (objects.md, "is_encrypted")."""
        return self._is_pdf() and pdf.is_encrypted(self._content(), self.filename)

    def get_pdf_fields(self) -> list[pdf.Field]:
        """The form fields of a PDF file (objects.md, "get_pdf_fields"). Raises `pdf.BadPdf`."""
        return pdf.fields(self._content(), self.filename)

    def get_docx_variables(self) -> list[str]:
        """The variables of a DOCX template (objects.md, "get_docx_variables"). Raises `docx.BadDocx`."""
        return docx.variables(self._content(), self.filename)

    def fix_up(self) -> None:
        """Repair a PDF file that cannot be read (objects.md, "fix_up"), by qpdf. Raises `pdf.BadPdf` where nothing helps."""
        if not self._is_pdf():
            return
        try:
            pdf.check(self._content(), self.filename)
        except pdf.BadPdf:
            try:
                self._store(assembled.work({"work": "repair", "content": self._content()}))
            except DocumentError as error:
                raise pdf.BadPdf(f"{self.filename} cannot be repaired: {error}") from error

    def extract_pages(self, first: int = 1, last: int | None = None, output_to: DAFile | None = None) -> DAFile:
        """A new PDF file with some of the pages (objects.md, "extract_pages"), or `output_to` made into it."""
        made = DAFile(naming.random_name()) if output_to is None else output_to
        content = pdf.extract(self._content(), self.filename, first, last)
        made.initialize(filename=str(self.filename), content=content, reinitialize=True)
        return made

    def _is_pdf(self) -> bool:
        self.retrieve()
        return bool(self.mimetype == "application/pdf")

    def pngs_ready(self) -> bool:
        """True: pictures of pages are made when they are asked for (objects.md, "pngs_ready")."""
        return True

    def page_path(self, page: int, prefix: str = "page", wait: bool = True) -> str | None:
        """A picture of a page of a PDF file: 300 dots an inch, 72 with ``screen`` (objects.md, "page_path"); None if there is none."""
        if not self._is_pdf():
            return None
        dots = 72 if prefix == "screen" else 300
        try:
            content = assembled.work({"work": "picture", "content": self._content(), "page": int(page), "dots": dots})
        except DocumentError:
            return None
        return working_copies.path_for(f"{prefix}-{page}.png", content)

    def convert_to(self, extension: str, output_to: DAFile | None = None) -> None:
        """Convert pictures between png, jpg and tif, and documents between pdf, docx, rtf, odt and md (objects.md, "convert_to").

        PDF files come of Markdown here, and of other documents where the server has LibreOffice. Raises `DocumentError`.
        """
        self.retrieve()
        target = self if output_to is None else output_to
        name, extension = str(self.filename), str(extension).lower()
        if self.extension in assembled.WORDS:
            content = assembled.work(
                {
                    "work": "convert",
                    "content": self._content(),
                    "source": self.extension,
                    "format": extension,
                    "name": name,
                }
            )
        else:
            content = pictures.convert(self._content(), name, extension)
        target.initialize(filename=f"{Path(name).stem}.{extension}", content=content, reinitialize=True)

    def bates_number(
        self,
        *files: object,
        filename: str | None = None,
        prefix: str = "",
        digits: int = 6,
        start: int = 1,
        area: str = "BOTTOM_LEFT",
    ) -> None:
        """Be a PDF with a number on each page, of this file or of `files` (objects.md, "bates_number")."""
        if area not in ("TOP_LEFT", "TOP_RIGHT", "BOTTOM_LEFT", "BOTTOM_RIGHT"):
            raise ValueError(f"bates_number() expects an area like 'BOTTOM_LEFT', not {area!r}")
        parts = [(str(one.filename), one._content()) for one in map(_single, files)]
        content = pdf.concatenate(parts) if parts else self._content()
        name = filename or (str(self.filename) if self.__dict__.get("ok") else "file.pdf")
        numbers = {"prefix": str(prefix), "digits": min(max(int(digits), 1), 20), "start": int(start), "area": area}
        made = assembled.work({"work": "number", "content": content, **numbers})
        self.initialize(filename=name, content=made, reinitialize=True)


def _single(file: Any) -> Any:
    """One file of what may be several."""
    first = getattr(file, "_first_file", None)
    return first() if callable(first) else file


def decoded(content: bytes, mimetype: str) -> str | bytes:
    """Text if the type says so or it reads as text, else the bytes."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return content
    is_text = mimetype.startswith("text/") or mimetype in {
        "application/json",
        "application/javascript",
        "application/xml",
    }
    return text if is_text or "\x00" not in text else content


def with_options(url: str, options: Mapping[str, object], *, external: bool) -> str:
    """`url` with query parameters, and with protocol and host if it is to be used elsewhere."""
    query = urlencode({name: value for name, value in options.items() if value is not None})
    if query:
        url += ("&" if "?" in url else "?") + query
    if external and "://" not in url:
        url = str(current().request.get("url_root") or "").rstrip("/") + url
    return url


def _extension_for(mimetype: str | None) -> str:
    if not mimetype:
        return ""
    if mimetype == "image/jpeg":
        return "jpg"
    return (mimetypes.guess_extension(mimetype) or "").lstrip(".")
