"""A combobox sends the value of the choice that is meant, however it was entered, by mouse, keyboard or script, and anything else as it was typed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

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


def test_a_combobox_by_keyboard(site: Site, page: Page) -> None:
    page.goto(site.url("combobox", "&new_session=1"))
    box = page.get_by_role("combobox", name="Country")
    box.press_sequentially("r")
    expect(page.get_by_role("status").filter(has_text="Choices: 2")).to_be_attached()
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    active = page.get_by_role("option", name="France")
    expect(active).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", active.get_attribute("id") or "")
    page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("r")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(box).to_have_value("France")
    expect(page.locator("#heading")).to_have_text("Where to?")
    page.keyboard.press("Enter")
    page.get_by_text("Off you go to").wait_for()
    assert heading(page) == "Off you go to [fr]"


def test_a_script_sets_a_combobox_by_its_value(site: Site, page: Page) -> None:
    page.goto(site.url("combobox", "&new_session=1"))
    page.wait_for_function("document.querySelector('.combobox-list')")
    page.evaluate("setField('country', 'de')")
    expect(page.get_by_role("combobox", name="Country")).to_have_value("Germany")
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("Off you go to").wait_for()
    assert heading(page) == "Off you go to [de]"


@pytest.mark.parametrize(("typed", "held"), [("Fra", "Fra"), ("France", "fr")], ids=["half a word", "a choice"])
def test_what_is_in_a_combobox_survives_a_renewed_screen(site: Site, page: Page, typed: str, held: str) -> None:
    page.goto(site.url("combobox", "&new_session=1"))
    box = page.get_by_role("combobox", name="Country")
    box.press_sequentially(typed)
    with page.expect_response("**/interview?*"):
        page.evaluate("daRefreshSubmit()")
    expect(box).to_be_focused()
    expect(box).to_have_value(typed)
    assert page.evaluate("val('country')") == held
