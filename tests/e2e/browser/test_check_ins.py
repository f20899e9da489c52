"""Check-ins of a page: they cross with typing, fill targets, bring choices, and end where nothing changes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.browser.conftest import Site

pytestmark = pytest.mark.browser


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


def held(site: Site, page: Page) -> CheckIns:
    """A page whose zip has been told by a check-in, which is held."""
    check_ins = CheckIns(page)
    page.goto(site.url("targets", "&new_session=1"))
    expect(page.locator(".datargetbody")).to_have_text("in body")
    check_ins.holding = True
    with page.expect_request("**/checkin"):
        page.get_by_role("textbox", name="Zip").fill("02108")
        page.keyboard.press("Tab")
    return check_ins


def test_a_field_that_changed_during_a_check_in_is_told_by_the_next(site: Site, page: Page) -> None:
    check_ins = held(site, page)
    page.get_by_label("City").fill("Salem")
    page.get_by_label("City").press("Tab")
    check_ins.release()
    with page.expect_response("**/checkin"):
        pass
    expect(page.get_by_label("City")).to_have_value("Boston")
    assert check_ins.changed[:3] == [None, "zip_code", "city"]


def test_what_is_being_typed_wins_over_what_arrives(site: Site, page: Page) -> None:
    check_ins = held(site, page)
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
