"""What documents are made of and in, what may go wrong, and the port for what is made without a process of its own.

    DocumentError
    ├── Unsupported     nobody here makes this format of this; the message names both
    ├── BadSource       the text, template or document cannot be read; the message says where
    ├── TooLarge        more than the limits allow
    ├── ConvertFailed   the program that converts was stopped, died or gave nothing
    └── StillMaking     not made yet; it goes on, and whoever asks for the same again gets it

An assembler runs where the author's code runs, behind its walls, and is part of a step: it is deterministic. What needs programs or
takes long is an order (`order`), carried out outside of the author's child (`making`, `shared.runner.making`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol


class DocumentError(Exception):
    """Base of this package's errors."""


class Unsupported(DocumentError):
    """The format cannot be made of this here."""


class BadSource(DocumentError):
    """What the document is made of cannot be read."""


class TooLarge(DocumentError):
    """The source or the document is over the limit named in the message."""


class ConvertFailed(DocumentError):
    """A conversion did not end well: the message says how, without anything of the document."""


class StillMaking(DocumentError):
    """The document takes longer than whoever asked wanted to wait. It is being made; the same order, given again, gets it."""


def error_of(kind: str, message: str) -> DocumentError:
    """The error that another process called `kind`."""
    known = {cls.__name__: cls for cls in (Unsupported, BadSource, TooLarge, ConvertFailed, StillMaking)}
    return known.get(kind, ConvertFailed)(message)


class Format(StrEnum):
    """Formats by the words of ``valid formats`` (documents.md); also the endings of their files."""

    PDF = "pdf"
    DOCX = "docx"
    RTF = "rtf"
    MARKDOWN = "md"
    HTML = "html"


#: How a browser and a mail call a format.
MIMETYPES: Mapping[Format, str] = MappingProxyType(
    {
        Format.PDF: "application/pdf",
        Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Format.RTF: "application/rtf",
        Format.MARKDOWN: "text/markdown",
        Format.HTML: "text/html",
    }
)


@dataclass(frozen=True, slots=True)
class Text:
    """A document written as Markdown, with its Mako evaluated already."""

    markdown: str

    def digest(self) -> str:
        """The same for the same text: what has not changed is not assembled again."""
        return hashlib.sha256(self.markdown.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """One file. `format` is what it really is, `stands_for` are the formats asked for that it answers."""

    format: Format
    content: bytes
    stands_for: tuple[str, ...]

    @property
    def mimetype(self) -> str:
        return MIMETYPES[self.format]


class Assembler(Protocol):
    def assemble(self, source: Text, formats: Iterable[str]) -> tuple[Assembled, ...]:
        """The files that answer `formats` (words of ``valid formats``), each format by exactly one file.

        The same source gives the same bytes. Raises `Unsupported`, `BadSource`, `TooLarge`.
        """
        ...
