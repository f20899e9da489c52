"""A form on the AssemblyLine framework, from its first question to its document, in a browser.

The framework is no part of this repository: it runs where PARLEY_ASSEMBLYLINE names a folder that `parley packages add
docassemble.AssemblyLine --into FOLDER` has filled.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.conftest import ROOT, Site

FOLDER = os.environ.get("PARLEY_ASSEMBLYLINE", "")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not FOLDER, reason="PARLEY_ASSEMBLYLINE names no folder with docassemble.AssemblyLine"),
]

#: The first screen compiles and loads the framework.
SOON = 60_000

FORM = """
include:
  - docassemble.AssemblyLine:assembly_line.yml
---
metadata:
  title: A small claim
---
code: |
  signature_fields = ["users[0].signature"]
---
objects:
  - claim: ALDocument.using(title="Claim", filename="claim", enabled=True, has_addendum=False)
  - papers: ALDocumentBundle.using(elements=[claim], title="Your papers", filename="papers")
---
mandatory: True
code: |
  users.gather()
  other_parties.gather()
  trial_court
  seen_before_signing
  basic_questions_signature_flow
  users[0].signature
  at_the_end
---
question: Is all of this right?
subquestion: |
  ${ users[0] } against ${ other_parties[0] }, before ${ trial_court }
review:
  - Edit: trial_court_name
    button: The court is ${ trial_court_name }
continue button field: seen_before_signing
---
event: at_the_end
question: Your claim is made
subquestion: |
  ${ papers.download_list_html() }
---
attachment:
  variable name: claim[i]
  name: Claim
  filename: claim
  content: |
    ${ users[0] } claims from ${ other_parties[0] } before ${ trial_court }.

    ${ users[0].signature }
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("forms")
    questions = root / "claims" / "data" / "questions"
    questions.mkdir(parents=True)
    (questions / "claim.yml").write_text(FORM, "utf-8")
    running = Site(tmp_path_factory.mktemp("site"), PARLEY_PACKAGES=f"{FOLDER}:{root}:demos={ROOT / 'demos'}")
    yield running
    running.stop()


def answer(page: Page, heading: str | re.Pattern[str], *labels: str, button: str = "Next", **texts: str) -> None:
    """Wait for the screen, choose what has one of `labels`, fill in `texts` (underscores are spaces), and press `button`."""
    expect(page.locator("#heading")).to_have_text(heading, timeout=SOON)
    for label in labels:
        page.get_by_label(label, exact=True).check()
    for label, text in texts.items():
        page.get_by_role("textbox", name=re.compile(f"^{label.replace('_', ' ')}")).fill(text)
    page.locator("main").get_by_role("button", name=button, exact=True).click()


def test_a_form_is_filled_in_reviewed_signed_and_downloaded(served: Site, page: Page, tmp_path: Path) -> None:
    page.goto(served.url("claims:claim.yml", "&new_session=1"), timeout=SOON)
    answer(page, "What is your name?", First_name="Ann", Last_name="Berg")
    answer(page, "Is anyone else adding their name to this form with you?", "No")
    answer(page, "Is there someone on the other side of your dispute?", "Yes")
    answer(page, re.compile("Did you start this case"), "Starting a new case")
    answer(page, re.compile("Name of first"), "Person", First_name="Carl", Last_name="Dorn")
    answer(page, re.compile("Is there any other"), "No")
    answer(page, "What court is your case in?", Name="Court of Small Claims")
    expect(page.locator("main")).to_contain_text(
        "Ann Berg against Carl Dorn, before Court of Small Claims", timeout=SOON
    )
    answer(page, "Is all of this right?", button="Edit")
    answer(page, "What court is your case in?", Name="Court of Large Claims")
    expect(page.locator("main")).to_contain_text("The court is Court of Large Claims", timeout=SOON)
    answer(page, "Is all of this right?")
    answer(page, "Your documents are almost ready", "On this device")
    sign(page)
    expect(page.locator("#heading")).to_have_text("Your claim is made", timeout=SOON)
    with page.expect_download() as begun:
        page.get_by_role("link", name="Download Claim").click()
    begun.value.save_as(tmp_path / "claim.pdf")
    content = (tmp_path / "claim.pdf").read_bytes()
    assert content.startswith(b"%PDF")


def sign(page: Page) -> None:
    canvas = page.locator("main canvas").first
    expect(canvas).to_be_visible(timeout=SOON)
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 80, box["y"] + 60)
    page.mouse.move(box["x"] + 120, box["y"] + 20)
    page.mouse.up()
    page.locator("main").get_by_role("button", name="Next", exact=True).click()
