"""A combobox sends the value of the choice that is meant, however it was entered, and anything else as it was typed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.e2e.browser.conftest import Site, heading

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("typed", "picked", "held"),
    [("Fra", "France", "fr"), ("France", None, "fr"), ("Fr", None, "Fr")],
    ids=["picked from the list", "typed to the end", "something else"],
)
def test_what_a_combobox_sends(site: Site, page: Page, typed: str, picked: str | None, held: str) -> None:
    page.goto(site.url("combobox", "&new_session=1"))
    page.get_by_role("combobox").fill(typed)
    if picked is not None:
        page.get_by_role("option", name=picked).click()
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("Off you go to").wait_for()
    assert heading(page) == f"Off you go to [{held}]"
