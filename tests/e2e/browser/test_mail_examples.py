"""Both e-mail examples of the documentation, unchanged, in a browser, with mail by SMTP over STARTTLS and by LMTP: the page updates by itself."""

from __future__ import annotations

import re
import smtplib
import ssl
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench.system import Running, distributed, embedded, free_port, modes
from tests import corpus
from tests.helpers import certificates

pytestmark = [pytest.mark.browser, pytest.mark.corpus]

PACKAGE = "docassemble.base:data/questions/examples"
SCRIPTS = corpus.tools()
ADDRESS = re.compile(r"\b[a-z]{15}@localhost\b")


class Served:
    def __init__(self, running: Running, certificate: Path, lmtp: int) -> None:
        self.url = running.url
        self.smtp = int(running.environment["PARLEY_SMTP_PORT"])
        self.lmtp = lmtp
        self.context = ssl.create_default_context(cafile=str(certificate))

    def send(self, message: EmailMessage, *, by: str) -> None:
        if by == "lmtp":
            with smtplib.LMTP("localhost", self.lmtp) as local:
                assert local.sendmail("ann@example.org", [message["To"]], message.as_bytes()) == {}
            return
        with smtplib.SMTP("localhost", self.smtp) as client:
            client.starttls(context=self.context)
            assert client.send_message(message) == {}


@pytest.fixture(scope="module", params=modes())
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    assert SCRIPTS is not None
    corpus.fetch(SCRIPTS, corpus.folder())
    certificate, key = certificates.make(tmp_path_factory.mktemp("certificate"))
    lmtp = free_port()
    settings = {
        "PARLEY_SMTP_CERTIFICATE": str(certificate),
        "PARLEY_SMTP_KEY": str(key),
        "PARLEY_LMTP_PORT": str(lmtp),
    }
    start = embedded if request.param == "embedded" else distributed
    with start(corpus.folder(), **settings) as running:
        yield Served(running, certificate, lmtp)


def a_mail(to: str, subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ann Lee <ann@example.org>"
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = f"<{subject.replace(' ', '.')}.{time.time_ns()}@example.org>"
    message.set_content("Good day.\n")
    message.add_attachment(b"%PDF-1.4\n", maintype="application", subtype="pdf", filename="evidence.pdf")
    return message


def address_on(page: Page) -> str:
    expect(page.locator("body")).to_contain_text("@localhost")
    found = ADDRESS.search(page.locator("body").inner_text())
    assert found is not None
    return found[0]


@pytest.mark.parametrize("by", ["starttls", "lmtp"])
def test_mails_are_listed_as_they_come(served: Served, page: Page, by: str) -> None:
    page.goto(f"{served.url}/interview?i={PACKAGE}/email-to-case-simple.yml&new_session=1")
    page.get_by_role("button", name="Continue").click()
    address = address_on(page)
    for subject in ("The first", "The second"):
        served.send(a_mail(address, subject), by=by)
        # The page is not touched: it looks again because a mail came.
        expect(page.locator("body")).to_contain_text(subject, timeout=30_000)
    expect(page.get_by_role("button", name="Refresh")).to_be_visible()


@pytest.mark.parametrize("by", ["starttls", "lmtp"])
def test_a_mail_runs_code_and_the_page_shows_what_came_of_it(served: Served, page: Page, by: str) -> None:
    page.goto(f"{served.url}/interview?i={PACKAGE}/email-to-case.yml&new_session=1")
    page.get_by_role("button", name="Continue").click()
    served.send(a_mail(address_on(page), "About the case"), by=by)
    expect(page.locator("#heading")).to_have_text("E-mails received", timeout=30_000)
    for text in ("Subject: About the case", "Ann Lee", "evidence.pdf"):
        expect(page.locator("body")).to_contain_text(text)
