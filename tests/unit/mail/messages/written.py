"""Texts in charsets named, unnamed and misnamed; names of attachments in every way of writing them."""

from __future__ import annotations

import binascii

from tests.unit.mail.messages.making import PDF, PNG, ZIP, Case, b64, file_part, mail, multi, part

UU = (
    b"begin 644 a.bin\r\n"
    + b"".join(binascii.b2a_uu(PNG[at : at + 45]).replace(b"\n", b"\r\n") for at in range(0, len(PNG), 45))
    + b"`\r\nend\r\n"
)

CASES = [
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
]
