"""Screens that wait: what they say, and that every end of a task reaches them, whatever became of the connection."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

SOON = 20_000
FAILED = "The work in the background could not be finished."


def heading(page: Page, text: str, *, within: int = SOON) -> None:
    expect(page.locator("#heading")).to_have_text(text, timeout=within)


@pytest.mark.parametrize(
    ("how", "ui", "message"),
    [
        ("well", "flash", '[1,{"two":2}]'),
        ("well", "refresh", None),
        ("handled", "flash", "There was trouble."),
        ("handled", "refresh", None),
        ("failed", "flash", FAILED),
        ("failed", "refresh", None),
        ("killed", "refresh", None),
        ("revoked", "refresh", None),
        ("well", "nothing", None),
        ("failed", "nothing", None),
    ],
)
def test_every_end_of_a_task_reaches_the_page(site: Site, page: Page, how: str, ui: str, message: str | None) -> None:
    page.goto(site.url("ends", "&new_session=1"))
    page.get_by_label("How").fill(how)
    page.get_by_label("Told by").fill(ui)
    page.get_by_role("button", name="Continue").click()
    heading(page, "Waiting")
    if how == "revoked":
        page.get_by_role("link", name="Revoke").click()
    if ui == "refresh":
        heading(page, "Ended", within=60_000)
    elif message is None:
        page.wait_for_timeout(3000)
        heading(page, "Waiting")
        assert page.locator("#announcements").inner_text() == ""
    else:
        expect(page.locator("#announcements").get_by_text(message)).to_be_visible(timeout=SOON)
        heading(page, "Waiting")


def test_a_screen_that_waits_moves_on_without_the_event_stream(site: Site, page: Page) -> None:
    page.route("**/events?*", lambda route: route.abort())
    page.goto(site.url("waits", "&new_session=1"))
    page.get_by_label("First").fill("x")
    page.get_by_role("button", name="Continue").click()
    heading(page, "The answer is forty-two")


@pytest.mark.parametrize(("every", "seconds"), [("6", 6), ("2", 4), ("True", 10), ("None", None), ("False", None)])
def test_reload(site: Site, page: Page, every: str, seconds: int | None) -> None:
    page.clock.install(time=0)
    page.clock.pause_at(1000)  # only run_for() moves it: a slow machine's seconds are not the page's
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if one.url.split("?")[0].endswith("/interview") else None)
    page.goto(site.url("reloads", f"&new_session=1&every={every}"))
    heading(page, "Waiting")
    for _ in range(100):  # until the page's script has begun
        if page.evaluate("document.documentElement.classList.contains('script')"):
            break
    page.wait_for_timeout(300)
    before = len(asked)
    page.clock.run_for(((seconds or 60) - 1) * 1000)
    page.wait_for_timeout(300)
    assert len(asked) == before
    page.clock.run_for(2000)
    page.wait_for_timeout(500)
    assert (len(asked) > before) == (seconds is not None)


def test_a_reload_that_is_no_number_is_an_error_that_says_so(site: Site, plain_page: Page) -> None:
    response = plain_page.goto(site.url("reloads", "&new_session=1&every=soon"))
    assert response is not None
    assert response.status == 500


def test_the_screen_stays_while_the_interview_waits(site: Site, page: Page) -> None:
    page.goto(site.url("waits", "&new_session=1"))
    page.get_by_label("First").fill("x")
    page.get_by_label("Said").check()
    page.get_by_role("button", name="Continue").click()
    cover = page.locator(".wait-cover")
    expect(cover).to_contain_text("Processing now")
    expect(cover.locator("strong")).to_have_text("busy")
    heading(page, "First?")
    expect(page.get_by_label("First")).to_have_value("x")
    assert page.locator("form#answer").get_attribute("inert") is not None
    heading(page, "The answer is forty-two")
    expect(cover).to_have_count(0)


def test_waiting_on_the_first_screen_is_waiting_in_one_session(site: Site, page: Page) -> None:
    opened: list[str] = []
    page.on("load", lambda loaded: opened.append(loaded.url))
    page.goto(site.url("waitsfirst", "&new_session=1"))
    heading(page, "Please wait . . .")
    assert "new_session" not in page.url
    heading(page, "The answer is forty-two")
    assert len(opened) == 1


def test_an_answer_whose_logic_waits_for_a_task_may_be_taken_back_meanwhile(site: Site, page: Page) -> None:
    page.goto(site.url("suspends", "&new_session=1"))
    page.get_by_label("First").fill("one")
    page.get_by_role("button", name="Continue").click()
    cover = page.locator(".wait-cover")
    expect(cover).to_contain_text("Please wait")
    page.go_back()
    expect(cover).to_have_count(0)
    expect(page.get_by_label("First")).to_have_value("one")
    page.get_by_label("First").fill("two")
    page.get_by_role("button", name="Continue").click()
    expect(cover).to_contain_text("Please wait")
    page.reload()
    heading(page, "Please wait . . .")
    heading(page, "The answer is got two")


def test_without_script_the_page_is_loaded_again(site: Site, plain_page: Page) -> None:
    plain_page.goto(site.url("waits", "&new_session=1"))
    plain_page.get_by_label("First").fill("x")
    plain_page.get_by_role("button", name="Continue").click()
    heading(plain_page, "Please wait…")
    heading(plain_page, "The answer is forty-two")


def test_a_call_that_only_reads_saves_nothing(site: Site, page: Page) -> None:
    page.goto(site.url("readsonly", "&new_session=1"))
    call = "only => action_call('add', {}, null, false, only)"
    assert [page.evaluate(call, only) for only in (True, True, False, True)] == [1, 1, 1, 2]
    page.reload()
    heading(page, "Count 1")


def test_how_far_the_work_is_is_shown(site: Site, page: Page) -> None:
    page.goto(site.url("demos:waiting-progress.yml", "&new_session=1"))
    for turn in range(2):
        page.get_by_label("Pages").fill("4")
        page.get_by_role("button", name="Continue").click()
        bar = page.locator("#wait-progress progress")
        expect(bar).to_be_visible(timeout=SOON)
        expect(page.locator("#wait-progress")).to_contain_text("Reading page", timeout=SOON)
        if turn:
            expect(page.locator("#wait-progress")).to_contain_text("This usually takes about 2 seconds.", timeout=SOON)
        heading(page, "All 4 pages have been read.")
        page.goto(site.url("demos:waiting-progress.yml", "&new_session=1"))
