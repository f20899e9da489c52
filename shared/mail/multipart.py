"""A multipart body split at its boundary (RFC 2046, 5.1), or at the most likely line if the boundary is not there."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

_CANDIDATE: Final = re.compile(rb"^--([!-~][ -~]{0,70}?)(?:--)?[ \t]*\r?$", re.MULTILINE)
#: Before the first part: what looks like a part whose boundary is damaged.
_PART_OF_IT: Final = re.compile(rb"^(?:-[ \t]?-\S|content-[a-z-]+[ \t]*:)", re.MULTILINE | re.IGNORECASE)
#: What a word to old programs speaks of, and its bytes at most: anything else was meant for somebody.
_OF_PARTS: Final = re.compile(rb"mime|multi-?part", re.IGNORECASE)
_GREETING: Final = 1000
#: Lines that are looked at for a boundary that is not named.
_LOOKED_AT: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Split:
    """`outside` is what stands before the first part or after the last one and is more than a word to old mail programs."""

    parts: list[bytes]
    problem: str | None = None
    outside: tuple[bytes, ...] = ()


@dataclass(slots=True)
class _Found:
    parts: list[bytes]
    closed: bool = False
    before: bytes = b""
    after: bytes = b""


def split(body: bytes, boundary: str | None, *, most: int) -> Split:
    """At most `most` + 1 parts: whoever sees one too many knows that there are more. No parts: it cannot be split."""
    named = (boundary or "").rstrip().encode("utf-8", "surrogateescape")
    if named:
        found = _at(body, named, most)
        if found.parts:
            before = b"" if _is_greeting(found.before) else found.before
            problem = None if found.closed else "the last part of a multipart has no end"
            return Split(found.parts, problem, _said(before, found.after))
    guessed = _guess(body)
    if guessed is not None:
        found = _at(body, guessed, most)
        if found.parts:
            problem = "the boundary of a multipart is wrong; its parts were found by the look of it"
            return Split(found.parts, problem, _said(found.before, found.after))
    return Split([], "a multipart has no boundary; kept as a text")


def _is_greeting(text: bytes) -> bool:
    """Whether it is what programs write before the first part, for programs that know no parts."""
    return len(text) <= _GREETING and _OF_PARTS.search(text) is not None and not _PART_OF_IT.search(text)


def _said(*texts: bytes) -> tuple[bytes, ...]:
    return tuple(text for text in texts if text.strip())


def _at(body: bytes, boundary: bytes, most: int) -> _Found:
    """The parts between the lines of `boundary`, and whether the last line was the closing one."""
    line = re.compile(rb"(?:^|(?<=\n))--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|$)")
    found = _Found([])
    begin = None
    for mark in line.finditer(body):
        if begin is None:
            found.before = body[: mark.start()]
        else:
            found.parts.append(_without_end(body[begin : mark.start()]))
        begin = mark.end()
        if mark[1]:
            found.closed, found.after = True, body[begin:]
            return found
        if len(found.parts) > most:
            found.closed = True
            return found
    if begin is not None:
        found.parts.append(body[begin:])
    return found


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
