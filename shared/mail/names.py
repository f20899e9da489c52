"""Names of attachments: in their own script, without anything a file system or a page could trip over, each once in a message."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Final

from shared.mail.headers import words

#: Bytes of a name in UTF-8: file systems allow 255, and a number may be added.
_BYTES: Final = 200
_NOT_IN_NAMES: Final = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
#: Python's own table: the machine's would give the same mail other names elsewhere.
_TYPES: Final = mimetypes.MimeTypes()
_EXTENSIONS: Final = {
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "image/jpeg": ".jpg",
    "message/delivery-status": ".txt",
    "text/rfc822-headers": ".txt",
    "application/octet-stream": ".bin",
}


def parameter(headers: Message, header: str, name: str) -> str | None:
    """A parameter of a structured header: RFC 2231, or encoded words where they do not belong."""
    try:
        value = headers.get_param(name, None, header)
        if value is None:
            return None
        text = collapse_rfc2231_value(value) if isinstance(value, tuple) else str(value)
    except (ValueError, TypeError, LookupError, AttributeError):
        return None
    return words(text.encode("utf-8", "surrogateescape"))


def safe(name: str | None) -> str:
    """`name` as one file name; empty if nothing of it is left."""
    text = unicodedata.normalize("NFC", name or "").replace("\\", "/").rpartition("/")[2]
    # Cf: marks that turn the direction of writing make "exe.pdf" of "fdp.exe".
    text = "".join(one for one in text if unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    text = re.sub(r"\s+", "_", _NOT_IN_NAMES.sub("", text).strip()).lstrip(".")
    stem, dot, extension = text.rpartition(".")
    if not dot or len(extension) > 20:
        stem, dot, extension = text, "", ""
    while len(stem.encode()) > _BYTES:
        stem = stem[:-1]
    return f"{stem}{dot}{extension}" if stem else (f"file.{extension}" if extension else "")


def extension_of(mimetype: str) -> str:
    return _EXTENSIONS.get(mimetype) or _TYPES.guess_extension(mimetype, strict=False) or ".bin"


def type_of(name: str) -> str | None:
    return _TYPES.guess_type(name, strict=False)[0]


class Names:
    """Gives each name once: the second ``a.pdf`` is ``a-2.pdf``."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def give(self, wanted: str | None, mimetype: str, *, otherwise: str) -> str:
        name = safe(wanted) or f"{otherwise}{extension_of(mimetype)}"
        if "." not in name and mimetype != "application/octet-stream":
            name += extension_of(mimetype)
        key = name.casefold()
        while key in self._given:
            self._given[key] += 1
            stem, dot, extension = name.rpartition(".")
            name = f"{stem}-{self._given[key]}.{extension}" if dot else f"{name}-{self._given[key]}"
            key = name.casefold()
        self._given[key] = 1
        return name
