"""Author's scripts and styles work as documented, and text that is not theirs runs nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import ConsoleMessage, Page, Route, expect

from tests.e2e.browser.conftest import Site, heading

pytestmark = pytest.mark.browser


@pytest.fixture
def scripts(context, site: Site) -> Page:
    page: Page = context.new_page()
    page.goto(site.url("scripts"))
    expect(page.locator(".groovy")).to_have_text("purple")
    return page


def test_scripts_of_question_field_and_feature_run(scripts: Page) -> None:
    expect(scripts.locator("#today")).to_have_text("jq fruit,other_fruit")
    expect(scripts.locator("#from-field")).to_have_text("after")
    assert scripts.locator("#today").evaluate("one => getComputedStyle(one).color") == "rgb(1, 2, 3)"
    assert scripts.locator(".groovy").evaluate("one => getComputedStyle(one).color") == "rgb(128, 0, 128)"
    assert scripts.evaluate("window.loads") == 1


def test_an_event_attribute_runs_nothing(scripts: Page) -> None:
    scripts.wait_for_load_state("networkidle")
    assert scripts.evaluate("window.attacked") is None


def test_action_call_gets_what_json_response_sends(scripts: Page) -> None:
    scripts.get_by_label("Fruit").fill("apple")
    scripts.get_by_role("button", name="Call").click()
    expect(scripts.locator("#answer-of-call")).to_have_text("apple pie")


def test_a_link_made_by_url_action_runs_the_action_and_the_page_loads_once(scripts: Page) -> None:
    scripts.evaluate("window.kept = true")
    scripts.get_by_role("link", name="Link").click()
    expect(scripts.locator(".groovy")).to_have_text("purple")
    scripts.get_by_label("Fruit").fill("plum")
    scripts.get_by_role("button", name="Continue").click()
    expect(scripts.locator("#heading")).to_have_text("Noted: seen")
    assert scripts.evaluate("window.kept")
    assert scripts.evaluate("window.loads") == 3


def test_action_buttons_run_scripts_and_actions(scripts: Page) -> None:
    scripts.get_by_role("button", name="Flash").click()
    expect(scripts.get_by_role("status").get_by_text("Hello from the button")).to_be_visible()
    scripts.get_by_role("button", name="Note it").click()
    scripts.get_by_label("Fruit").fill("plum")
    scripts.get_by_role("button", name="Continue").click()
    expect(scripts.locator("#heading")).to_have_text("Noted: pressed")


def test_an_answer_given_while_an_action_runs_is_sent_after_it_once(scripts: Page) -> None:
    held: list[Route] = []
    sent: list[str] = []

    def hold_actions(route: Route) -> None:
        body = route.request.post_data or ""
        sent.append("action" if "%3Aaction=" in body else "answer")
        if sent[-1] == "action":
            held.append(route)
        else:
            route.continue_()

    scripts.route(lambda address: "/interview?" in address, hold_actions)
    with scripts.expect_request(lambda one: one.method == "POST" and "%3Aaction=" in (one.post_data or "")):
        scripts.get_by_role("button", name="Note it").click()
    scripts.get_by_label("Fruit").fill("plum")
    scripts.get_by_role("button", name="Continue").click()
    scripts.get_by_role("button", name="Continue").click()
    assert sent == ["action"]
    held[0].continue_()
    expect(scripts.locator("#heading")).to_have_text("Noted: pressed")
    assert sent == ["action", "answer"]


def test_the_documented_functions(site: Site, page: Page) -> None:
    page.goto(site.url("kinds"))
    page.wait_for_function("window.setField && document.querySelector('.combobox-list')")
    page.evaluate("""() => {
        setField("a_text", "by script"); setField("a_tick", true); setField("a_refusal", true); setField("a_radio_yes", false);
        setField("some_boxes['pear']", true); setField("a_dropdown", "green"); setField("several", ["B"]); setField("a_range", 9);
    }""")
    read = "name => [val(name), getField(name) && getField(name).tagName]"
    assert page.evaluate(read, "a_text") == ["by script", "INPUT"]
    assert page.evaluate(read, "a_tick") == [True, "INPUT"]
    assert page.evaluate(read, "a_refusal") == [True, "INPUT"]
    assert page.evaluate(read, "a_radio_yes") == [False, "FIELDSET"]
    assert page.evaluate(read, "a_maybe") == [None, "FIELDSET"]
    assert page.evaluate(read, "some_boxes") == [["pear"], "FIELDSET"]
    assert page.evaluate(read, "some_boxes['pear']") == [True, "INPUT"]
    assert page.evaluate(read, "some_boxes['plum']") == [False, "INPUT"]
    assert page.evaluate(read, "some_boxes[nota]") == [False, "INPUT"]
    assert page.evaluate(read, "a_dropdown") == ["green", "SELECT"]
    assert page.evaluate(read, "several") == [["B"], "SELECT"]
    assert page.evaluate(read, "a_range") == ["9", "INPUT"]
    assert page.evaluate(read, "no_such_field") == [None, None]
    names = page.evaluate("getFields()")
    assert 'some_boxes["apple"]' in names
    assert "a_hidden" in names
    assert not any("nota" in name for name in names)
    page.evaluate("flash('One'); flash('Two', 'danger', true)")
    expect(page.locator("#announcements .alert")).to_have_text(["Two"])
    page.evaluate("flash(null, null, true)")
    expect(page.locator("#announcements .alert")).to_have_count(0)


def test_log_says_it_on_the_next_screen_in_the_console_and_by_a_script(site: Site, page: Page) -> None:
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.goto(site.url("demos:messages.yml"))
    page.get_by_label("Name").fill("Ada & Co")
    page.get_by_role("button", name="Continue").click()
    alerts = page.locator("#announcements .alert")
    expect(alerts).to_have_text(["Your place is booked, Ada & Co.", "Bring your ticket."])
    expect(page.locator("#announcements .alert-info")).to_have_text("Bring your ticket.")
    expect(page.locator("body[data-booked=yes]")).to_have_count(1)
    assert "booked" in heard
    assert "welcomed a guest" not in heard
    expect(page.locator("#announcements .alert-success")).to_have_count(0)  # after a few seconds
    page.reload()
    expect(page.locator("#heading")).to_have_text("See you there")
    expect(alerts).to_have_count(0)


def test_pages_without_author_code_load_no_library(site: Site, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site.url("demos:welcome.yml"))
    page.wait_for_function("Boolean(window.val)")
    assert heading(page)
    assert not [url for url in asked if "jquery" in url or "bootstrap.min.js" in url]
    assert [url for url in asked if not url.startswith(site.address)] == []


def test_nothing_is_refused_by_the_policy_for_nothing_of_the_kind_is_left(site: Site, context) -> None:
    page = context.new_page()
    refused: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            refused.append(message.text)

    page.on("console", heard)
    page.goto(site.url("scripts"))
    expect(page.locator("#from-field")).to_have_text("after")
    assert refused == []
    assert page.locator("[onerror]").count() == 0


def test_the_interviews_variables_come_as_promised(site: Site, page: Page) -> None:
    page.goto(site.url("demos:review.yml"))
    page.get_by_label("Pizza").fill("Margherita")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("Which size?")
    got = page.evaluate("new Promise(done => get_interview_variables(done))")
    assert got["success"] is True
    assert got["variables"]["pizza"] == "Margherita"
