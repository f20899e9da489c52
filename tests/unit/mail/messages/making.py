"""What messages are put together from, and what an author must see of one.

`leaves` are the contents of all parts that hold something (in what they are, not as they are encoded). Whoever takes a message apart must
show each of them: as a body, as an attachment, or inside an attached message.
"""

from __future__ import annotations

import base64
import quopri
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

PDF = b"%PDF-1.4\n" + bytes(range(256)) * 9 + b"\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(255, -1, -1)) * 11 + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 3
ZIP = b"PK\x03\x04" + bytes(range(256)) * 5
ICS = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Hearing\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
SIGNATURE = b"0\x82\x0b\xf7" + bytes(range(256)) * 4
KEY = b"-----BEGIN PGP SIGNATURE-----\r\n\r\niQEzBAEB\r\n-----END PGP SIGNATURE-----\r\n"


@dataclass(frozen=True, kw_only=True)
class Case:
    """`names` are those of the attachments, in their order; `problem` is a part of what `problems` says (None: no problem)."""

    name: str
    raw: bytes
    leaves: Sequence[bytes]
    text: str | None = None
    html: str | None = None
    names: Sequence[str] = ()
    types: Sequence[str] = ()
    problem: str | None = None
    automatic: str | None = None
    subject: str | None = None
    inner: Sequence[str] = field(default_factory=tuple)  #: subjects of attached messages, the outermost first


def b64(content: bytes) -> bytes:
    return base64.encodebytes(content).replace(b"\n", b"\r\n")


def qp(content: bytes) -> bytes:
    return quopri.encodestring(content).replace(b"\n", b"\r\n")


def part(kind: str, body: bytes, *more: str) -> bytes:
    lines = [f"Content-Type: {kind}", *more] if kind else list(more)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def file_part(kind: str, content: bytes, name: str, disposition: str = "attachment") -> bytes:
    return part(
        f'{kind}; name="{name}"',
        b64(content),
        "Content-Transfer-Encoding: base64",
        f'Content-Disposition: {disposition}; filename="{name}"',
    )


def multi(kind: str, *parts: bytes, boundary: str = "=_b", more: str = "", closed: bool = True) -> bytes:
    mark = boundary.encode()
    body = b"".join(b"--" + mark + b"\r\n" + one + b"\r\n" for one in parts)
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"{more}\r\n\r\n'.encode()
    return head + body + (b"--" + mark + b"--\r\n" if closed else b"")


def mail(body: bytes, *more: str, subject: str = "Evidence") -> bytes:
    lines = [
        "From: Ann <ann@example.org>",
        f"Subject: {subject}",
        "Message-ID: <1@example.org>",
        "MIME-Version: 1.0",
        *more,
    ]
    return "\r\n".join(lines).encode() + b"\r\n" + body


def tnef(*files: tuple[str, bytes], text: str = "") -> bytes:
    """A winmail.dat as Outlook makes it: short names in one attribute, long ones in another."""

    def attribute(level: int, name: int, value: bytes) -> bytes:
        return struct.pack("<BII", level, name, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)

    made = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00089006, struct.pack("<I", 0x10000))
    if text:
        made += attribute(1, 0x0002800C, text.encode() + b"\0")
    for name, content in files:
        made += attribute(2, 0x00069002, b"\x01\x00" + b"\0" * 12)
        made += attribute(2, 0x00018010, b"SHORT~1.PDF\0")
        made += attribute(2, 0x0006800F, content)
        long = name.encode("utf-16-le") + b"\0\0"
        padded = long + b"\0" * (-len(long) % 4)
        properties = struct.pack("<I", 2) + struct.pack("<HHI", 0x0003, 0x3705, 1)
        properties += struct.pack("<HHII", 0x001F, 0x3707, 1, len(long)) + padded
        made += attribute(2, 0x00069005, properties)
    return made


TEXT = part("text/plain; charset=utf-8", b"Good day")
HTML = part("text/html; charset=utf-8", b"<p>Good day</p>")
