"""Headers of outgoing mail, written by us and parsed by nobody: what users wrote stays words.

Python's `email` reads every value it is given, and takes ``=?utf-8?q?…=0d=0a…?=`` within it for an encoded word: what that decodes to
becomes lines of their own, headers of the sender's choice (CVE-2024-6923; Python 3.11 before 3.11.10 and 3.12 before 3.12.5
let them through). So words are encoded here, and `Wire` passes them on as they are. Not for the text of a mail.
"""

from __future__ import annotations

import base64
import re
from email.policy import EmailPolicy
from email.utils import parseaddr
from typing import Any

#: What needs no encoding in a header's words; an encoded word begins with ``=?``.
_PLAIN_RE = re.compile(r"[\x20-\x7e]*")
#: Of a display name: RFC 5322's atoms.
_ATOMS_RE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_CONTROL_RE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ADDRESS_RE = re.compile(r"[^\s<>()\[\],;:\\\"@\x00-\x20\x7f]{1,64}@[^\s<>()\[\],;:\\\"@\x00-\x20\x7f]{1,255}")
#: Bytes in one encoded word, so that with its frame it stays below RFC 2047's 75 letters; a letter of UTF-8 is not cut in two.
_WORD = 42
#: Letters of one line, at most, as RFC 5322 wants it.
_LINE = 76


class Ready(str):
    """A value in the form in which it leaves."""

    __slots__ = ()


class BadHeader(ValueError):
    """A value that cannot stand in a header."""


class Wire(EmailPolicy):
    """Leaves `Ready` values alone, when they are stored and when the message is written."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        return (name, value) if isinstance(value, Ready) else super().header_store_parse(name, value)

    def header_fetch_parse(self, name: str, value: Any) -> Any:
        return value if isinstance(value, Ready) else super().header_fetch_parse(name, value)

    def fold(self, name: str, value: Any) -> str:
        return f"{name}: {value}{self.linesep}" if isinstance(value, Ready) else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii") if isinstance(value, Ready) else super().fold_binary(name, value)


WIRE = Wire()


def words(text: str) -> Ready:
    """Words of a header, such as a subject. Raises `BadHeader` if there are control characters among them."""
    if _CONTROL_RE.search(text):
        raise BadHeader("a header holds control characters")
    if _PLAIN_RE.fullmatch(text) and "=?" not in text and len(text) <= _LINE * 6:
        return Ready(_folded(text.split(" ")))
    return Ready("\r\n ".join(_encoded(text)))


def addresses(given: list[str]) -> Ready:
    """Addresses, each ``name <address>`` or the address alone. Raises `BadHeader`."""
    return Ready(",\r\n ".join(map(_address, given)))


def filename(text: str) -> tuple[str, str, str]:
    """A parameter's value as RFC 2231 has it, which nobody takes for an encoded word."""
    return ("utf-8", "", _CONTROL_RE.sub("", text).encode("utf-8", "replace").decode("utf-8"))


def _address(one: str) -> str:
    if _CONTROL_RE.search(one):
        raise BadHeader("an address holds control characters")
    name, address = parseaddr(one)
    if not _ADDRESS_RE.fullmatch(address):
        raise BadHeader("an address is none")
    if not address.isascii():
        raise BadHeader("an address has other letters than ASCII's")
    if not name:
        return address
    if _ATOMS_RE.fullmatch(name) and "=?" not in name and len(name) <= _LINE:
        return f"{name} <{address}>"
    return "\r\n ".join([*_encoded(name), f"<{address}>"])


def _encoded(text: str) -> list[str]:
    made, word = [], b""
    for letter in text:
        added = letter.encode("utf-8", "replace")
        if len(word) + len(added) > _WORD:
            made.append(word)
            word = b""
        word += added
    return [f"=?utf-8?b?{base64.b64encode(one).decode('ascii')}?=" for one in [*made, word]]


def _folded(pieces: list[str]) -> str:
    lines = [pieces[0]]
    for piece in pieces[1:]:
        # Never a line of nothing but blanks: some servers take it for the end of the headers.
        if len(lines[-1]) + 1 + len(piece) > _LINE and lines[-1].strip() and piece:
            lines.append(piece)
        else:
            lines[-1] += " " + piece
    return "\r\n ".join(lines)
