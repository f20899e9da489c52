"""Several windows, the browser's own Back and Forward, and what the page adds to its controls."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.e2e.browser.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

#: Under load a machine takes its time.
SOON = 20_000


def heading(page: Page, text: str) -> None:
    expect(page.locator("#heading")).to_have_text(text, timeout=SOON)


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Continue").click()


def begun(site: Site, page: Page) -> None:
    page.goto(site.url("windows", "&new_session=1"))
    page.get_by_label("First").fill("Ann")
    go_on(page)
    heading(page, "Second")


def test_the_start_page_leads_on_and_is_searched(site: Site, page: Page) -> None:
    begun(site, page)
    page.goto(site.address)
    going = page.get_by_role("region", name="Continue where you were")
    page.get_by_label("Search interviews").fill("Background  NUMBER")
    expect(page.locator(".start-section .start-title:visible")).to_contain_text(["Work in the background"])
    expect(page.get_by_role("heading", name="Fields and choices")).to_be_hidden()
    page.get_by_label("Search interviews").fill("zebra crossings")
    expect(page.locator("#found")).to_contain_text("No interview")
    going.get_by_role("link", name="Windows").click()
    heading(page, "Second")


def test_the_window_left_behind_is_told_and_may_follow(site: Site, context: BrowserContext, page: Page) -> None:
    page.goto(site.url("windows", "&new_session=1"))
    other = context.new_page()
    other.goto(site.url("windows"))
    other.get_by_label("First").fill("Ann")
    page.get_by_label("First").fill("half a wo")
    go_on(other)
    heading(other, "Second")
    told = page.locator("#behind")
    expect(told).to_contain_text("has gone on in another window")
    expect(page.get_by_label("First")).to_have_value("half a wo")
    assert other.locator("#behind").count() == 0
    told.get_by_role("button").click()
    heading(page, "Second")
    expect(told).to_have_count(0)


def test_two_people_in_two_browsers_are_told_of_each_other(site: Site, chromium: Browser, page: Page) -> None:
    page.goto(site.url("demos:shared-session.yml", "&new_session=1"))
    page.get_by_label("Name").fill("Ann")
    go_on(page)
    heading(page, "Ann, send this address to the one who goes on")
    address = page.locator(".subquestion").inner_text().split()[0]
    context = chromium.new_context()
    guest = context.new_page()
    guest.goto(address)
    guest.get_by_role("button", name="Open the interview").click()  # who was sent an address says that it is meant
    heading(guest, "Ann, send this address to the one who goes on")
    page.get_by_label("Name").fill("half a wo")
    guest.get_by_label("Name").fill("Ben")
    go_on(guest)
    heading(guest, "Ann and Ben were here.")
    told = page.locator("#behind")
    expect(told).to_contain_text("has gone on in another window", timeout=SOON)
    expect(page.get_by_label("Name")).to_have_value("half a wo")
    assert guest.locator("#behind").count() == 0
    told.get_by_role("button").click()
    heading(page, "Ann and Ben were here.")
    context.close()


def test_the_window_of_a_session_that_was_deleted_is_told(site: Site, context: BrowserContext, page: Page) -> None:
    page.goto(site.url("windows", "&new_session=1"))
    page.get_by_label("First").fill("half a wo")
    other = context.new_page()
    other.goto(f"{site.address.rstrip('/')}/interviews")
    other.get_by_role("button", name="Delete all").click()
    other.get_by_role("button", name="Delete").click()
    expect(other.get_by_text("You have not begun an interview in this browser.")).to_be_visible(timeout=SOON)
    told = page.locator("#behind")
    expect(told).to_contain_text("This interview has ended. It is no longer kept here.", timeout=SOON)
    expect(page.get_by_label("First")).to_have_value("half a wo")
    told.get_by_role("button", name="Start again").click()
    expect(told).to_have_count(0, timeout=SOON)
    expect(page.get_by_label("First")).to_have_value("")


def test_back_and_forward_of_the_browser_and_of_the_page_are_the_same(site: Site, page: Page) -> None:
    begun(site, page)
    page.get_by_label("Oak").check()
    go_on(page)
    heading(page, "Born")
    page.go_back()
    heading(page, "Second")
    page.go_forward()
    heading(page, "Born")
    page.locator(".back button").click()
    heading(page, "Second")
    page.wait_for_function("history.state.step === 1")  # the browser goes back by itself, a moment later
    page.go_back()
    heading(page, "First")
    page.go_forward()
    heading(page, "Second")
    # What is typed after Back goes before what was sent then.
    page.get_by_label("Elm").check()
    page.go_forward()
    heading(page, "Born")
    page.reload()
    page.go_back()
    heading(page, "Second")
    page.reload()
    page.go_forward()
    expect(page.locator("#announcements")).to_contain_text("To go forward, please answer this screen.")
    heading(page, "Second")
    page.get_by_label("Elm").check()
    go_on(page)
    heading(page, "Born")


def test_a_message_goes_with_its_screen_unless_it_says_otherwise(site: Site, page: Page) -> None:
    begun(site, page)
    messages = page.locator("#announcements .alert")
    expect(messages).to_have_count(2)
    page.wait_for_timeout(1600)
    page.get_by_label("Oak").check()
    go_on(page)
    heading(page, "Born")
    expect(messages).to_have_text(["Stays"])


def test_a_link_that_acts_is_pressed_once_however_often_it_is_clicked(site: Site, page: Page) -> None:
    begun(site, page)
    link = page.get_by_role("link", name="Slow one")
    for _ in range(3):
        link.click(no_wait_after=True)
    expect(page.locator(".subquestion")).to_contain_text("counted 1")
    page.wait_for_timeout(900)
    expect(page.locator(".subquestion")).to_contain_text("counted 1")


def test_what_is_pressed_before_the_scripts_of_the_author_are_there_is_sent_once_they_are(
    site: Site, page: Page
) -> None:
    held: list[Route] = []
    page.route("**/jquery.min.js", lambda route: held.append(route))
    begun(site, page)
    page.get_by_label("Oak").check()
    go_on(page)
    page.wait_for_timeout(300)
    heading(page, "Second")
    assert held
    for route in held:
        route.continue_()
    heading(page, "Born")


def test_a_hint_is_text_beside_the_control(site: Site, page: Page) -> None:
    page.goto(site.url("windows", "&new_session=1"))
    field = page.get_by_label("First")
    expect(field).to_have_accessible_description("as it stands on the letter")
    assert field.get_attribute("placeholder") is None


def test_a_title_says_that_something_is_wrong(site: Site, page: Page, plain_page: Page) -> None:
    begun(site, page)
    go_on(page)
    expect(page).to_have_title("Error: Windows")
    page.get_by_label("Oak").check()
    go_on(page)
    heading(page, "Born")
    expect(page).to_have_title("Windows")
    plain_page.goto(site.url("windows", "&new_session=1"))
    plain_page.locator("form#answer").evaluate("form => form.noValidate = true")
    go_on(plain_page)
    expect(plain_page).to_have_title("Error: Windows")


def test_a_long_list_is_shortened_by_typing_and_keeps_what_is_ticked(site: Site, page: Page) -> None:
    begun(site, page)
    page.get_by_label("Oak").check()
    search = page.get_by_label("Type to shorten the list")
    search.fill("BIR")
    expect(page.locator(".choice:visible")).to_have_text(["Birch", "Oak"])
    search.press("Enter")
    heading(page, "Second")
    search.fill("")
    expect(page.locator(".choice:visible")).to_have_count(13)


def test_a_date_in_three_boxes(site: Site, page: Page, plain_page: Page) -> None:
    begun(site, page)
    page.get_by_label("Oak").check()
    go_on(page)
    group = page.get_by_role("group", name="Date of birth")
    expect(group.locator("label")).to_have_text(["Month", "Day", "Year"])  # as the language writes dates
    go_on(page)
    expect(page.locator(".field-error")).to_contain_text("Please fill this in.")
    for name, value in (("Day", "31"), ("Month", "2"), ("Year", "1980")):
        group.get_by_label(name).fill(value)
    go_on(page)
    expect(page.locator(".field-error")).to_contain_text("Please enter a date.")
    group.get_by_label("Year").fill("2021")
    group.get_by_label("Day").fill("1")
    go_on(page)
    expect(page.locator(".field-error")).to_contain_text("December 31, 2020")
    group.get_by_label("Year").fill("1980")
    go_on(page)
    heading(page, "Papers")
    plain_page.goto(site.url("windows", "&new_session=1"))
    plain_page.get_by_label("First").fill("Ann")
    go_on(plain_page)
    plain_page.get_by_label("Oak").check()
    go_on(plain_page)
    expect(plain_page.get_by_label("Date of birth")).to_have_attribute("type", "date")


def test_who_begins_with_a_screen_whose_scripts_are_late_stays_there(site: Site, page: Page) -> None:
    held: list[Route] = []
    page.route("**/jquery.min.js", lambda route: held.append(route))
    page.goto(site.url("late", "&new_session=1"))
    page.get_by_label("First").fill("Ann")
    go_on(page)
    heading(page, "Second")
    last = page.get_by_label("Last")
    last.fill("half a wo")
    down = page.evaluate("scrollY")
    assert down > 0
    assert held
    body = page.locator("body")
    expect(body).not_to_have_attribute("data-came", "yes")
    for route in held:
        route.continue_()
    expect(body).to_have_attribute("data-came", "yes", timeout=SOON)
    expect(last).to_be_focused()
    page.keyboard.type("rd")
    expect(last).to_have_value("half a word")
    assert page.evaluate("scrollY") == down
    go_on(page)
    heading(page, "Done")
    expect(page.locator("#heading")).to_be_focused()


def test_files_on_their_way_can_be_stopped(site: Site, page: Page) -> None:
    begun(site, page)
    page.get_by_label("Oak").check()
    go_on(page)
    for name, value in (("Day", "1"), ("Month", "2"), ("Year", "1980")):
        page.get_by_label(name).fill(value)
    go_on(page)
    heading(page, "Papers")
    page.get_by_label("Papers").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"x" * 200_000})
    held: list[Route] = []
    page.route("**/interview?*", lambda route: held.append(route))
    go_on(page)
    bar = page.get_by_role("progressbar", name="Sending your files")
    expect(bar).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(bar).to_have_count(0)
    heading(page, "Papers")
    page.unroute("**/interview?*")
    go_on(page)
    heading(page, "Born on February 1, 1980 under Oak, Ann")
    expect(page.locator(".heading-end")).to_be_visible()
