"""`parley run FILE`: the author's error page says what, where and why; users of the public site never see it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.conftest import Site

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
