"""Requests that hang or are refused: the form is freed, what was typed is kept, and nothing is lost without a word."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from tests.e2e.browser.conftest import Site
from tests.e2e.browser.test_access import violations
from tests.helpers.proxy import free_port

pytestmark = pytest.mark.browser

#: The longest that a page waits for an answer: what the gateway waits for the interview service, and the way (web/screens.py).
LIMIT = 60_000


def posts(page: Page) -> list[dict[str, list[str]]]:
    """The forms that the page sends, as they go out."""
    sent: list[dict[str, list[str]]] = []

    def note(request: Request) -> None:
        if request.method == "POST" and "/interview" in request.url:
            sent.append(parse_qs(request.post_data or "", keep_blank_values=True))

    page.on("request", note)
    return sent


def hang_once(page: Page, taken: Callable[[Route], object]) -> None:
    """The first form that is sent gets no answer. `taken` is what happens to it."""
    hung: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST" and not hung:
            hung.append(route)
            taken(route)
        else:
            route.continue_()

    page.route("**/interview?*", hold)


@pytest.mark.parametrize("arrives", [False, True], ids=["before the server", "after the server"])
def test_a_request_that_hangs_frees_the_form_and_keeps_its_id(site: Site, page: Page, arrives: bool) -> None:
    page.clock.install()
    page.goto(site.url("demos:review.yml", "&new_session=1"))
    hang_once(page, lambda route: route.fetch() if arrives else None)
    sent = posts(page)
    page.get_by_label("Pizza").fill("Margherita")
    button = page.get_by_role("button", name="Continue")
    with page.expect_request(lambda request: request.method == "POST" and "/interview" in request.url):
        button.click()
    page.clock.fast_forward(1000)
    expect(button).to_have_class(re.compile("busy"))
    page.clock.fast_forward(LIMIT)
    expect(page.get_by_role("alert")).to_have_text(
        "There is no answer from the server yet. What you typed is kept: please try again."
    )
    expect(button).not_to_have_class(re.compile("busy"))
    expect(button).to_be_focused()
    expect(page.get_by_label("Pizza")).to_have_value("Margherita")
    button.click()
    expect(page.locator("#heading")).to_have_text("Which size?")
    assert sent[0] == sent[1]
    assert sent[0][":request"] == sent[1][":request"] != [""]
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("Pizza")).to_have_value("Margherita")


@pytest.mark.parametrize("arrives", [False, True], ids=["before the server", "after the server"])
def test_an_answer_mended_after_it_hung_is_not_lost_without_a_word(site: Site, page: Page, arrives: bool) -> None:
    page.clock.install()
    page.goto(site.url("demos:review.yml", "&new_session=1"))
    hang_once(page, lambda route: route.fetch() if arrives else None)
    page.get_by_label("Pizza").fill("Margherita")
    with page.expect_request(lambda request: request.method == "POST" and "/interview" in request.url):
        page.get_by_role("button", name="Continue").click()
    page.clock.fast_forward(LIMIT + 1000)
    expect(page.locator("#hung")).to_be_visible()
    page.get_by_label("Pizza").fill("Funghi")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("Which size?")
    told = page.locator("#announcements").get_by_text("Your earlier answer had arrived. To change it, go back.")
    expect(told).to_have_count(1 if arrives else 0)
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("Pizza")).to_have_value("Margherita" if arrives else "Funghi")


def test_back_after_a_request_that_hung_is_another_request(site: Site, page: Page) -> None:
    page.clock.install()
    page.goto(site.url("demos:review.yml", "&new_session=1"))
    page.get_by_label("Pizza").fill("Margherita")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("Which size?")
    hang_once(page, lambda route: None)
    sent = posts(page)
    with page.expect_request(lambda request: request.method == "POST" and "/interview" in request.url):
        page.get_by_label("Small").check()
        page.get_by_role("button", name="Continue").click()
    page.clock.fast_forward(LIMIT + 1000)
    expect(page.locator("#hung")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("Pizza")).to_have_value("Margherita")
    assert sent[0][":request"] != sent[1][":request"]


def test_an_open_page_goes_on_after_the_site_was_stopped_and_started(context: BrowserContext, tmp_path: Path) -> None:
    page = context.new_page()  # not watched: refused connections are what this is about
    port = str(free_port())
    running = Site(tmp_path, "--port", port)
    try:
        page.goto(running.url("demos:background.yml", "&new_session=1"))
        page.get_by_label("Number").fill("9")
        running.stop()
        page.get_by_role("button", name="Continue").click()
        expect(page.locator("#offline")).to_be_visible()
        running = Site(tmp_path, "--port", port)
        expect(page.locator("#heading")).to_have_text("The sum is 562.", timeout=40_000)
        expect(page.locator("#offline")).to_have_count(0)
    finally:
        running.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_an_open_combobox_and_beside_a_hung_form(
    site: Site, chromium: Browser, scheme: Any
) -> None:
    context = chromium.new_context(bypass_csp=True, reduced_motion="reduce", color_scheme=scheme)
    page = context.new_page()
    page.clock.install()
    page.goto(site.url("combobox", "&new_session=1"))
    box = page.get_by_role("combobox", name="Country")
    box.press_sequentially("r")
    page.clock.fast_forward(100)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="Germany")).to_have_attribute("aria-selected", "true")
    assert violations(page) == []
    page.keyboard.press("Enter")
    hang_once(page, lambda route: None)
    with page.expect_request(lambda request: request.method == "POST" and "/interview" in request.url):
        page.get_by_role("button", name="Continue").click()
    page.clock.fast_forward(LIMIT + 1000)
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []
    context.close()
