"""The page's script: the documented functions, and the pad of a signature."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.conftest import Site

pytestmark = pytest.mark.browser


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
