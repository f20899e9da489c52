"""The little that is read from PDF files without a PDF program: whether it is one, its pages, whether it has a form.

It looks at the plain parts of the file. Objects in compressed streams are unpacked; an encrypted file says nothing.
"""

from __future__ import annotations

import re
import zlib

_PAGE = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")
_COUNT = re.compile(rb"/Type\s*/Pages\b[^>]*?/Count\s+(\d+)|/Count\s+(\d+)[^>]*?/Type\s*/Pages\b", re.DOTALL)
_STREAM = re.compile(rb"/Type\s*/ObjStm\b.*?stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_LARGEST = 64 * 1024 * 1024  #: bytes an object stream may unpack to: more is no page tree, it is an attack


def looks_valid(content: bytes) -> bool:
    """Whether it begins and ends as a PDF file does."""
    return content[:1024].lstrip().startswith(b"%PDF-") and b"%%EOF" in content[-2048:]


def num_pages(content: bytes) -> int:
    """The number of pages; 1 if it cannot be told."""
    text = _readable(content)
    counts = [int(a or b) for a, b in _COUNT.findall(text)]
    return max(counts) if counts else len(_PAGE.findall(text)) or 1


def uses_acroform(content: bytes) -> bool:
    """Whether the document has a form."""
    return b"/AcroForm" in _readable(content)


def is_encrypted(content: bytes) -> bool:
    """Whether the trailer names an encryption dictionary."""
    return b"/Encrypt" in content


def _readable(content: bytes) -> bytes:
    parts = [content]
    for match in _STREAM.finditer(content):
        try:
            parts.append(zlib.decompressobj().decompress(match.group(1), _LARGEST))
        except zlib.error:
            continue
    return b"\n".join(parts)
