"""Text that somebody else wrote becomes a script where a page has no text of its own: choices, buttons, titles, tables, messages, the parts
of a mail, the name of a file.
"""

from __future__ import annotations

import base64
import json
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bench.system import Running, embedded
from tests.attacks.web.conftest import PACKAGES
from tests.attacks.web.test_script_in_a_text import PLANTED, RUN, attacked, without_policy

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

HOME = "attacks:everywhere.yml"
MORE = [
    f"data:text/html,<script>{RUN}</script>",
    f"[bait](data:text/html;base64,{base64.b64encode(f'<script>opener.{RUN}</script>'.encode()).decode()})",
    f'<a class=bait href="data:text/html,<script>opener.{RUN}</script>" target=_blank>bait</a>',
    f"<form><button class=bait formaction=javascript:{RUN}>x</button></form>",
    f'<object data=\'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"/>\'></object><embed src=javascript:{RUN}>',
    f"<svg><use href=\"data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><script>{RUN}</script></svg>#x\"/></svg>",
    f"<details open ontoggle={RUN}><summary>x</summary></details><video src=x onerror={RUN}></video><input autofocus onfocus={RUN}>",
    f"<template shadowrootmode=open><script>{RUN}</script></template><slot onslotchange={RUN}></slot>",
    f':image: [FILE javascript:{RUN}] [YOUTUBE "onload={RUN}] [QR javascript:{RUN}] [EMOJI <script>{RUN}</script>]',
    f"${{ __import__('os') }} %% <% {RUN} %> {{{{ {RUN} }}}} ${{{RUN}}}",
]
EVERYTHING = "".join(PLANTED + MORE)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with embedded(PACKAGES) as made:
        yield made


@pytest.fixture
def visitor(context: BrowserContext) -> Iterator[Page]:
    made = context.new_page()
    made.route("**/interview?*", without_policy)
    yield made
    made.unroute_all(behavior="ignoreErrors")


def at(running: Running, parameters: str) -> str:
    return f"{running.url}/interview?i={HOME}{parameters}"


#: What another file tries one by one, a few at once.
FEW = [" ".join(PLANTED[at : at + 5]) for at in range(0, len(PLANTED), 5)]


@pytest.mark.parametrize("text", [*FEW, *MORE], ids=range(len(FEW) + len(MORE)))
def test_in_every_place(running: Running, visitor: Page, text: str) -> None:
    visitor.goto(at(running, f"&new_session=1&word={quote(text)}"))
    expect(visitor.get_by_label("Number")).to_be_attached()
    assert attacked(visitor) is None


def test_no_text_is_a_template(running: Running) -> None:
    for text in (
        "${ 6 * 7 }",
        "{{ 6 * 7 }}",
        "<%! x = 6 * 7 %>${ x }",
        "% if True:\n${ 6 * 7 }\n% endif",
        "{% print(6 * 7) %}",
    ):
        with urlopen(f"{at(running, '')}&json=1&new_session=1&word={quote(text)}") as answer:
            found = answer.read().decode()
        screen = json.loads(found)["screen"]
        assert screen["question"].strip() == text
        assert screen["fields"][0]["choices"][0]["label"] == text
        assert "42" not in screen["subquestion"]


def test_in_what_is_said_and_in_a_message(running: Running, visitor: Page) -> None:
    visitor.goto(at(running, f"&new_session=1&word={quote(EVERYTHING[:4000])}"))
    expect(visitor.get_by_label("Number")).to_be_attached()
    asked = base64.b64encode(json.dumps({"action": "said", "arguments": {}}).encode()).decode()
    visitor.goto(at(running, f"&action={quote(asked)}"))
    pressed = visitor.get_by_role("button", name="Do it")
    pressed.click()
    expect(pressed).to_have_count(0)  # what came of it is there: else nothing of it was looked at
    visitor.wait_for_load_state()
    assert attacked(visitor) is None


def test_in_a_mail_and_in_the_name_of_a_file(running: Running, visitor: Page) -> None:
    visitor.goto(at(running, "&new_session=1"))
    visitor.get_by_label("Word").fill("harmless")
    visitor.get_by_label("File").set_input_files(
        {"name": f"<img src=x onerror={RUN}>.svg", "mimeType": "image/svg+xml", "buffer": picture()}
    )
    visitor.get_by_role("button", name="Continue").click()
    address = visitor.locator("#address").inner_text()
    assert attacked(visitor) is None
    with smtplib.SMTP("127.0.0.1", int(running.environment["PARLEY_SMTP_PORT"])) as server:
        server.sendmail("planted@example.com", [address], a_mail(address).as_bytes())

    def came() -> bool:
        visitor.goto(at(running, ""))
        return visitor.locator("b.mail").count() > 0

    for _ in range(60):
        if came():
            break
        visitor.wait_for_timeout(500)
    expect(visitor.locator("b.mail")).to_have_count(1)
    assert attacked(visitor) is None
    for link in visitor.locator("a[href*='/uploadedfile/']").all():
        answer = visitor.request.get(f"{running.url}{link.get_attribute('href')}")
        assert "sandbox" in answer.headers["content-security-policy"]
        plain = answer.headers["content-type"].startswith("text/plain")
        assert plain or answer.headers["content-disposition"].startswith("attachment")


def picture() -> bytes:
    return f"<svg xmlns='http://www.w3.org/2000/svg' onload='{RUN}'><script>{RUN}</script></svg>".encode()


def a_mail(to: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = f'"<img src=x onerror={RUN}>" <planted@example.com>'
    message["To"], message["Subject"] = to, f"<img src=x onerror={RUN}><script>{RUN}</script>"
    message.set_content(EVERYTHING)
    message.add_alternative(f"<html><body>{EVERYTHING}</body></html>", subtype="html")
    message.add_attachment(picture(), maintype="image", subtype="svg+xml", filename=f"<script>{RUN}</script>.svg")
    message.add_attachment(f"<script>{RUN}</script>".encode(), maintype="text", subtype="html", filename="x.html")
    return message
