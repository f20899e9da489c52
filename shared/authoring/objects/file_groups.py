"""Several files as one: `DAFileList` (uploads), `DAFileCollection` (a document in several formats), and `DAStaticFile`.

They can be used where a `DAFile` can (objects.md, "DAStaticFile"); what one file does is in `files`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.authoring.context import current
from shared.authoring.objects import docx, pdf, working_copies
from shared.authoring.objects.base import DAObject
from shared.authoring.objects.files import AltText, DAFile, decoded, file_markup, type_of, with_options
from shared.authoring.objects.lists import DAList


class DAFileList(DAList):
    """A list of `DAFile`: what a file field sets (objects.md, "DAFileList"). Methods of one file mean the first."""

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.complete_attribute = "initialized"
        self.object_type = DAFile
        super().init(*pargs, **kwargs)

    def __str__(self) -> str:
        return self.show()

    def _first_file(self) -> DAFile:
        self._trigger_gather()
        if not self.elements:
            raise ValueError(f"{self.instanceName} contains no file")
        first: DAFile = self.elements[0]
        return first

    def _each(self, act: Callable[[DAFile], object]) -> None:
        self._trigger_gather()
        for file in self.elements:
            act(file)

    def show(self, width: str | None = None, alt_text: str | None = None) -> str:
        """Markup that shows each file (objects.md, "DAFileList.show")."""
        self._trigger_gather()
        return " ".join(file.show(width=width, alt_text=alt_text) for file in self.elements)

    def num_pages(self) -> int:
        """The pages of all PDF files; other files count as one."""
        self._trigger_gather()
        return sum(file.num_pages() for file in self.elements)

    def url_for(self, **options: Any) -> str:
        return str(self._first_file().url_for(**options))

    def path(self) -> str:
        return str(self._first_file().path())

    def slurp(self, auto_decode: bool = True) -> str | bytes:
        return self._first_file().slurp(auto_decode=auto_decode)

    def readlines(self) -> list[str]:
        return self._first_file().readlines()

    def size_in_bytes(self) -> int:
        return int(self._first_file().size_in_bytes())

    def set_attributes(self, **attributes: Any) -> None:
        self._each(lambda file: file.set_attributes(**attributes))

    def set_mimetype(self, mimetype: str) -> None:
        self._each(lambda file: file.set_mimetype(mimetype))

    def user_access(self, *users: object, disallow: object = None) -> None:
        self._each(lambda file: file.user_access(*users, disallow=disallow))

    def privilege_access(self, *privileges: str, disallow: object = None) -> None:
        self._each(lambda file: file.privilege_access(*privileges, disallow=disallow))

    def convert_to(self, extension: str) -> None:
        self._each(lambda file: file.convert_to(extension))

    def fix_up(self) -> None:
        self._each(lambda file: file.fix_up())

    def set_alt_text(self, alt_text: object) -> None:
        self._each(lambda file: file.set_alt_text(alt_text))

    def get_alt_text(self) -> str | None:
        return self._first_file().get_alt_text()

    def uses_acroform(self) -> bool:
        return bool(self._first_file().uses_acroform())

    def is_encrypted(self) -> bool:
        return bool(self._first_file().is_encrypted())

    def get_pdf_fields(self) -> object:
        return self._first_file().get_pdf_fields()

    def get_docx_variables(self) -> object:
        return self._first_file().get_docx_variables()

    def make_ocr_pdf(self, *files: object, **options: Any) -> None:
        self._first_file().make_ocr_pdf(*files, **options)

    def make_ocr_pdf_in_background(self, *files: object, **options: Any) -> Any:
        return self._first_file().make_ocr_pdf_in_background(*files, **options)


class DAFileCollection(DAObject):
    """A document in several formats: an attribute with a `DAFile` for each (objects.md, "DAFileCollection").

    ``info`` is a dict with name, filename and description; its ``formats``, if there, say which formats there are, the
    first one being the one that counts.
    """

    FORMATS = ("pdf", "docx", "rtf", "md", "html", "tex", "rtf to docx", "raw")

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.info: dict[str, Any] = {}
        super().init(*pargs, **kwargs)

    def _extension_list(self) -> list[str]:
        """The formats there are, the first one first."""
        known = self.info.get("formats") or self.FORMATS
        return [name for name in known if isinstance(self.__dict__.get(name), DAFile)]

    def _files(self) -> list[DAFile]:
        return [self.__dict__[name] for name in self._extension_list()]

    def _first_file(self) -> DAFile:
        files = self._files()
        if not files:
            raise ValueError(f"{self.instanceName} contains no file")
        return files[0]

    def show(self, width: str | None = None, alt_text: str | None = None) -> str:
        """Markup that shows each file (objects.md, "DAFileCollection.show")."""
        return " ".join(file.show(width=width, alt_text=alt_text) for file in self._files())

    def __str__(self) -> str:
        return self.show()

    def num_pages(self) -> int:
        """The pages of the PDF file; 1 if there is none."""
        file = self.__dict__.get("pdf")
        return file.num_pages() if isinstance(file, DAFile) else 1

    def url_for(self, **options: Any) -> str:
        return self._first_file().url_for(**options)

    def path(self) -> str:
        return self._first_file().path()

    def slurp(self, auto_decode: bool = True) -> str | bytes:
        return self._first_file().slurp(auto_decode=auto_decode)

    def size_in_bytes(self) -> int:
        return self._first_file().size_in_bytes()

    def set_attributes(self, **attributes: Any) -> None:
        for file in self._files():
            file.set_attributes(**attributes)

    def user_access(self, *users: object, disallow: object = None) -> None:
        for file in self._files():
            file.user_access(*users, disallow=disallow)

    def privilege_access(self, *privileges: str, disallow: object = None) -> None:
        for file in self._files():
            file.privilege_access(*privileges, disallow=disallow)

    def fix_up(self) -> None:
        for file in self._files():
            file.fix_up()

    def set_alt_text(self, alt_text: object) -> None:
        for file in self._files():
            file.set_alt_text(alt_text)

    def get_alt_text(self) -> str | None:
        return self._first_file().get_alt_text()

    def uses_acroform(self) -> bool:
        file = self.__dict__.get("pdf")
        return isinstance(file, DAFile) and file.uses_acroform()

    def is_encrypted(self) -> bool:
        file = self.__dict__.get("pdf")
        return isinstance(file, DAFile) and file.is_encrypted()

    def get_pdf_fields(self) -> object:
        return self.pdf.get_pdf_fields()

    def get_docx_variables(self) -> object:
        return self.docx.get_docx_variables()


class DAStaticFile(AltText, DAObject):
    """A file of an interview package: ``filename`` is a reference such as ``coins.png`` (objects.md, "DAStaticFile")."""

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.package = _package_of_running_block()
        super().init(*pargs, **kwargs)
        if "filename" in kwargs:
            self.extension, self.mimetype = type_of(str(self.filename))

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if name == "filename":
            self.extension, self.mimetype = type_of(str(value))

    def _reference(self) -> str:
        """The full reference: package, colon, path."""
        name = str(self.filename)
        if ":" in name:
            return name
        return f"{self.package}:{name if '/' in name else f'data/static/{name}'}"

    def _first_file(self) -> DAStaticFile:
        return self

    def _content(self) -> bytes:
        return current().files.find(self._reference())[1]

    def retrieve(self) -> None:
        """Nothing to fetch: the file is part of its package."""

    def show(self, width: str | None = None, alt_text: str | None = None) -> str:
        """Markup that shows the file (objects.md, "DAStaticFile.show")."""
        return file_markup(self._reference(), width, alt_text if alt_text is not None else self.get_alt_text())

    def __str__(self) -> str:
        return self.show()

    def slurp(self, auto_decode: bool = True) -> str | bytes:
        """The contents (objects.md, "DAStaticFile.slurp")."""
        content = self._content()
        return decoded(content, str(self.mimetype)) if auto_decode else content

    def readlines(self) -> list[str]:
        return self._content().decode("utf-8").splitlines(keepends=True)

    def size_in_bytes(self) -> int:
        return len(self._content())

    def path(self) -> str:
        """A file of this process with the contents."""
        return working_copies.path_for(str(self.filename), self._content())

    def url_for(
        self, external: bool = False, temporary: bool = False, attachment: bool = False, **_options: object
    ) -> str:
        """An address at which a browser gets the file (objects.md, "DAStaticFile.url_for")."""
        url = current().files.url(self._reference())
        return with_options(url, {"attachment": 1 if attachment else None}, external=external or temporary)

    def _is_pdf(self) -> bool:
        return bool(self.mimetype == "application/pdf")

    def num_pages(self) -> int:
        return pdf.num_pages(self._content(), self.filename) if self._is_pdf() else 1

    def uses_acroform(self) -> bool:
        return self._is_pdf() and pdf.uses_acroform(self._content(), self.filename)

    def is_encrypted(self) -> bool:
        return self._is_pdf() and pdf.is_encrypted(self._content(), self.filename)

    def get_pdf_fields(self) -> object:
        return pdf.fields(self._content(), self.filename)

    def get_docx_variables(self) -> object:
        return docx.variables(self._content(), self.filename)


def _package_of_running_block() -> str:
    """The package of the file whose block makes the object: its references are relative to that."""
    context = current()
    place = getattr(context.block, "place", None)
    source = getattr(place, "file", None) or getattr(context.interview, "name", None) or ""
    return str(source).partition(":")[0] if ":" in str(source) else ""
