"""The main job in Chromium, from the start page to the result of a background action, on both forms of the system."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.system import Running, distributed, embedded

pytestmark = pytest.mark.browser


@pytest.fixture(
    scope="module", params=["embedded", pytest.param("distributed", marks=[pytest.mark.rabbitmq, pytest.mark.mongodb])]
)
def running(request: pytest.FixtureRequest) -> Iterator[Running]:
    with (embedded if request.param == "embedded" else distributed)() as system:
        yield system


@pytest.fixture
def visitor(running: Running, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(running.url + "/")
    yield page
    context.close()


@pytest.mark.parametrize(
    ("title", "answer", "result"),
    [
        ("Work in the background", "2", "The sum is 555."),
        ("A background action that saves", "47", "The saved sum is 600."),
    ],
)
def test_a_number_is_added_in_the_background(visitor: Page, title: str, answer: str, result: str) -> None:
    visitor.get_by_role("link", name=title).first.click()
    visitor.get_by_label("Number").fill(answer)
    visitor.get_by_role("button", name="Continue").click()
    expect(visitor.get_by_role("heading", name=result)).to_be_visible(timeout=30_000)


def test_the_laptop_is_closed_and_the_result_is_there_later(running: Running, chromium: Browser) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(running.url + "/interview?i=demos:background.yml")
    page.get_by_label("Number").fill("1")
    page.get_by_role("button", name="Continue").click()
    page.close()
    later = context.new_page()
    later.goto(running.url + "/interview?i=demos:background.yml")
    expect(later.get_by_role("heading", name="The sum is 554.")).to_be_visible(timeout=30_000)
    context.close()
