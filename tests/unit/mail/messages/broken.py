"""Messages broken in each of the ways that are met."""

from __future__ import annotations

from tests.unit.mail.messages.making import PDF, TEXT, Case, b64, file_part, mail, multi, part

CASES = [
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
