"""Delivery reports: which of our mails came back, and why."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.mail.reports import Report, failed_delivery

DOMAINS = ["x.example"]
REPORT = (
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nSorry\r\n--b\r\n"
    b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; user@example.com\r\n"
    b"Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 <user@example.com>\r\n no such user\r\n--b\r\n"
    b"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <0123456789abcdef@X.example>\r\n--b--\r\n"
)


def test_a_report_of_failure() -> None:
    assert failed_delivery(REPORT, domains=DOMAINS) == Report(
        mails=("0123456789abcdef",), code=550, text="550 5.1.1 <…@example.com> no such user"
    )


def test_without_a_diagnostic_the_status_counts() -> None:
    found = failed_delivery(REPORT.replace(b"Diagnostic-Code", b"X-Other"), domains=DOMAINS)
    assert found is not None
    assert (found.code, found.text) == (550, "5.1.1")


def test_delays_deliveries_and_other_mails_are_none() -> None:
    for raw in (
        REPORT.replace(b"failed", b"delayed"),
        REPORT.replace(b"failed", b"delivered"),
        b"",
        b"Subject: x\r\n\r\nAction: none",
    ):
        assert failed_delivery(raw, domains=DOMAINS) is None
    assert failed_delivery(REPORT, domains=["other.example"]) is None


@given(st.binary(max_size=400))
def test_any_bytes(raw: bytes) -> None:
    failed_delivery(b"Action: failed\r\n<0123456789@x.example>\r\nStatus: 5" + raw, domains=DOMAINS)
