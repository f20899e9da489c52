"""The buttons that end an interview: `exit` erases the session before the browser is sent on, `leave` keeps it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
SOON = 20_000
NONE = "You have not begun an interview in this browser."


def begun(site: Site, page: Page) -> None:
    page.goto(site.url("leaving", "&new_session=1"))
    page.get_by_label("Name").fill("Ann")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("Hello, Ann", timeout=SOON)


def press(page: Page, label: str) -> None:
    before = page.url
    page.get_by_role("button", name=label, exact=True).click()
    page.wait_for_url(lambda url: url != before, timeout=SOON)


@pytest.mark.parametrize("label", ["Exit", "Exit and log out"])
def test_exit_erases_the_session_and_back_begins_anew(site: Site, page: Page, label: str) -> None:
    begun(site, page)
    press(page, label)
    page.goto(f"{site.address.rstrip('/')}/interviews")
    expect(page.get_by_text(NONE)).to_be_visible()
    page.go_back()
    page.go_back()
    expect(page.get_by_label("Name")).to_have_value("", timeout=SOON)


def test_leave_keeps_it(site: Site, page: Page) -> None:
    begun(site, page)
    press(page, "Leave")
    page.go_back()
    expect(page.locator("#heading")).to_have_text("Hello, Ann", timeout=SOON)
    page.goto(f"{site.address.rstrip('/')}/interviews")
    expect(page.get_by_text(NONE)).to_have_count(0)
