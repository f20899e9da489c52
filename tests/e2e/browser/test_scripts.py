"""The page's script at its limits: requests that hang, check-ins that cross with typing, widgets by mouse and keyboard."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from tests.e2e.browser.conftest import Site, heading
from tests.e2e.browser.test_access import violations

pytestmark = pytest.mark.browser

#: The longest that a page waits for an answer: what the gateway waits for the interview service, and the way (web/screens.py).
LIMIT = 60_000


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


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


def test_an_open_page_goes_on_after_the_site_was_stopped_and_started(
    context: BrowserContext, tmp_path: Path, free_port: int
) -> None:
    page = context.new_page()  # not watched: refused connections are what this is about
    running = Site(tmp_path, "--port", str(free_port))
    try:
        page.goto(running.url("demos:background.yml", "&new_session=1"))
        page.get_by_label("Number").fill("9")
        running.stop()
        page.get_by_role("button", name="Continue").click()
        expect(page.locator("#offline")).to_be_visible()
        running = Site(tmp_path, "--port", str(free_port))
        expect(page.locator("#heading")).to_have_text("The sum is 562.", timeout=40_000)
        expect(page.locator("#offline")).to_have_count(0)
    finally:
        running.stop()


class CheckIns:
    """The check-ins of a page, held until a test lets them go on."""

    def __init__(self, page: Page) -> None:
        self.bodies: list[dict[str, object]] = []
        self.holding = False
        self._held: list[Route] = []
        page.route("**/checkin", self._take)

    def _take(self, route: Route) -> None:
        self.bodies.append(route.request.post_data_json)
        if self.holding:
            self._held.append(route)
        else:
            route.continue_()

    def release(self) -> None:
        self.holding = False
        for route in self._held:
            route.continue_()
        self._held.clear()

    @property
    def changed(self) -> list[object]:
        return [body["changed"] for body in self.bodies]


def test_a_field_that_changed_during_a_check_in_is_told_by_the_next(site: Site, page: Page) -> None:
    check_ins = CheckIns(page)
    page.goto(site.url("targets", "&new_session=1"))
    expect(page.locator(".datargetbody")).to_have_text("in body")
    check_ins.holding = True
    with page.expect_request("**/checkin"):
        page.get_by_role("textbox", name="Zip").fill("02108")
        page.keyboard.press("Tab")
    page.get_by_label("City").fill("Salem")
    page.get_by_label("City").press("Tab")
    check_ins.release()
    with page.expect_response("**/checkin"):
        pass
    expect(page.get_by_label("City")).to_have_value("Boston")
    assert check_ins.changed[:3] == [None, "zip_code", "city"]


def test_what_is_being_typed_wins_over_what_arrives(site: Site, page: Page) -> None:
    check_ins = CheckIns(page)
    page.goto(site.url("targets", "&new_session=1"))
    expect(page.locator(".datargetbody")).to_have_text("in body")
    check_ins.holding = True
    with page.expect_request("**/checkin"):
        page.get_by_role("textbox", name="Zip").fill("02108")
        page.keyboard.press("Tab")
    page.get_by_label("City").press_sequentially("Sal")
    with page.expect_response("**/checkin"):
        check_ins.release()
    page.keyboard.type("em")
    expect(page.get_by_label("City")).to_have_value("Salem")


def test_a_target_is_filled_wherever_it_stands(site: Site, page: Page) -> None:
    page.goto(site.url("targets", "&new_session=1"))
    for name in ("heading", "body", "below", "side"):
        expect(page.locator(f".datarget{name}")).to_have_text(f"in {name}")
    page.get_by_role("navigation", name="Menu").get_by_role("button", name="Help").click()
    expect(page.locator("#help .datargethelp")).to_have_text("in help")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Help: Zip").click()
    expect(page.locator(".datargetfieldhelp")).to_have_text("in fieldhelp")


def test_choices_that_a_check_in_brings(site: Site, page: Page) -> None:
    page.goto(site.url("targets", "&new_session=1"))
    page.get_by_label("Towns").select_option(["Bonn"])
    page.get_by_role("textbox", name="Zip").fill("choices")
    page.keyboard.press("Tab")
    expect(page.get_by_role("combobox", name="Country")).to_have_value("Spain")
    assert page.evaluate("val('country')") == "es"
    expect(page.get_by_label("Towns").locator("option")).to_have_text(["Bonn", "Kiel"])
    expect(page.get_by_label("Towns")).to_have_values(["Bonn"])


@pytest.mark.parametrize("chosen", ["wren", "keep"])
def test_choices_that_a_check_in_brings_are_chosen_and_answered_in_every_kind_of_field(
    site: Site, page: Page, chosen: str
) -> None:
    label = {"wren": "A wren", "keep": "Kept"}[chosen]
    page.goto(site.url("sentchoices", "&new_session=1"))
    page.get_by_role("radio", name="keep").check()
    page.get_by_label("Which").select_option("birds")
    expect(page.get_by_role("radio", name="Kept")).to_be_checked()
    expect(page.get_by_role("radio")).to_have_count(2)
    page.get_by_label("Which").select_option("nothing")
    expect(page.get_by_role("radio")).to_have_count(0)
    page.get_by_label("Which").select_option("birds")
    expect(page.get_by_role("radio")).to_have_count(2)
    expect(page.get_by_label("Drop").locator("option")).to_have_text(["Select…", "A wren", "Kept"])
    page.get_by_role("radio", name=label).check()
    page.get_by_label("Drop").select_option(label=label)
    box = page.get_by_role("combobox", name="Combo")
    box.fill(label)
    box.press("Tab")
    page.get_by_role("combobox", name="Data").fill(chosen)
    page.get_by_role("checkbox", name=label).check()
    page.get_by_label("Multi").select_option(label=label)
    for turn in range(2):
        page.get_by_role("button", name="Continue").click()
        expect(page.locator("#heading")).to_have_text(" / ".join([chosen] * 6))
        if not turn:
            page.get_by_role("button", name="Back").click()
            expect(page.get_by_role("radio", name=label)).to_be_checked()
            expect(page.get_by_label("Drop")).to_have_value(chosen)
            expect(page.get_by_role("checkbox", name=label)).to_be_checked()


def test_values_that_change_nothing_cause_nothing(site: Site, page: Page) -> None:
    page.clock.install()
    check_ins = CheckIns(page)
    answered: list[str] = []
    page.on("response", lambda response: answered.append(response.url) if response.url.endswith("/checkin") else None)
    page.goto(site.url("setting", "&new_session=1"))
    expect(page.get_by_role("combobox", name="Country")).to_have_value("France")
    # One check-in by itself, one because that set fields; it sets the same ones, and there it ends.
    for _ in range(200):  # waiting in the page lets its events come in
        if len(answered) == 2:
            break
        page.wait_for_function("() => new Promise((go) => requestAnimationFrame(() => go(true)))")
    held = {
        name: page.evaluate("name => val(name)", name)
        for name in ("t", "i", "d", "y", "yr", "dr", "ra", "ch", "mu", "co")
    }
    assert held == {
        "t": "hello",
        "i": "5",
        "d": "2026-01-15",
        "y": True,
        "yr": False,
        "dr": "x2",
        "ra": "r2",
        "ch": ["c2"],
        "mu": ["m1", "m2"],
        "co": "fr",
    }
    events = page.evaluate("""() => {
        window.changes = 0;
        document.addEventListener("change", () => { window.changes += 1; });
        for (const [name, value] of [["t", "hello"], ["i", 5], ["d", "2026-01-15"], ["y", true], ["yr", false], ["ym", null], ["dr", "x2"],
                                     ["ra", "r2"], ["ch", ["c2"]], ["mu", ["m1", "m2"]], ["co", "fr"]]) setField(name, value);
        return window.changes;
    }""")
    assert events == 0
    assert len(check_ins.bodies) == 2


def test_a_combobox_by_keyboard(site: Site, page: Page) -> None:
    page.goto(site.url("combobox", "&new_session=1"))
    box = page.get_by_role("combobox", name="Country")
    box.press_sequentially("r")
    expect(page.get_by_role("status").filter(has_text="Choices: 2")).to_be_attached()
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    active = page.get_by_role("option", name="France")
    expect(active).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", active.get_attribute("id") or "")
    page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("r")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(box).to_have_value("France")
    expect(page.locator("#heading")).to_have_text("Where to?")
    page.keyboard.press("Enter")
    page.get_by_text("Off you go to").wait_for()
    assert heading(page) == "Off you go to [fr]"


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


def test_a_script_sets_a_combobox_by_its_value(site: Site, page: Page) -> None:
    page.goto(site.url("combobox", "&new_session=1"))
    page.wait_for_function("document.querySelector('.combobox-list')")
    page.evaluate("setField('country', 'de')")
    expect(page.get_by_role("combobox", name="Country")).to_have_value("Germany")
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("Off you go to").wait_for()
    assert heading(page) == "Off you go to [de]"


@pytest.mark.parametrize(("typed", "held"), [("Fra", "Fra"), ("France", "fr")], ids=["half a word", "a choice"])
def test_what_is_in_a_combobox_survives_a_renewed_screen(site: Site, page: Page, typed: str, held: str) -> None:
    page.goto(site.url("combobox", "&new_session=1"))
    box = page.get_by_role("combobox", name="Country")
    box.press_sequentially(typed)
    with page.expect_response("**/interview?*"):
        page.evaluate("daRefreshSubmit()")
    expect(box).to_be_focused()
    expect(box).to_have_value(typed)
    assert page.evaluate("val('country')") == held


@pytest.mark.parametrize("width", [1100, 390])
def test_a_drawn_signature_is_where_it_was_drawn(site: Site, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(site.url("signing", "&new_session=1"))
    pad = page.get_by_role("img", name="Sign here")
    frame = pad.bounding_box()
    assert frame is not None
    middle, left, right = (
        frame["y"] + frame["height"] / 2,
        frame["x"] + frame["width"] / 4,
        frame["x"] + frame["width"] * 3 / 4,
    )
    page.mouse.move(left, middle)
    page.mouse.down()
    page.mouse.move(right, middle, steps=40)
    page.mouse.up()
    ink = pad.evaluate("""canvas => {
        const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const inked = [];
        for (let at = 3; at < data.length; at += 4) if (data[at] > 128) inked.push([(at >> 2) % width, Math.floor((at >> 2) / width)]);
        const columns = inked.map(one => one[0]), rows = inked.map(one => one[1]);
        return [Math.min(...columns), Math.max(...columns), Math.min(...rows), Math.max(...rows)];
    }""")
    # The picture is 800 by 260 on every screen: from a quarter to three quarters, half-way down.
    assert ink[0] == pytest.approx(200, abs=15)
    # The pad draws a curve up to the last point but one.
    assert ink[1] == pytest.approx(600, abs=25)
    assert 110 < ink[2] < ink[3] < 150
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#heading")).to_have_text("A letter, please")


def test_every_documented_function_is_there_under_all_of_its_names(site: Site, page: Page) -> None:
    page.goto(site.url("combobox", "&new_session=1"))
    page.wait_for_function("Boolean(window.val)")
    names = ["flash", "val", "getField", "setField", "getFields", "url_action", "action_perform", "action_call"]
    names += ["da_flash", "da_val", "daGetField", "daSetField", "daGetFields", "da_url_action", "da_action_perform"]
    names += ["da_action_call", "get_interview_variables", "da_get_interview_variables", "url_action_perform"]
    names += ["url_action_call", "daShowIf", "daRefreshSubmit"]
    assert page.evaluate("names => names.filter(name => typeof window[name] !== 'function')", names) == []
    # Two names, one function.
    assert page.evaluate("flash === da_flash && getField === daGetField && action_call === da_action_call")
