"""Text that somebody else wrote (an address argument, an action's, a raw field, a check-in's target or message) becomes a script."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.browser.conftest import Site

pytestmark = pytest.mark.browser

RUN = "window.attacked=1"
PAGE = json.dumps({"inline": [{"text": RUN}], "author_code": True, "button_scripts": {"x": RUN}})
PLANTED = [
    f"<script>{RUN}</script>",
    f"\ufdd0<script>{RUN}</script>",
    f"<ScRiPt data-author>{RUN}</sCrIpT >",
    f"<script type='text/plain' data-author>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</style></p></div></template><script data-author>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f'" onfocus={RUN} autofocus tabindex=1 x="',
    f"<svg><script>{RUN}</script><animate attributeName=href values=javascript:{RUN} /></svg>",
    f'<a class="bait" href="javascript:{RUN}">bait</a>',
    f'<a class="bait" href="java&#9;script:{RUN}">bait</a>',
    f"[bait](javascript:{RUN})",
    f"javascript:{RUN}",
    f'<button type="button" class="bait" data-script="{RUN}">bait</button>',
    '<iframe srcdoc="<script>parent.attacked=1</script>"></iframe>',
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror={RUN}&gt;'>",
    f"<div id='parley-page'>{PAGE}</div>",
    "<div id='page'></div><div id='announcements'></div><form id='answer' action='//127.0.0.1:9/' class='bait-form'></form>",
    f"<link rel=preload as=script href=/nothing.js><base href='//127.0.0.1:9/'><meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
]


#: Not what leads to another page, where nothing could be seen any more.
PRESS = """() => {
    const runs = (address) => !/^https?:/i.test(address ?? "");
    document.addEventListener("submit", (event) => {
        if (!runs(event.submitter?.formAction || event.target.action)) event.preventDefault();
    }, true);
    for (const one of document.querySelectorAll(".bait")) if (runs(one.closest("a")?.href)) one.click();
}"""


def attacked(page: Page) -> object:
    """Whether anything ran, after everything that looks as if it could be pressed was pressed."""
    page.wait_for_load_state("networkidle")
    page.evaluate(PRESS)
    return page.evaluate("window.attacked ?? null")


def without_policy(route: Route) -> None:
    if route.request.resource_type != "document":
        route.continue_()
        return
    answer = route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name != "content-security-policy"}
    route.fulfill(response=answer, headers=headers)


@pytest.fixture
def visitor(context) -> Iterator[Page]:  # type: ignore[no-untyped-def]
    """A page without a policy: what the sanitiser lets through would run."""
    made = context.new_page()
    made.route("**/interview?*", without_policy)
    yield made
    made.unroute_all(behavior="ignoreErrors")


@pytest.mark.parametrize("text", PLANTED)
def test_an_argument_of_the_address(site: Site, visitor: Page, text: str) -> None:
    visitor.goto(site.url("attacks:planted.yml", f"&new_session=1&word={quote(text)}"))
    expect(visitor.locator("#own")).to_have_text("after")
    assert visitor.evaluate("window.own") == "ran"
    assert attacked(visitor) is None
    if "bait" not in text:
        visitor.get_by_role("button", name="Own").click()
        assert visitor.evaluate("window.pressed")


def test_what_was_typed_into_a_raw_field(site: Site, visitor: Page) -> None:
    visitor.goto(site.url("attacks:planted.yml", "&new_session=1"))
    visitor.get_by_label("Word").fill("".join(PLANTED))
    visitor.get_by_role("button", name="Continue").click()
    expect(visitor.locator("#own")).to_have_text("after")
    assert attacked(visitor) is None


def test_an_argument_of_an_action(site: Site, visitor: Page) -> None:
    visitor.goto(site.url("attacks:planted.yml", "&new_session=1&word=harmless"))
    expect(visitor.locator("#own")).to_have_text("after")
    action = json.dumps({"action": "said", "arguments": {"word": "".join(PLANTED)}})
    visitor.goto(site.url("attacks:planted.yml", "&action=" + base64.urlsafe_b64encode(action.encode()).decode()))
    # Typed into the address bar: no page of the interview made this link.
    visitor.get_by_role("button", name="Do it").click()
    expect(visitor.locator("#own")).to_have_text("after")
    assert attacked(visitor) is None


@pytest.mark.parametrize("by", ["", "&shout=1"], ids=["target", "flash"])
def test_what_a_check_in_brings(site: Site, visitor: Page, by: str) -> None:
    visitor.goto(site.url("attacks:planted.yml", f"&new_session=1&word=harmless{by}"))
    box = visitor.locator("#answer input[type=text]").first
    box.fill("<b class='there'>there</b>" + "".join(PLANTED))
    box.blur()
    expect(visitor.locator("b.there").first).to_be_visible()
    assert attacked(visitor) is None
