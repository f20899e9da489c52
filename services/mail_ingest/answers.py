"""The answers of aiosmtpd with the enhanced codes that we announce (RFC 2034, RFC 3463). Not for what is answered when (`handler`)."""

from __future__ import annotations

import re
from typing import Final

#: By the beginning of what aiosmtpd says.
_ENHANCED: Final = (
    ("552 Error: message size", "552 5.3.4 This mail is too large"),
    ("552 Error: Too much mail", "552 5.3.4 This mail is too large"),
    ("500 Line too long", "500 5.6.0 A line of this mail is longer than 64 kB"),
    ("501 Error: BODY", "501 5.5.4 BODY can only be one of 7BIT, 8BITMIME"),
)
#: By code: what is left.
_CLASSES: Final = {
    "221": "2.0.0",
    "250": "2.0.0",
    "252": "2.0.0",
    "454": "4.7.0",
    "500": "5.5.2",
    "501": "5.5.4",
    "502": "5.5.1",
    "503": "5.5.1",
    "530": "5.7.0",
    "553": "5.1.3",
    "554": "5.7.0",
    "555": "5.5.4",
}
_HAS_ONE: Final = re.compile(r"\d{3}[ -][245]\.\d{1,3}\.\d{1,3}(?: |$)")


def enhanced(answer: str) -> str:
    """`answer` with an enhanced code in each line that may have one."""
    return "\r\n".join(map(_line, answer.split("\r\n")))


def _line(line: str) -> str:
    for begin, better in _ENHANCED:
        if line.startswith(begin):
            return better
    code = _CLASSES.get(line[:3])
    if code is None or _HAS_ONE.match(line):
        return line
    return f"{line[:4]}{code} {line[4:].removeprefix('Error: ')}"
