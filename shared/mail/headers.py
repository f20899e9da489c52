"""The header of a message: its fields, read as leniently as mail programs do.

Not for what a field means to the interview (``shared.authoring.functions.received``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import getaddresses
from typing import Final

from shared.mail.charsets import decoded

#: Longest header that is read at all.
HEADER_BYTES: Final = 1024 * 1024
#: Longest value in which addresses are looked for: some 2,000 of them.
_ADDRESS_CHARACTERS: Final = 64 * 1024

#: RFC 5322, 2.2: a name of printable characters but the colon; programs put blanks before the colon.
_FIELD: Final = re.compile(rb"([!-9;-~]+)[ \t]*:")
_LINE: Final = re.compile(rb"[^\n]*\n?")


@dataclass(frozen=True, slots=True)
class Field:
    """One field as it came: `raw` is its value with the folds taken out."""

    name: str
    raw: bytes

    @property
    def text(self) -> str:
        """The value with encoded words decoded."""
        return words(self.raw)


class Header:
    """The fields of a header in their order. Names are compared in any case."""

    def __init__(self, fields: list[Field]) -> None:
        self.fields = fields

    def first(self, name: str) -> Field | None:
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[Field]:
        wanted = name.lower()
        return (field for field in self.fields if field.name.lower() == wanted)

    def text(self, name: str) -> str:
        """The first value of that name, decoded; empty if there is none."""
        found = self.first(name)
        return "" if found is None else found.text

    def addresses(self, name: str) -> list[tuple[str, str]]:
        """(name, address) of everybody in the fields of that name."""
        raw = [_unicode(field.raw)[:_ADDRESS_CHARACTERS] for field in self.all(name)]
        return [(words(person.encode()), address) for person, address in _pairs(raw) if address]


def split(raw: bytes, *, content_only: bool = False) -> tuple[Header, int]:
    """The header at the beginning of `raw`, and where the body begins. `content_only` leaves out fields that are not about the content.

    A line that is no field ends the header, too: some programs forget the empty line.
    """
    fields: list[tuple[str, bytearray]] = []
    position = 0
    for found in _LINE.finditer(raw, 0, HEADER_BYTES):
        line = found[0].rstrip(b"\r\n")
        if not line:
            position = found.end()
            break
        if line[:1] in b" \t" and fields:
            fields[-1][1].extend(b" " + line.strip())
        elif match := _FIELD.match(line):
            value = bytearray(line[match.end() :].strip())
            if content_only and fields and not fields[-1][0].lower().startswith("content-"):
                fields.pop()
            fields.append((match[1].decode("ascii"), value))
        elif not (position == 0 and line.startswith((b"From ", b">From "))):  # of a mailbox file
            break
        position = found.end()
    return Header([Field(name, bytes(value)) for name, value in fields]), position


def words(raw: bytes) -> str:
    """A value with its encoded words (RFC 2047) decoded. Bytes that are not ASCII are taken for UTF-8, then windows-1252."""
    if b"=?" not in raw:
        return _unicode(raw)
    try:
        pieces = decode_header(raw.decode("ascii", "surrogateescape"))
    except (HeaderParseError, ValueError, LookupError):  # base64 that is none
        return _unicode(raw)
    return "".join(_piece(content, charset) for content, charset in pieces)


def _piece(content: str | bytes, charset: str | None) -> str:
    if isinstance(content, str):
        content = content.encode("ascii", "surrogateescape")
    return decoded(content, charset)[0]


def _unicode(raw: bytes) -> str:
    return decoded(raw, None)[0]


def _pairs(values: list[str]) -> list[tuple[str, str]]:
    try:
        return getaddresses(values, strict=False)
    except TypeError:  # Python before the releases of 2024 is never strict
        return getaddresses(values)
    except (ValueError, IndexError, RecursionError):
        return []
