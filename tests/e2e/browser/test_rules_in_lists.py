"""Fields that hang on each other, in lists that are collected on one screen and under names as the author wrote them."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.conftest import Site

pytestmark = pytest.mark.browser


def test_an_added_item_has_rules_and_defaults_of_its_own(site: Site, page: Page) -> None:
    page.goto(site.url("collectrules"))
    first, second, third = (page.locator(".collect-item").nth(number) for number in range(3))
    first.get_by_label("First").fill("Ada")
    first.get_by_label("At school").check()
    first.get_by_role("textbox", name="School").fill("The first")
    first.get_by_label("Town").select_option("Rome")
    expect(first.get_by_label("Boarding")).to_be_visible()
    page.get_by_role("button", name="Add another").click()
    expect(second.get_by_label("Place")).to_have_value("home")
    expect(second.get_by_role("textbox", name="School")).to_be_hidden()
    expect(second.get_by_label("Boarding")).to_be_hidden()
    expect(second.get_by_label("Room")).to_be_disabled()
    expect(second.locator("legend strong")).to_have_text("2")
    expect(second.get_by_role("button", name="Remove Child 2")).to_be_visible()
    second.get_by_label("At school").check()
    expect(second.get_by_label("Boarding")).to_be_visible()
    second.get_by_label("At school").uncheck()
    second.get_by_label("First").fill("Bob")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("We have")
    assert json.loads(page.locator("#got").inner_text()) == [
        ["Ada", "home", "Rome", True, "The first"],
        ["Bob", "home", None, False, ""],
    ]
    # Now the last item has answers: a new one has none of them.
    page.get_by_role("button", name="Back").click()
    second.get_by_label("Town").select_option("Bern")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("We have")
    page.get_by_role("button", name="Back").click()
    expect(second.get_by_label("Town")).to_have_value("Bern")
    page.get_by_role("button", name="Add another").click()
    expect(third.get_by_label("Town")).to_have_value("")
    expect(third.get_by_label("Place")).to_have_value("")
    expect(third.get_by_label("At school")).not_to_be_checked()


def test_rules_know_names_as_the_author_wrote_them(site: Site, page: Page) -> None:
    page.goto(site.url("rulesbyname"))
    page.get_by_label("How").select_option("phone")
    page.get_by_label("Number").fill("7")
    expect(page.get_by_label("Fixed")).to_be_disabled()
    nobody, nick, motto = page.get_by_label("I am nobody"), page.get_by_label("Nick"), page.get_by_label("Motto")
    nobody.check()
    for one in (nick, motto):
        expect(one).to_be_disabled()
    page.get_by_label("Number").fill("8")  # whatever the rules of other fields say now
    expect(nick).to_be_disabled()
    nobody.uncheck()
    for one in (nick, motto):
        expect(one).to_be_enabled()
    expect(page.get_by_label("Fixed")).to_be_disabled()
    page.get_by_label("How").select_option("mail")
    expect(page.get_by_label("Number")).to_be_hidden()
    expect(nick).to_be_hidden()
    page.get_by_label("How").select_option("phone")
    nobody.check()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("We have")
    assert json.loads(page.locator("#got").inner_text()) == ["phone", "8", True, "", ""]


def test_messages_of_the_interview_stand_beside_the_fields_at_once(site: Site, page: Page) -> None:
    page.goto(site.url("ownmessages"))
    page.get_by_label("Seats").fill("1")
    page.get_by_role("button", name="Continue").click()
    said = [
        "Under which name?: We cannot go on without this.",
        "Seats: At least 2, please.",
        'Wishes: Tick something, or "No wishes".',
        "Town: Name a town.",
    ]
    expect(page.locator(".error-summary li")).to_have_text(said)
    page.get_by_label("Under which name?").fill("Ada")
    page.get_by_label("Seats").fill("2")
    page.get_by_label("No wishes").check()
    page.get_by_role("combobox", name="Town").fill("Bern")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("Thank you")


def test_added_items_have_labels_in_words_and_scripts_with_their_own_index(site: Site, page: Page) -> None:
    page.goto(site.url("collectordinals"))
    first, second, third = (page.locator(".collect-item").nth(number) for number in range(3))
    first.get_by_label("First").fill("Ada")
    page.get_by_role("button", name="Add another").click()
    page.get_by_role("button", name="Add another").click()
    expect(page.locator(".collect-label")).to_have_text(["The first child", "The second child", "The third child"])
    expect(third.locator(".collect-label em")).to_have_text("third")
    second.get_by_label("At school").check()
    expect(first.get_by_role("textbox", name="School")).to_be_hidden()
    expect(third.get_by_role("textbox", name="School")).to_be_hidden()
    second.get_by_role("textbox", name="School").fill("The second")
    second.get_by_label("First").fill("Bob")
    third.get_by_label("First").fill("Cy")
    third.get_by_label("At school").check()
    third.get_by_role("textbox", name="School").fill("The third")
    page.get_by_role("button", name="Remove The second child").click()
    expect(page.locator(".collect-label")).to_have_text(["The first child", "The second child"])
    expect(second.get_by_role("textbox", name="School")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("We have")
    assert json.loads(page.locator("#got").inner_text()) == [["Ada", False, ""], ["Cy", True, "The third"]]
