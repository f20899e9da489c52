"""Bytes of a message as text: the charset it names, or the best guess and a word about that."""

from __future__ import annotations

import codecs
from typing import Final

#: What programs call by the left name holds characters of the right one, which is its superset (WHATWG Encoding Standard, "Names and labels").
_WIDER: Final = {
    "ascii": "utf-8",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
}
_ALSO_CALLED: Final = {
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-mac-roman": "mac_roman",
    "iso-8859-8-i": "iso8859-8",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "unicode": "utf-16",
    "windows-874": "cp874",
}
#: Codecs of Python that are no charsets of messages. Some of them take quadratic time.
_NO_CHARSETS: Final = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "unicode_internal", "undefined", "mbcs", "oem"}
)


def decoded(content: bytes, charset: str | None) -> tuple[str, str | None]:
    """The text, and a problem if `charset` is unknown or wrong. Never raises, and loses nothing that UTF-8 or windows-1252 can say."""
    codec = _codec(charset or "ascii")
    if codec is not None:
        try:
            return content.decode(codec), None
        except (UnicodeError, LookupError, ValueError):
            pass
    guess, used = _guessed(content)
    if charset is None:
        return guess, None if used == "utf-8" else f"no charset is named; read as {used}"
    said = charset[:40] if charset.isprintable() else "?"
    return guess, f"charset {said} is {'unknown' if codec is None else 'wrong'}; read as {used}"


def _codec(charset: str) -> str | None:
    name = charset.strip().strip("\"'").lower()
    try:
        known = codecs.lookup(_ALSO_CALLED.get(name, name)).name
    except (LookupError, ValueError, UnicodeError):
        return None
    return None if known in _NO_CHARSETS else _WIDER.get(known, known)


def _guessed(content: bytes) -> tuple[str, str]:
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeError:
        # Five bytes have no meaning in windows-1252; WHATWG reads them as the control characters of the same number.
        return "".join(map(chr, content)) if _has_gaps(content) else content.decode("cp1252"), "windows-1252"


def _has_gaps(content: bytes) -> bool:
    return len(content.translate(None, delete=b"\x81\x8d\x8f\x90\x9d")) != len(content)
