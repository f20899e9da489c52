"""A page left open on a waiting screen, while everything behind it is restarted and the network between goes away: it ends at the last screen."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from bench.system import Running, distributed, wait_for
from tests.helpers.packs import write_pack
from tests.helpers.proxy import Proxy

pytestmark = [pytest.mark.rabbitmq, pytest.mark.mongodb, pytest.mark.browser, pytest.mark.timeout(400)]

INTERVIEW = """
mandatory: True
question: Begin?
continue button field: begun
---
mandatory: True
code: |
  if not task.ready():
    waiting
---
mandatory: True
question: It is ${ task.get() }
---
code: |
  task = background_action('work', 'refresh')
---
event: waiting
question: Waiting
---
event: work
code: |
  import time
  time.sleep(SECONDS)
  background_response(42)
"""
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu"]
#: How long the network is away, and until then and after it what may take its time.
AWAY, SOON = 60.0, 90_000


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playing:
        browser = playing.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser.new_page()
        browser.close()


def write(folder: Path, seconds: int) -> None:
    write_pack(folder, "left", {"open": INTERVIEW.replace("SECONDS", str(seconds))})


def restarted(running: Running, service: str) -> None:
    (old,) = running.of(service)
    os.kill(old.pid, signal.SIGTERM)
    old.wait(20)
    running.processes = [one for one in running.processes if one[1] is not old]
    running.start(service, "start", service)
    if service == "gateway":
        wait_for(running.url + "/interview?i=demos:welcome.yml&json=1", running)
    else:
        time.sleep(2)


def begin(page: Page, url: str) -> None:
    page.goto(f"{url}/interview?i=left:open.yml")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("Waiting", timeout=SOON)


def ends(page: Page) -> None:
    expect(page.locator("#heading")).to_have_text("It is 42", timeout=SOON)


def test_everything_is_restarted_one_after_the_other(page: Page, tmp_path: Path) -> None:
    write(tmp_path, 12)
    broker = urlsplit(os.environ["AMQP_URI"])
    proxy = Proxy(broker.port or 5672, broker.hostname or "127.0.0.1")
    through = broker._replace(netloc=f"{broker.username}:{broker.password}@127.0.0.1:{proxy.port}").geturl()
    try:
        with distributed(tmp_path, AMQP_URI=through) as running:
            begin(page, running.url)
            for service in ("worker", "interview", "gateway"):
                restarted(running, service)
            proxy.refuse()
            time.sleep(3)
            proxy.accept()
            ends(page)
    finally:
        proxy.close()


def test_the_network_is_away_for_a_minute(page: Page, tmp_path: Path) -> None:
    write(tmp_path, 10)
    with distributed(tmp_path) as running:
        proxy = Proxy(urlsplit(running.url).port or 80)
        try:
            begin(page, f"http://127.0.0.1:{proxy.port}")
            proxy.refuse()
            time.sleep(AWAY)
            expect(page.locator("#heading")).to_have_text("Waiting")
            proxy.accept()
            ends(page)
        finally:
            proxy.close()
