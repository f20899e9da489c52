"""Content-Transfer-Encoding undone, and nothing lost where it is broken (RFC 2045, 6)."""

from __future__ import annotations

import binascii
import re
from typing import Final

_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BLANKS: Final = b" \t\r\n"
_UU_BEGIN: Final = re.compile(rb"^begin [0-7]{3,4} [^\r\n]*\r?\n", re.MULTILINE)


def undone(encoded: bytes, encoding: str) -> tuple[bytes, str | None]:
    """The content, and a problem if it is not what `encoding` says. Never raises; what cannot be decoded stays as it came."""
    name = encoding.strip().lower()
    if name in ("", "7bit", "8bit", "binary"):
        return encoded, None
    if name == "base64":
        return _base64(encoded)
    if name == "quoted-printable":
        return binascii.a2b_qp(encoded), None
    if name in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return _uu(encoded)
    return encoded, f"encoding {name[:40] if name.isprintable() else '?'} is unknown; kept as it came"


def _base64(encoded: bytes) -> tuple[bytes, str | None]:
    strange = encoded.translate(None, delete=_BASE64 + _BLANKS + b"=")
    if len(strange) * 20 > len(encoded):
        return encoded, "it is said to be base64 and is not; kept as it came"
    # Some programs encode in pieces, each with its own padding; binascii would stop after the first.
    content = bytearray()
    damaged = bool(strange)
    letters = encoded.translate(None, delete=bytes(set(range(256)) - set(_BASE64 + b"=")))
    pieces = re.split(rb"=+", letters)
    damaged = damaged or len(pieces[-1]) % 4 > 0  # nothing fills it up: it was cut off
    for piece in pieces:
        if len(piece) % 4 == 1:
            damaged, piece = True, piece[:-1]
        content += binascii.a2b_base64(piece + b"=" * (-len(piece) % 4))
    return bytes(content), "its base64 is damaged" if damaged else None


def _uu(encoded: bytes) -> tuple[bytes, str | None]:
    begin = _UU_BEGIN.search(encoded)
    if begin is None:
        return encoded, "it is said to be uuencoded and is not; kept as it came"
    content = bytearray()
    for line in encoded[begin.end() :].splitlines():
        if line.strip() in (b"end", b"`", b""):
            break
        try:
            content += binascii.a2b_uu(line)
        except binascii.Error:  # longer lines than their first character says: what the length says counts
            length = ((line[0] - 32) & 63) * 4 // 3 + 5
            try:
                content += binascii.a2b_uu(line[:length])
            except binascii.Error:
                return encoded, "its uuencoding is damaged; kept as it came"
    return bytes(content), None
