"""Messages with messages inside, in Outlook's own box, signed and encrypted."""

from __future__ import annotations

from tests.unit.mail.messages.making import KEY, PDF, SIGNATURE, TEXT, Case, b64, file_part, mail, multi, part, tnef

ATTACHED = mail(part("text/plain", b"the inner text"), subject="Inner")
TWICE = mail(
    multi("mixed", part("text/plain", b"second"), part("message/rfc822", ATTACHED), boundary="two"), subject="Second"
)
THRICE = multi("mixed", part("text/plain", b"first"), part("message/rfc822", TWICE), boundary="one")

CASES = [
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
]
