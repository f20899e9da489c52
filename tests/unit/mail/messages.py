"""Messages as programs make them, written by us: what each is, byte for byte, and what an author must see of it.

`leaves` are the contents of all parts that hold something (in what they are, not as they are encoded). Whoever takes a message apart must
show each of them: as a body, as an attachment, or inside an attached message.
"""

from __future__ import annotations

import base64
import binascii
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
ATTACHED = mail(part("text/plain", b"the inner text"), subject="Inner")
TWICE = mail(
    multi("mixed", part("text/plain", b"second"), part("message/rfc822", ATTACHED), boundary="two"), subject="Second"
)
THRICE = multi("mixed", part("text/plain", b"first"), part("message/rfc822", TWICE), boundary="one")
UU = (
    b"begin 644 a.bin\r\n"
    + b"".join(binascii.b2a_uu(PNG[at : at + 45]).replace(b"\n", b"\r\n") for at in range(0, len(PNG), 45))
    + b"`\r\nend\r\n"
)

REPORT = multi(
    "report",
    part("text/plain", b"Could not be delivered."),
    part(
        "message/delivery-status",
        b"Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a@b\r\nAction: failed\r\nStatus: 5.1.1\r\n",
    ),
    part("text/rfc822-headers", b"Message-ID: <x@y>\r\n"),
    more="; report-type=delivery-status",
)

CASES = [
    # --- plain
    Case(name="text", raw=mail(TEXT), text="Good day", leaves=[b"Good day"]),
    Case(name="no content type", raw=mail(b"\r\nGood day"), text="Good day", leaves=[b"Good day"]),
    Case(name="html only", raw=mail(HTML), html="<p>Good day</p>", leaves=[b"<p>Good day</p>"]),
    Case(
        name="text and html",
        raw=mail(multi("alternative", TEXT, HTML)),
        text="Good day",
        html="<p>Good day</p>",
        leaves=[b"Good day", b"<p>Good day</p>"],
    ),
    Case(name="empty", raw=b"", text="", leaves=[]),
    Case(name="header only", raw=b"Subject: Evidence\r\n", text="", leaves=[]),
    Case(
        name="quoted printable",
        raw=mail(
            part("text/plain; charset=utf-8", qp("Größe".encode()), "Content-Transfer-Encoding: quoted-printable")
        ),
        text="Größe",
        leaves=["Größe".encode()],
    ),
    Case(
        name="format flowed",
        raw=mail(part("text/plain; format=flowed", b"Good \r\nday")),
        text="Good \r\nday",
        leaves=[b"Good \r\nday"],
    ),
    Case(
        name="mailbox line",
        raw=b"From ann@example.org Mon Jan 1\r\n" + mail(TEXT),
        text="Good day",
        leaves=[b"Good day"],
    ),
    # --- scanners and phones
    Case(
        name="scanner: the message is a pdf",
        raw=mail(file_part("application/pdf", PDF, "scan0001.pdf")),
        names=["scan0001.pdf"],
        types=["application/pdf"],
        leaves=[PDF],
    ),
    Case(
        name="scanner: a pdf without a name",
        raw=mail(part("application/pdf", b64(PDF), "Content-Transfer-Encoding: base64")),
        names=["attachment1.pdf"],
        leaves=[PDF],
    ),
    Case(
        name="fax: a tiff",
        raw=mail(file_part("image/tiff", b"II*\0" + PDF, "fax.tif")),
        names=["fax.tif"],
        leaves=[b"II*\0" + PDF],
    ),
    Case(
        name="phone: a picture alone",
        raw=mail(file_part("image/jpeg", JPEG, "IMG_0001.jpg", "inline")),
        names=["IMG_0001.jpg"],
        leaves=[JPEG],
    ),
    Case(
        name="phone: text around pictures",
        raw=mail(
            multi(
                "mixed",
                TEXT,
                file_part("image/jpeg", JPEG, "a.jpg", "inline"),
                part("text/plain", b"Sent from my phone"),
            )
        ),
        text="Good day",
        names=["a.jpg", "attachment2.txt"],
        leaves=[b"Good day", JPEG, b"Sent from my phone"],
    ),
    Case(
        name="phone: the picture first",
        raw=mail(multi("mixed", file_part("image/jpeg", JPEG, "a.jpg", "inline"), TEXT)),
        text="Good day",
        names=["a.jpg"],
        leaves=[JPEG, b"Good day"],
    ),
    Case(
        name="phone: html in two pieces",
        raw=mail(
            multi(
                "alternative",
                TEXT,
                multi(
                    "mixed",
                    HTML,
                    file_part("application/pdf", PDF, "a.pdf"),
                    part("text/html", b"<p>end</p>"),
                    boundary="in",
                ),
            )
        ),
        text="Good day",
        html="<p>Good day</p>",
        names=["a.pdf", "attachment2.html"],
        leaves=[b"Good day", b"<p>Good day</p>", PDF, b"<p>end</p>"],
    ),
    # --- pictures in the text
    Case(
        name="inline picture",
        raw=mail(
            multi("related", HTML, part("image/png", b64(PNG), "Content-Transfer-Encoding: base64", "Content-ID: <p1>"))
        ),
        html="<p>Good day</p>",
        names=["attachment1.png"],
        leaves=[b"<p>Good day</p>", PNG],
    ),
    Case(
        name="related with a start",
        raw=mail(
            multi(
                "related",
                file_part("image/png", PNG, "p.png", "inline"),
                part("text/html", b"<p>root</p>", "Content-ID: <r@x>"),
                more='; start="<r@x>"',
            )
        ),
        html="<p>root</p>",
        names=["p.png"],
        leaves=[PNG, b"<p>root</p>"],
    ),
    # --- calendars
    Case(
        name="calendar in an alternative",
        raw=mail(multi("alternative", TEXT, part("text/calendar; method=REQUEST", ICS))),
        text="Good day",
        names=["attachment1.ics"],
        types=["text/calendar"],
        leaves=[b"Good day", ICS],
    ),
    Case(
        name="calendar alone",
        raw=mail(part("text/calendar; method=REPLY", ICS)),
        names=["attachment1.ics"],
        leaves=[ICS],
    ),
    # --- forwarded
    Case(
        name="forwarded",
        raw=mail(multi("mixed", TEXT, part("message/rfc822", ATTACHED))),
        text="Good day",
        names=["attachment1.eml"],
        inner=["Inner"],
        leaves=[b"Good day", b"the inner text"],
    ),
    Case(
        name="forwarded alone",
        raw=mail(part("message/rfc822", ATTACHED)),
        names=["attachment1.eml"],
        inner=["Inner"],
        leaves=[b"the inner text"],
    ),
    Case(
        name="forwarded in base64",
        raw=mail(part("message/rfc822", b64(ATTACHED), "Content-Transfer-Encoding: base64")),
        names=["attachment1.eml"],
        inner=["Inner"],
        leaves=[b"the inner text"],
    ),
    Case(
        name="forwarded thrice",
        raw=mail(THRICE),
        text="first",
        names=["attachment1.eml"],
        inner=["Second", "Inner"],
        leaves=[b"first", b"second", b"the inner text"],
    ),
    Case(
        name="digest",
        raw=mail(multi("digest", b"\r\n" + ATTACHED, b"\r\n" + ATTACHED)),
        names=["attachment1.eml", "attachment2.eml"],
        inner=["Inner", "Inner"],
        leaves=[b"the inner text", b"the inner text"],
    ),
    # --- Outlook
    Case(
        name="winmail.dat",
        raw=mail(multi("mixed", TEXT, file_part("application/ms-tnef", tnef(("Übersicht.pdf", PDF)), "winmail.dat"))),
        text="Good day",
        names=["winmail.dat", "Übersicht.pdf"],
        leaves=[b"Good day", tnef(("Übersicht.pdf", PDF)), PDF],
    ),
    Case(
        name="winmail.dat with the text",
        raw=mail(file_part("application/ms-tnef", tnef(("a.pdf", PDF), text="Good day"), "winmail.dat")),
        text="Good day",
        names=["winmail.dat", "a.pdf"],
        leaves=[tnef(("a.pdf", PDF), text="Good day"), PDF],
    ),
    Case(
        name="winmail.dat damaged",
        raw=mail(file_part("application/ms-tnef", tnef(("a.pdf", PDF))[:-40], "winmail.dat")),
        names=["winmail.dat", "SHORT~1.PDF"],
        problem="winmail.dat is damaged",
        leaves=[tnef(("a.pdf", PDF))[:-40]],
    ),
    # --- signed and encrypted
    Case(
        name="S/MIME signed",
        raw=mail(
            multi(
                "signed",
                TEXT,
                file_part("application/pkcs7-signature", SIGNATURE, "smime.p7s"),
                more="; protocol=x; micalg=sha256",
            )
        ),
        text="Good day",
        names=["smime.p7s"],
        leaves=[b"Good day", SIGNATURE],
    ),
    Case(
        name="S/MIME encrypted",
        raw=mail(file_part("application/pkcs7-mime", SIGNATURE, "smime.p7m")),
        names=["smime.p7m"],
        leaves=[SIGNATURE],
    ),
    Case(
        name="PGP signed",
        raw=mail(
            multi(
                "signed",
                multi("mixed", TEXT, file_part("application/pdf", PDF, "a.pdf"), boundary="in"),
                part("application/pgp-signature; name=signature.asc", KEY),
            )
        ),
        text="Good day",
        names=["a.pdf", "signature.asc"],
        leaves=[b"Good day", PDF, KEY],
    ),
    Case(
        name="PGP encrypted",
        raw=mail(
            multi(
                "encrypted",
                part("application/pgp-encrypted", b"Version: 1"),
                part("application/octet-stream; name=encrypted.asc", KEY),
            )
        ),
        names=["attachment1.bin", "encrypted.asc"],
        leaves=[b"Version: 1", KEY],
    ),
    # --- nobody wrote it
    Case(
        name="delivery report",
        raw=mail(REPORT, "Auto-Submitted: auto-replied"),
        text="Could not be delivered.",
        names=["attachment1.txt", "attachment2.txt"],
        automatic="Auto-Submitted",
        leaves=[
            b"Could not be delivered.",
            b"Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a@b\r\nAction: failed\r\nStatus: 5.1.1\r\n",
            b"Message-ID: <x@y>\r\n",
        ],
    ),
    Case(
        name="delivery report of old",
        raw=mail(REPORT),
        text="Could not be delivered.",
        names=["attachment1.txt", "attachment2.txt"],
        automatic="delivery report",
        leaves=[
            b"Could not be delivered.",
            b"Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a@b\r\nAction: failed\r\nStatus: 5.1.1\r\n",
            b"Message-ID: <x@y>\r\n",
        ],
    ),
    Case(
        name="out of office",
        raw=mail(TEXT, "Auto-Submitted: auto-replied (vacation)"),
        text="Good day",
        automatic="Auto-Submitted",
        leaves=[b"Good day"],
    ),
    Case(
        name="out of office of Outlook",
        raw=mail(TEXT, "X-Auto-Response-Suppress: All"),
        text="Good day",
        automatic="X-Auto-Response-Suppress",
        leaves=[b"Good day"],
    ),
    Case(
        name="mailing list",
        raw=mail(
            multi("mixed", TEXT, part("text/plain", b"____\r\nlist footer")),
            "List-Id: <l.example.org>",
            "Precedence: list",
        ),
        text="Good day",
        names=["attachment1.txt"],
        automatic="List-Id",
        leaves=[b"Good day", b"____\r\nlist footer"],
    ),
    Case(
        name="bulk", raw=mail(TEXT, "Precedence: bulk"), text="Good day", automatic="Precedence", leaves=[b"Good day"]
    ),
    Case(name="said to be by hand", raw=mail(TEXT, "Auto-Submitted: no"), text="Good day", leaves=[b"Good day"]),
    # --- charsets
    Case(
        name="8 bit without a charset",
        raw=mail(part("text/plain", "Größe".encode())),
        text="Größe",
        leaves=["Größe".encode()],
    ),
    Case(
        name="latin-1 without a charset",
        raw=mail(part("text/plain", b"Gr\xf6\xdfe")),
        text="Größe",
        problem="no charset is named",
        leaves=["Größe".encode()],
    ),
    Case(
        name="windows-1252 called latin-1",
        raw=mail(part("text/plain; charset=iso-8859-1", b"\x80 5")),
        text="€ 5",
        leaves=["€ 5".encode()],
    ),
    Case(
        name="Shift-JIS",
        raw=mail(
            part("text/plain; charset=Shift_JIS", "日本語①".encode("cp932")),
            subject="=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=",
        ),
        text="日本語①",
        subject="日本",
        leaves=["日本語①".encode()],
    ),
    Case(
        name="ISO-2022-JP",
        raw=mail(part("text/plain; charset=iso-2022-jp", "日本".encode("iso-2022-jp"))),
        text="日本",
        leaves=["日本".encode()],
    ),
    Case(
        name="GB2312 with what only GBK has",
        raw=mail(part("text/plain; charset=gb2312", "镕基".encode("gbk"))),
        text="镕基",
        leaves=["镕基".encode()],
    ),
    Case(
        name="html with its own charset",
        raw=mail(part("text/html", b'<meta charset="iso-8859-15"><p>\xa4</p>')),
        html='<meta charset="iso-8859-15"><p>€</p>',
        leaves=['<meta charset="iso-8859-15"><p>€</p>'.encode()],
    ),
    Case(
        name="unknown charset",
        raw=mail(part("text/plain; charset=martian", "Größe".encode())),
        text="Größe",
        problem="charset martian is unknown",
        leaves=["Größe".encode()],
    ),
    Case(
        name="wrong charset",
        raw=mail(part("text/plain; charset=utf-8", b"Gr\xf6\xdfe")),
        text="Größe",
        problem="charset utf-8 is wrong",
        leaves=["Größe".encode()],
    ),
    # --- names
    Case(
        name="a name in RFC 2231",
        raw=mail(
            multi(
                "mixed",
                part(
                    "image/png",
                    PNG,
                    "Content-Transfer-Encoding: binary",
                    "Content-Disposition: attachment; filename*=utf-8''%E2%98%83.png",
                ),
            )
        ),
        names=["☃.png"],
        leaves=[PNG],
    ),
    Case(
        name="a name in pieces",
        raw=mail(
            part(
                "application/pdf",
                b64(PDF),
                "Content-Transfer-Encoding: base64",
                "Content-Disposition: attachment; filename*0*=utf-8''%C3%9Cber; filename*1=sicht.pdf",
            )
        ),
        names=["Übersicht.pdf"],
        leaves=[PDF],
    ),
    Case(
        name="a name in encoded words",
        raw=mail(
            part(
                "application/pdf",
                b64(PDF),
                "Content-Transfer-Encoding: base64",
                'Content-Disposition: attachment; filename="=?utf-8?B?w5xiZXJzaWNodC5wZGY=?="',
            )
        ),
        names=["Übersicht.pdf"],
        leaves=[PDF],
    ),
    Case(
        name="names twice",
        raw=mail(
            multi("mixed", file_part("application/pdf", PDF, "a.pdf"), file_part("application/pdf", PNG, "A.pdf"))
        ),
        names=["a.pdf", "A-2.pdf"],
        leaves=[PDF, PNG],
    ),
    Case(
        name="a name that climbs",
        raw=mail(file_part("application/pdf", PDF, "../../etc/pass wd.pdf")),
        names=["pass_wd.pdf"],
        leaves=[PDF],
    ),
    Case(
        name="octet-stream with a name",
        raw=mail(file_part("application/octet-stream", ZIP, "papers.zip")),
        names=["papers.zip"],
        types=["application/zip"],
        leaves=[ZIP],
    ),
    Case(
        name="an unknown type",
        raw=mail(part("x-strange/thing", b"\0\1\2")),
        names=["attachment1.bin"],
        leaves=[b"\0\1\2"],
    ),
    Case(
        name="a type that is none",
        raw=mail(part("pdf", b"what is it")),
        names=["attachment1.bin"],
        leaves=[b"what is it"],
    ),
    Case(
        name="uuencoded",
        raw=mail(part("application/octet-stream; name=a.png", UU, "Content-Transfer-Encoding: x-uuencode")),
        names=["a.png"],
        leaves=[PNG],
    ),
    # --- broken in each of ten ways
    Case(
        name="broken: another boundary",
        raw=mail(
            multi("mixed", TEXT, file_part("application/pdf", PDF, "a.pdf")).replace(
                b'boundary="=_b"', b'boundary="other"'
            )
        ),
        text="Good day",
        names=["a.pdf"],
        problem="boundary of a multipart is wrong",
        leaves=[b"Good day", PDF],
    ),
    Case(
        name="broken: no boundary named",
        raw=mail(multi("mixed", TEXT, file_part("application/pdf", PDF, "a.pdf")).replace(b'; boundary="=_b"', b"")),
        text="Good day",
        names=["a.pdf"],
        problem="boundary of a multipart is wrong",
        leaves=[b"Good day", PDF],
    ),
    Case(
        name="broken: no boundary at all",
        raw=mail(b"Content-Type: multipart/mixed\r\n\r\nJust a text"),
        text="Just a text",
        problem="no boundary",
        leaves=[b"Just a text"],
    ),
    Case(
        name="broken: never closed",
        raw=mail(multi("mixed", TEXT, file_part("application/pdf", PDF, "a.pdf"), closed=False)),
        text="Good day",
        names=["a.pdf"],
        problem="no end",
        leaves=[b"Good day", PDF],
    ),
    Case(
        name="broken: base64 cut off",
        raw=mail(part("application/pdf; name=a.pdf", b64(PDF)[:-7], "Content-Transfer-Encoding: base64")),
        names=["a.pdf"],
        problem="base64 is damaged",
        leaves=[],
    ),
    Case(
        name="broken: base64 with rubbish",
        raw=mail(
            part(
                "application/pdf; name=a.pdf",
                b64(PDF).replace(b"\r\n", b"*\r\n", 3),
                "Content-Transfer-Encoding: base64",
            )
        ),
        names=["a.pdf"],
        problem="base64 is damaged",
        leaves=[PDF],
    ),
    Case(
        name="broken: base64 in pieces",
        raw=mail(
            part("application/pdf; name=a.pdf", b64(PDF[:100]) + b64(PDF[100:]), "Content-Transfer-Encoding: base64")
        ),
        names=["a.pdf"],
        leaves=[PDF],
    ),
    Case(
        name="broken: said to be base64",
        raw=mail(part("text/plain", b"It is a plain text, with (many) signs: !?", "Content-Transfer-Encoding: base64")),
        text="It is a plain text, with (many) signs: !?",
        problem="said to be base64",
        leaves=[b"It is a plain text, with (many) signs: !?"],
    ),
    Case(
        name="broken: no empty line",
        raw=b"Subject: Evidence\r\nFrom: a@example.org\r\nGood day, the header has no end",
        text="Good day, the header has no end",
        leaves=[b"Good day, the header has no end"],
    ),
    Case(
        name="broken: bare line feeds",
        raw=mail(multi("mixed", TEXT, file_part("application/pdf", PDF, "a.pdf"))).replace(b"\r\n", b"\n"),
        text="Good day",
        names=["a.pdf"],
        leaves=[b"Good day", PDF],
    ),
    Case(
        name="broken: an encoded multipart",
        raw=mail(
            b"Content-Transfer-Encoding: base64\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n"
            + b64(
                multi("mixed", TEXT, file_part("application/pdf", PDF, "a.pdf"), boundary="in").partition(b"\r\n\r\n")[
                    2
                ]
            )
        ),
        text="Good day",
        names=["a.pdf"],
        leaves=[b"Good day", PDF],
    ),
    Case(
        name="broken: unknown encoding",
        raw=mail(part("application/pdf; name=a.pdf", PDF, "Content-Transfer-Encoding: x-zip")),
        names=["a.pdf"],
        problem="encoding x-zip is unknown",
        leaves=[PDF],
    ),
]
