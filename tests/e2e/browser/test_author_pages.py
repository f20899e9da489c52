"""`parley run FILE`: the author's error page says what, where and why; users of the public site never see it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.browser.conftest import Site
from tests.e2e.browser.test_access import violations

pytestmark = pytest.mark.browser

INTERVIEW = """\
metadata:
  title: Under work
---
mandatory: True
code: |
  kind
  if kind == 'divide':
    result = 1 / 0
  if kind == 'missing':
    no_such_variable
  closing
---
question: |
  What shall go wrong?
fields:
  - Kind: kind
---
event: closing
question: |
  Nothing with ${ kind }
"""
#: Does not load: a mistake in line 7.
BROKEN = INTERVIEW.replace("kind == 'divide'", "kind ==")


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[tuple[Site, Path]]:
    """A site that serves one file, and the file."""
    file = tmp_path / "workshop" / "work.yml"
    file.parent.mkdir()
    file.write_text(INTERVIEW)
    site = Site(tmp_path, str(file))
    yield site, file
    site.stop()


def test_an_error_names_line_and_what_was_sought_and_is_gone_once_the_file_is_mended(
    workshop: tuple[Site, Path], page: Page
) -> None:
    site, file = workshop
    page.goto(site.address)
    page.get_by_role("link", name="Under work").click()
    page.on("console", lambda message: None)
    page.get_by_label("Kind").fill("missing")
    answer = page.request.post(
        page.url,
        form={
            **{
                one.get_attribute("name") or "": one.get_attribute("value") or ""
                for one in page.locator("#answer input[type=hidden]").all()
            },
            "kind": "missing",
        },
    )
    assert answer.status == 500
    text = answer.text()
    assert "no_such_variable" in text
    assert "work.yml" in text
    file.write_text(INTERVIEW.replace("    no_such_variable\n", "    pass\n"))
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("Nothing with missing")


def test_a_file_that_does_not_load_shows_every_mistake(workshop: tuple[Site, Path], page: Page) -> None:
    site, file = workshop
    file.write_text(
        INTERVIEW.replace("event: closing", "event: closing time").replace("- Kind: kind", "- Kind: kind of thing")
    )
    answer = page.request.get(f"{site.address}/interview")
    assert answer.status == 500
    text = answer.text()
    assert "For the author" in text
    assert "closing time" in text
    assert "kind of thing" in text


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Not watched: here errors of the server are what is looked at."""
    return context.new_page()


def test_an_open_page_shows_what_is_saved_and_keeps_what_is_typed(workshop: tuple[Site, Path], page: Page) -> None:
    site, file = workshop
    page.goto(f"{site.address}/interview")
    page.get_by_label("Kind").fill("half a wo")
    file.write_text(INTERVIEW.replace("What shall go wrong?", "What is next?"))
    expect(page.locator("#heading")).to_have_text("What is next?")
    expect(page.get_by_label("Kind")).to_have_value("half a wo")
    expect(page.get_by_label("Kind")).to_be_focused()
    # A version that does not load takes the screen away, and what was typed comes again with the next.
    file.write_text(BROKEN)
    expect(page.locator(".author-place")).to_contain_text("line 7")
    more = "  - Kind: kind\n  - Colour: colour\n    required: False\n"
    file.write_text(INTERVIEW.replace("  - Kind: kind\n", more))
    expect(page.get_by_label("Colour")).to_be_visible()
    expect(page.get_by_label("Kind")).to_have_value("half a wo")


def test_what_is_saved_just_after_a_session_began_shows(workshop: tuple[Site, Path], page: Page) -> None:
    """Its first screen, which other sites keep for a moment, is the one of the version before."""
    site, file = workshop
    page.goto(f"{site.address}/interview")
    file.write_text(INTERVIEW.replace("What shall go wrong?", "What is next?"))
    assert "What is next?" in page.evaluate("() => fetch(location.href).then(answer => answer.text())")


def test_an_error_page_goes_when_the_mistake_is_mended(workshop: tuple[Site, Path], page: Page) -> None:
    site, file = workshop
    page.goto(f"{site.address}/interview")
    page.get_by_label("Kind").fill("missing")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".author-place")).to_contain_text("no_such_variable")
    file.write_text(INTERVIEW.replace("    no_such_variable\n", "    another_variable\n"))
    expect(page.locator(".author-place")).to_contain_text("another_variable")
    file.write_text(INTERVIEW.replace("    no_such_variable\n", "    pass\n"))
    expect(page.locator("#heading")).to_have_text("Nothing with missing")


def test_a_page_that_does_not_load_is_there_once_its_file_is_mended(workshop: tuple[Site, Path], page: Page) -> None:
    site, file = workshop
    file.write_text(BROKEN)
    page.goto(f"{site.address}/interview")
    expect(page.locator(".author-place")).to_contain_text("line 7")
    file.write_text(INTERVIEW)
    expect(page.locator("#heading")).to_have_text("What shall go wrong?")


BESIDE = """\
mandatory: True
code: |
  task = background_action('work')
  ending = background_action('ends_badly')
---
mandatory: True
question: Looking
fields:
  - Word: a_word
    required: False
check in: look
---
event: work
code: |
  log('reading page 3')
  background_response()
---
event: ends_badly
id: the bad one
code: |
  {}['no such key']
---
event: look
id: the check-in
code: |
  if action_argument('_changed') == 'a_word':
    1 / 0
  background_response()
"""


def test_what_code_says_and_fails_of_stands_beside_the_page(workshop: tuple[Site, Path], chromium: Browser) -> None:
    site, file = workshop
    file.write_text(BESIDE)
    context = chromium.new_context(bypass_csp=True, viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.goto(f"{site.address}/interview")
    beside = page.locator("#workshop")
    expect(beside).to_contain_text("reading page 3", timeout=20_000)
    task = beside.locator("li", has_text="ends_badly")
    expect(task).to_contain_text("KeyError: 'no such key'", timeout=20_000)
    expect(task).to_contain_text("line 21 · ID the bad one")
    page.get_by_label("Word").fill("x")
    page.get_by_label("Word").press("Tab")
    expect(beside.locator("li", has_text="Check-in")).to_contain_text("ZeroDivisionError: division by zero")
    expect(beside.locator("li", has_text="Check-in")).to_be_visible()
    expect(page.get_by_label("Word")).to_have_value("x")
    assert violations(page) == []
    context.close()
