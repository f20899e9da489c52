"""An interview begins another one, hands it to somebody else by a link for one visit, and shows what was answered there."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser.conftest import Site

pytestmark = pytest.mark.browser


def test_a_lawyer_and_a_client(site: Site, page: Page, chromium: Browser) -> None:
    page.goto(site.url("demos:case-and-client.yml", "&new_session=1"))
    page.get_by_label("Name").fill("Mia")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("Your client's questions")
    link = page.get_by_role("link", name="a link for one visit").get_attribute("href")
    assert link is not None
    assert "/goto?c=" in link

    theirs = chromium.new_context()
    client = theirs.new_page()
    client.goto(link)
    if client.get_by_role("button", name="Open the interview").count():  # a link into a session that somebody began
        client.get_by_role("button", name="Open the interview").click()
    expect(client.locator("#heading")).to_have_text("What is the matter, Mia?")
    expect(client.locator("main")).to_contain_text("Ms. Adams will read this.")
    client.get_by_label("Tell us").fill("My rent")
    client.get_by_role("button", name="Continue").click()
    expect(client.locator("#heading")).to_have_text("Thank you, Mia.")

    page.get_by_role("button", name="Look again").click()
    expect(page.locator("main")).to_contain_text("Mia says: My rent")
    page.get_by_role("button", name="Ask for more").click()
    expect(page.locator("main")).to_contain_text("a link for one visit")  # for there is something to be answered again
    client.goto(site.url("demos:client-questions.yml"))
    expect(client.locator("main")).to_contain_text("Please say more.")
    theirs.close()

    other = chromium.new_context()
    late = other.new_page()
    late.goto(link)
    expect(late.locator("#heading")).to_have_text("This link has expired")
    other.close()
