"""What Outlook packs into ``winmail.dat`` (Microsoft, [MS-OXTNEF]): files, and perhaps the text.

Only what an author needs: names, types and contents. Meetings, tasks and rich text (compressed RTF) stay in the original.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

TYPES: Final = ("application/ms-tnef", "application/vnd.ms-tnef")

_SIGNATURE: Final = 0x223E9F78
# Attributes, 2.1.3.2.
_BODY, _MESSAGE_PROPERTIES = 0x0002800C, 0x00069003
_BEGIN, _DATA, _TITLE, _PROPERTIES = 0x00069002, 0x0006800F, 0x00018010, 0x00069005
# Properties, [MS-OXPROPS].
_LONG_NAME, _MIME, _CONTENT, _TEXT, _HTML = 0x3707, 0x370E, 0x3701, 0x1000, 0x1013
#: Bytes of a value of each type, 2.1.3.4; those of changing length are read by their length.
_WIDTHS: Final = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_OBJECT, _STRING8, _UNICODE, _BINARY = 0x0D, 0x1E, 0x1F, 0x102
_MANY: Final = 0x1000
_INTERFACE: Final = 16  #: an object's value begins with the id of its interface


@dataclass(slots=True)
class Unpacked:
    """`files` are (name, type or None, content)."""

    files: list[tuple[str | None, str | None, bytes]] = field(default_factory=list)
    text: str | None = None
    html: bytes | None = None
    problem: str | None = None


@dataclass(slots=True)
class _File:
    name: str | None = None
    mimetype: str | None = None
    content: bytes | None = None


def unpack(data: bytes) -> Unpacked:
    """Never raises; what is damaged ends there, and what came before it is given."""
    found, files = Unpacked(), []
    try:
        for attribute, value in _attributes(data):
            if attribute == _BEGIN:
                files.append(_File())
            elif attribute == _BODY:
                found.text = _text(value)
            elif attribute == _MESSAGE_PROPERTIES:
                for name, content in _properties(value):
                    if name == _HTML:
                        found.html = content
                    elif name == _TEXT:
                        found.text = found.text or _text(content)
            elif files:
                _add(files[-1], attribute, value)
    except (struct.error, ValueError, IndexError):
        found.problem = "winmail.dat is damaged"
    found.files = [(one.name, one.mimetype, one.content) for one in files if one.content is not None]
    return found


def _add(file: _File, attribute: int, value: bytes) -> None:
    if attribute == _DATA:
        file.content = value
    elif attribute == _TITLE:
        file.name = file.name or _text(value)
    elif attribute == _PROPERTIES:
        for name, content in _properties(value):
            if name == _LONG_NAME:
                file.name = _text(content)
            elif name == _MIME:
                file.mimetype = _text(content).lower()
            elif name == _CONTENT and file.content is None:
                file.content = content[_INTERFACE:]


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    if struct.unpack_from("<I", data)[0] != _SIGNATURE:
        raise ValueError
    position = 6
    while position + 9 <= len(data):
        attribute, length = struct.unpack_from("<II", data, position + 1)
        begin = position + 9
        if begin + length > len(data):
            raise ValueError
        yield attribute, data[begin : begin + length]
        position = begin + length + 2  # a check sum
    if position < len(data):
        raise ValueError


def _properties(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Names of properties with their first values."""
    count = struct.unpack_from("<I", data)[0]
    position = 4
    for _ in range(min(count, len(data))):
        kind, name = struct.unpack_from("<HH", data, position)
        position += 4
        if name >= 0x8000:  # a name of its own, by number or by text
            named = struct.unpack_from("<I", data, position + 16)[0]
            position += 20
            if named:
                position = _after(position + 4, struct.unpack_from("<I", data, position)[0])
            else:
                position += 4
        base, times = kind & ~_MANY, 1
        by_length = base in (_OBJECT, _STRING8, _UNICODE, _BINARY)
        if kind & _MANY or by_length:
            times = struct.unpack_from("<I", data, position)[0]
            position += 4
        for number in range(min(times, len(data))):
            if by_length:
                length = struct.unpack_from("<I", data, position)[0]
                begin, position = position + 4, _after(position + 4, length)
            else:
                length = _WIDTHS[base] if base in _WIDTHS else _unknown()
                begin, position = position, position + length
            if position > len(data) + 3:
                raise ValueError
            if number == 0:
                value = data[begin : begin + length]
                yield name, value.decode("utf-16-le", "replace").encode() if base == _UNICODE else value


def _after(begin: int, length: int) -> int:
    return begin + (length + 3) // 4 * 4


def _unknown() -> int:
    raise ValueError


def _text(value: bytes) -> str:
    value = value.rstrip(b"\0")
    try:
        return value.decode()
    except UnicodeError:
        return value.decode("cp1252", "replace")
