"""/mail: what an embedded system without a server would have sent, read in a browser."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.conftest import Site

pytestmark = pytest.mark.browser


def test_mails_show_up_by_themselves_and_can_be_read(site: Site, page: Page) -> None:
    listing = page.context.new_page()
    listing.goto(f"{site.address}/mail")
    expect(listing.locator("#heading, h1")).to_have_text("Mail")
    page.goto(site.url("demos:send-email.yml", "&new_session=1"))
    page.get_by_label("Name").fill("Ann")
    page.get_by_label("E-mail").fill("ann@example.com")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_contain_text("on its way")
    # Nobody touches the list.
    link = listing.get_by_role("link", name="Your hearing").first
    expect(link).to_be_visible(timeout=30_000)
    link.click()
    expect(listing.locator("dl")).to_contain_text("ann@example.com")
    expect(listing.locator("dl")).to_contain_text("office@example.com")  # Bcc: only whoever runs the system sees it
    frame = listing.frame_locator("iframe")
    expect(frame.locator("strong")).to_have_text("Monday")
    with listing.expect_download() as download:
        listing.get_by_role("link", name="notes.txt").click()
    assert download.value.suggested_filename == "notes.txt"
    assert download.value.path().read_bytes() == b"Bring your papers.\n"
    listing.close()


@pytest.mark.parametrize("path", ["/mail/nothing", "/mail/..%2f..%2fsecret", "/mail/x/0"])
def test_what_is_not_there(site: Site, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(site.address + path)
    assert answer.value.code == 404


@pytest.mark.parametrize(
    ("headers", "code"), [({"X-Forwarded-For": "203.0.113.9"}, 404), ({"Host": "evil.example"}, 400)]
)
def test_nobody_else_reads_it(site: Site, headers: dict[str, str], code: int) -> None:
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(urllib.request.Request(f"{site.address}/mail", headers=headers))
    assert answer.value.code == code
