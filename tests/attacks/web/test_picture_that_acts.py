"""A picture, a frame, a sound in a text that somebody else wrote: its address does something in the interview that shows it, unasked."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Response, expect

from tests.e2e.browser.conftest import Site
from tests.helpers.visitor import Visitor

HOME = "/interview?i=attacks:links.yml"
PLANTED = "/interview?i=attacks:planted.yml"


def address(action: str, to: str) -> str:
    asked = json.dumps({"action": action, "arguments": {"to": to, "word": to}})
    return base64.urlsafe_b64encode(asked.encode()).decode()


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return Visitor(site.address).go(HOME).answer(HOME, {"name": "Ann"})


@pytest.mark.parametrize("within", ["image", "iframe", "audio", "video", "track", "object", "embed", "style", "font"])
@pytest.mark.parametrize("come_from", ["same-origin", "same-site", "none"])
def test_nothing_is_done(visitor: Visitor, within: str, come_from: str) -> None:
    mine = json.loads(visitor.ask("GET", f"{HOME}&json=1").text)["session"]
    for wanted in (
        "command=exit",
        "command=restart",
        "reset=1",
        f"action={quote(address('gift', 'thief'))}",
        "reset=1&json=1",
    ):
        visitor.ask("GET", f"{HOME}&{wanted}", Sec_Fetch_Site=come_from, Sec_Fetch_Dest=within)
        assert visitor.status == 403, wanted
    page = visitor.go(f"{HOME}&session={mine}").text
    assert "Hello, Ann" in page
    assert "thief" not in page


def test_a_picture_that_the_session_made_is_shown(visitor: Visitor) -> None:
    for within in ("image", "iframe"):
        visitor.go(visitor.go(HOME).link("Mailed"), Sec_Fetch_Site="same-origin", Sec_Fetch_Dest=within)
        assert "Given to colleague." in visitor.text


@pytest.mark.browser
def test_in_a_browser(site: Site, context: BrowserContext) -> None:
    there = f"{PLANTED}&action={quote(address('said', 'acted'))}"
    left = f"{PLANTED}&command=exit"
    text = "".join(f"<img src='{one}'><iframe src='{one}'></iframe>" for one in (there, left))
    page = context.new_page()
    asked: list[int] = []

    def heard(answer: Response) -> None:
        if "action=" in answer.url or "command=" in answer.url:
            asked.append(answer.status)

    page.on("response", heard)
    page.goto(f"{site.address}{PLANTED}&new_session=1&word={quote('harmless ' + text)}")
    for _ in range(100):
        if len(asked) >= 4:
            break
        page.wait_for_timeout(100)
    assert set(asked) == {403}
    page.goto(f"{site.address}{PLANTED}")
    expect(page.locator("#heading")).to_contain_text("harmless")
    expect(page.locator("#heading")).not_to_contain_text("acted")
