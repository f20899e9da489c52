"""A multipart body split at its boundary (RFC 2046, 5.1), or at the most likely line if the boundary is not there."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

_CANDIDATE: Final = re.compile(rb"^--([!-~][ -~]{0,70}?)(?:--)?[ \t]*\r?$", re.MULTILINE)
#: Lines that are looked at for a boundary that is not named.
_LOOKED_AT: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Split:
    parts: list[bytes]
    problem: str | None = None


def split(body: bytes, boundary: str | None, *, most: int) -> Split:
    """At most `most` + 1 parts: whoever sees one too many knows that there are more. No parts: it cannot be split."""
    named = (boundary or "").rstrip().encode("utf-8", "surrogateescape")
    if named:
        parts, closed = _at(body, named, most)
        if parts:
            return Split(parts, None if closed else "the last part of a multipart has no end")
    guessed = _guess(body)
    if guessed is not None:
        parts, _ = _at(body, guessed, most)
        if parts:
            return Split(parts, "the boundary of a multipart is wrong; its parts were found by the look of it")
    return Split([], "a multipart has no boundary; kept as a text")


def _at(body: bytes, boundary: bytes, most: int) -> tuple[list[bytes], bool]:
    """The parts between the lines of `boundary`, and whether the last line was the closing one."""
    line = re.compile(rb"(?:^|(?<=\n))--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|$)")
    parts: list[bytes] = []
    begin = None
    for found in line.finditer(body):
        if begin is not None:
            parts.append(_without_end(body[begin : found.start()]))
        if found[1]:
            return parts, True
        begin = found.end()
        if len(parts) > most:
            return parts, True
    if begin is not None:
        parts.append(body[begin:])
    return parts, False


def _without_end(part: bytes) -> bytes:
    """The line break before a boundary belongs to the boundary."""
    return part.removesuffix(b"\n").removesuffix(b"\r")


def _guess(body: bytes) -> bytes | None:
    """What stands in most of the lines that begin with two hyphens, if it stands in two."""
    found = Counter(match[1] for match in _CANDIDATE.finditer(body, 0, _LOOKED_AT) if match[1].strip(b"-"))
    if not found:
        return None
    best, times = found.most_common(1)[0]
    return best if times > 1 else None
