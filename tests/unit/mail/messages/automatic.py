"""Messages that nobody wrote: reports, absences, lists."""

from __future__ import annotations

from tests.unit.mail.messages.making import TEXT, Case, mail, multi, part

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
]
