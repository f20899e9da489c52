"""A person walks through an interview: with script, without, back again, refused and mended."""

from __future__ import annotations

import json
import re
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.conftest import Site, heading

pytestmark = pytest.mark.browser

TEXTS = {
    "Text": "Some text",
    "Area": "two\nlines",
    "Password": "Passw0rd!",
    "E-mail": "user@example.com",
    "Integer": "7",
    "Number": "3.5",
    "Currency": "1000.25",
    "Date": "2026-01-15",
    "Time": "10:30",
    "Moment": "2026-01-15T10:30",
    "Combobox": "France",
    "Datalist": "Rome",
}
#: What the interview must hold after `answer_everything`.
HELD = {
    "a_text": "Some text",
    "an_area": "two\nlines",
    "a_password": "Passw0rd!",
    "an_email": "user@example.com",
    "an_integer": 7,
    "a_number": 3.5,
    "a_currency": 1000.25,
    "a_range": 4,
    "a_tick": True,
    "a_refusal": True,
    "a_wide": False,
    "a_radio_yes": True,
    "a_maybe": None,
    "a_dropdown": "green",
    "a_radio": "Two",
    "a_combobox": "France",
    "a_datalist": "Rome",
    "some_boxes": ["apple", "plum"],
    "several": ["A", "C"],
    "a_hidden": "secret",
    "an_optional": "",
}


def answer_everything(page: Page) -> None:
    for label, text in TEXTS.items():
        page.locator("input, textarea").and_(page.get_by_label(re.compile(rf"^{label}\*?$"))).fill(text)
    page.get_by_label("Tick").check()
    page.get_by_role("group", name="Radio yes").or_(page.get_by_role("radiogroup", name="Radio yes")).get_by_label(
        "Yes"
    ).check()
    page.get_by_role("group", name="Maybe").or_(page.get_by_role("radiogroup", name="Maybe")).get_by_label(
        "I don't know"
    ).check()
    page.get_by_label("Dropdown").select_option(label="Green pear")
    page.get_by_label("Two", exact=True).check()
    for fruit in ("Apple", "Plum"):
        page.get_by_label(fruit, exact=True).check()
    page.get_by_label("Several").select_option(["A", "C"])


def held(page: Page) -> dict[str, object]:
    found = json.loads(page.locator("#got").inner_text())
    assert found.pop("a_date").startswith("2026-01-15")
    assert found.pop("a_time").startswith("10:30")
    assert found.pop("a_moment").startswith("2026-01-15")
    return dict(found)


def test_every_kind_of_field_with_script(site: Site, page: Page) -> None:
    page.goto(site.url("kinds"))
    answer_everything(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("What we got")
    assert held(page) == HELD


def test_every_kind_of_field_without_script(site: Site, plain_page: Page) -> None:
    plain_page.goto(site.url("kinds"))
    answer_everything(plain_page)
    plain_page.get_by_role("button", name="Continue").click()
    assert heading(plain_page) == "What we got"
    assert held(plain_page) == HELD


def test_back_shows_the_answers_again(site: Site, page: Page) -> None:
    page.goto(site.url("demos:review.yml"))
    page.get_by_label("Pizza").fill("Margherita")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("Which size?")
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("Pizza")).to_have_value("Margherita")


def test_the_browsers_own_back_goes_one_step_back(site: Site, page: Page) -> None:
    page.goto(site.url("demos:review.yml"))
    page.get_by_label("Pizza").fill("Funghi")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("Which size?")
    page.go_back()
    expect(page.locator("#heading")).to_have_text("Which pizza?")
    expect(page.get_by_label("Pizza")).to_have_value("Funghi")


def test_mistakes_are_shown_beside_the_field_before_anything_is_sent(site: Site, page: Page) -> None:
    page.goto(site.url("errors"))
    page.get_by_label("Number").fill("2")
    page.get_by_role("button", name="Continue").click()
    summary = page.locator("#errors")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_count(2)
    assert page.get_by_label("Kind").get_attribute("aria-invalid") == "true"
    summary.get_by_role("link").nth(1).click()
    expect(page.get_by_label("Number")).to_be_focused()
    page.get_by_label("Number").fill("3")
    page.get_by_label("Number").press("Tab")
    expect(page.locator(".field-error:visible")).to_have_count(1)


def test_a_refusal_of_the_interview_keeps_what_was_entered(site: Site, page: Page, plain_page: Page) -> None:
    for one in (page, plain_page):
        one.goto(site.url("errors"))
        one.get_by_label("Kind").fill("bad")
        one.get_by_label("Number").fill("5")
        one.get_by_role("button", name="Continue").click()
        expect(one.locator(".field-error")).to_contain_text("That is")
        expect(one.get_by_label("Kind")).to_have_value("bad")
        expect(one.get_by_label("Number")).to_have_value("5")
        one.get_by_label("Kind").fill("good")
        one.get_by_role("button", name="Continue").click()
        expect(one.locator("#heading")).to_have_text("Nothing went wrong with good")


def test_the_start_page_leads_into_an_interview(site: Site, plain_page: Page) -> None:
    plain_page.goto(site.address)
    plain_page.get_by_role("link", name="Your first interview").click()
    plain_page.get_by_label("First name").fill("Ada")
    plain_page.get_by_role("button", name="Continue").click()
    assert heading(plain_page) == "What do you drink in the morning?"


def test_parts_of_the_screen_and_buttons(site: Site, page: Page) -> None:
    page.goto(site.url("parts"))
    for text in ("Above the question.", "Under the buttons.", "To the right", "At the very end.", "Made by hand."):
        expect(page.get_by_text(text)).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "20")
    expect(page.locator(".sections [aria-current=step]")).to_have_text("The first part")
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_text("Just press the button.")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Let us begin").click()
    page.get_by_role("button", name="Left").click()
    page.get_by_label("The second").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="I don't know").click()
    expect(page.get_by_role("columnheader", name="Name")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("main")).to_contain_text("You went left.")
    page.get_by_role("button", name="Restart").click()
    expect(page.locator("#heading")).to_have_text("Welcome")


def test_the_section_one_is_in_shows_its_subsections_on_a_phone(site: Site, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(site.url("demos:sections.yml"))
    expect(page.locator(".sections li li")).to_be_hidden()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".sections li li.current")).to_be_visible()


def test_a_row_of_a_table_is_deleted_only_when_that_is_confirmed(site: Site, page: Page) -> None:
    page.goto(site.url("demos:review-with-tables.yml"))
    for plant, more in (("Beans", "Yes"), ("Roses", "No")):
        page.get_by_label("Plant").fill(plant)
        page.get_by_label("Litres").fill("3")
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name=more, exact=True).click()
    delete = page.get_by_role("button", name="Delete").first
    page.once("dialog", lambda dialog: dialog.dismiss())
    delete.click()
    page.get_by_role("button", name="Move down").first.click()
    expect(page.locator("tbody td:first-child")).to_have_text(["Roses", "Beans"])
    page.once("dialog", lambda dialog: dialog.accept())
    delete.click()
    expect(page.locator("tbody td:first-child")).to_have_text(["Beans"])


def test_files_of_another_kind_than_accepted_are_refused_in_the_page(site: Site, page: Page) -> None:
    page.goto(site.url("accepting"))
    files = page.get_by_label("Picture")
    files.set_input_files({"name": "letter.txt", "mimeType": "text/plain", "buffer": b"Dear Sir"})
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".error-summary li")).to_have_text("Picture: A picture, please")
    files.set_input_files({"name": "one.gif", "mimeType": "image/gif", "buffer": b"GIF89a"})
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("one.gif")


def test_what_an_author_sends_arrives_byte_for_byte(site: Site, page: Page) -> None:
    page.goto(site.url("sends"))
    for name, content, kind in (
        ("Bytes", b"\x00\xff\x01", "application/x-three"),
        ("Styles", b".sends { color: inherit; }\n", "text/css"),
        ("Words", "blåbär".encode(), "text/plain"),
    ):
        answer = page.request.get(urljoin(page.url, page.get_by_role("link", name=name).get_attribute("href") or ""))
        assert (answer.body(), answer.headers["content-type"].partition(";")[0]) == (content, kind)


def test_a_signature_that_is_missing_is_called_by_its_own_name(site: Site, page: Page) -> None:
    page.goto(site.url("signing"))
    page.get_by_role("button", name="Done").click()
    expect(page.locator(".error-summary li")).to_have_text("Sign here: Please fill this in.")


def test_leaving_goes_where_the_author_says(site: Site, plain_page: Page) -> None:
    plain_page.goto(site.url("parts"))
    plain_page.get_by_role("button", name="Let us begin").click()
    plain_page.get_by_role("button", name="Right").click()
    plain_page.get_by_role("radio", name="The first").check()
    plain_page.get_by_role("button", name="Continue").click()
    plain_page.get_by_role("button", name="Yes").click()
    plain_page.get_by_role("button", name="Continue").click()
    plain_page.get_by_role("button", name="Leave").click()
    assert plain_page.url == f"{site.address}/list"


def test_fields_come_and_go(site: Site, page: Page) -> None:
    page.goto(site.url("conditions"))
    expect(page.get_by_label("Spouse", exact=False).first).to_be_hidden()
    expect(page.get_by_label("Why not?")).to_be_visible()
    expect(page.get_by_label("Only with plum")).to_be_disabled()
    page.get_by_label("Yes").check()
    page.get_by_label(re.compile(r"^Spouse\*?$")).fill("Alex")
    expect(page.get_by_label("Spouse's job")).to_be_visible()
    expect(page.get_by_label("Only with plum")).to_be_enabled()
    page.get_by_label(re.compile(r"^Spouse\*?$")).fill("Kim")
    page.get_by_label(re.compile(r"^Spouse\*?$")).press("Tab")
    expect(page.get_by_label("Spouse's job")).to_be_hidden()
    for fruit in ("apple", "plum"):
        page.get_by_label(fruit, exact=True).check()
    page.get_by_label("Both").fill("both")
    page.get_by_role("button", name="Continue").click()
    assert json.loads(page.locator("#got").inner_text()) == ["spouse", "both", "with_plum"]


def test_none_of_the_above_unticks_the_others(site: Site, page: Page) -> None:
    page.goto(site.url("conditions"))
    page.get_by_label("apple", exact=True).check()
    page.get_by_label("None of the above").check()
    expect(page.get_by_label("apple", exact=True)).not_to_be_checked()
    page.get_by_label("plum", exact=True).check()
    expect(page.get_by_label("None of the above")).not_to_be_checked()


def test_the_combobox_works_with_the_keyboard(site: Site, page: Page) -> None:
    page.goto(site.url("kinds"))
    box = page.get_by_role("combobox", name="Combobox")
    box.press_sequentially("fra")
    expect(page.get_by_role("option", name="France")).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("France")
    expect(box).to_have_attribute("aria-expanded", "false")


def test_items_of_a_list_are_added_and_removed_on_one_screen(site: Site, page: Page) -> None:
    page.goto(site.url("collect"))
    for number, fruit in enumerate(("apple", "pear", "plum")):
        if number:
            page.get_by_role("button", name="Add another").click()
        page.get_by_label("Name").nth(number).fill(fruit)
        page.get_by_label("Number").nth(number).fill(str(number))
    page.get_by_role("button", name="Remove").nth(1).click()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("We have")  # Continue ends the list: "More?" is not asked
    assert json.loads(page.locator("#got").inner_text()) == [["apple", 0], ["plum", 2]]


def test_documents_can_be_read_and_kept(site: Site, plain_page: Page) -> None:
    # A browser without script loads pictures at once, and these have to be made first.
    plain_page.goto(site.url("documents"), wait_until="domcontentloaded")
    address = plain_page.get_by_role("link", name="Read The letter").get_attribute("href")
    with plain_page.expect_download(timeout=30_000) as kept:
        plain_page.get_by_role("link", name="Download The list, PDF").click()
    assert kept.value.suggested_filename == "list.pdf"
    plain_page.goto(f"{site.address}{address}")
    expect(plain_page.locator("p.fw-bold")).to_have_text("Dear landlord")
    expect(plain_page.locator("p.text-end")).to_have_text("Jane Doe")
