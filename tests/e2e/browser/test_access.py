"""Everybody can use the pages: axe finds nothing serious, in light and dark, on a phone and on a desktop."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser.conftest import Site

pytestmark = pytest.mark.browser

SCREENS = [
    "kinds",
    "conditions",
    "parts",
    "errors",
    "signing",
    "windows",
    "demos:background.yml",
    "demos:sections.yml",
    "demos:yes-no.yml",
    "demos:choices.yml",
    "demos:uploads.yml",
    "no:such.yml",
]


def violations(page: Page, *, only: str | None = None) -> list[tuple[Any, ...]]:
    """What axe calls serious or critical (WCAG 2.2 AA and best practices, or one rule), with the elements."""
    options = {"resultTypes": ["violations"], **({"runOnly": [only]} if only else {})}
    found = Axe().run(page, options=options).response["violations"]
    return [
        (one["id"], one["impact"], [node["html"][:150] for node in one["nodes"]][:3])
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize(("size", "scheme"), [((390, 844), "light"), ((1200, 900), "dark")], ids=["phone", "desk"])
def test_axe_finds_nothing_serious(site: Site, chromium: Browser, scheme: Any, size: tuple[int, int]) -> None:
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True
    )
    page = context.new_page()
    found = {}
    for address in [site.address, *(site.url(name) for name in SCREENS), f"{site.address}/interviews"]:
        page.goto(address)
        page.wait_for_load_state("load")
        assert page.locator("html").get_attribute("data-bs-theme") == scheme
        wrong = violations(page)
        # The other colours of the same page: only contrast can differ.
        other = "dark" if scheme == "light" else "light"
        page.evaluate("scheme => document.documentElement.setAttribute('data-bs-theme', scheme)", other)
        wrong += violations(page, only="color-contrast")
        if wrong:
            found[address] = wrong
    context.close()
    assert found == {}


def test_axe_after_a_refusal_and_with_open_popovers(site: Site, chromium: Browser) -> None:
    context = chromium.new_context(bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    page.goto(site.url("kinds"))
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#errors")).to_be_focused()
    assert violations(page) == []
    page.get_by_role("button", name="term").click()
    expect(page.get_by_role("note")).to_contain_text("A definition.")
    assert violations(page) == []
    context.close()


def test_no_page_is_wider_than_a_phone(site: Site, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    for address in [site.address, *(site.url(name) for name in SCREENS), f"{site.address}/interviews"]:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
    context.close()


def test_the_whole_way_by_keyboard(site: Site, page: Page) -> None:
    page.goto(site.url("demos:welcome.yml", "&new_session=1"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the question")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("First name")).to_be_focused()
    page.keyboard.type("Grace")
    page.keyboard.press("Enter")
    expect(page.locator("#heading")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Tea")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#heading")).to_have_text("Sugar?")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("main")).to_contain_text("Grace")


def test_light_and_dark_can_be_chosen_and_stay(site: Site, page: Page) -> None:
    page.goto(site.address)
    assert page.locator("html").get_attribute("data-bs-theme") == "light"
    page.get_by_role("button", name="Light or dark").click()
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    page.goto(site.url("demos:welcome.yml"))
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"


def test_a_signature_by_keyboard(site: Site, page: Page) -> None:
    page.goto(site.url("signing", "&new_session=1"))
    page.get_by_role("button", name="Done").click()
    expect(page.locator(".field-error")).to_be_visible()
    page.get_by_label("Or type your name").fill("Jane Doe")
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#heading")).to_have_text("A letter, please")
