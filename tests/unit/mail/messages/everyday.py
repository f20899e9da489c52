"""Messages as people's programs, scanners, phones and calendars make them."""

from __future__ import annotations

from tests.unit.mail.messages.making import HTML, ICS, JPEG, PDF, PNG, TEXT, Case, b64, file_part, mail, multi, part, qp

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
]
