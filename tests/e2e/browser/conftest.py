"""The running site, the browser, and pages that fail their test when a script on them fails."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

HERE = Path(__file__).parent
ROOT = HERE.parents[2]

# What is expected comes or does not; how soon, on a machine that does other things as well, is not what these tests are about.
expect.set_options(timeout=20_000)


class Site:
    """`parley run` on a free port. `url(interview)` is the address of an interview of the test package or the demos."""

    def __init__(self, var: Path, *arguments: str, **environ: str) -> None:
        command = [
            sys.executable,
            "-m",
            "services.cli.main",
            "run",
            "--port",
            "0",
            "--smtp-port",
            "0",
            "--var",
            str(var),
            *arguments,
        ]
        environment = {
            **os.environ,
            "PARLEY_PACKAGES": f"{HERE / 'packages'}:demos={ROOT / 'demos'}",
            "PYTHONUNBUFFERED": "1",
            **environ,
        }
        self.var = var
        self.log = (var / "log").open("w+")
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://[^/\s]+", line)
        if found is None:
            self.log.seek(0)
            raise RuntimeError(f"parley run did not start: {line}{self.log.read()}")
        self.address = found.group(0)

    def url(self, interview: str, parameters: str = "") -> str:
        name = interview if ":" in interview else f"pages:{interview}.yml"
        return f"{self.address}/interview?i={name}{parameters}"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(15)
        self.log.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    running = Site(tmp_path_factory.mktemp("site"))
    yield running
    running.stop()


def watch(page: Page) -> list[str]:
    """What goes wrong on a page: script errors, and what the content security policy refuses."""
    wrong: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # Answers of 4xx are what some tests are about; the browser reports them as errors.
        expected = ("the server responded with a status of 4", "net::ERR_FAILED")  # the second is what a test cuts
        if message.type == "error" and not any(text in message.text for text in expected):
            wrong.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return wrong


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    made = chromium.new_context(viewport={"width": 1100, "height": 900}, reduced_motion="reduce")
    made.set_default_timeout(30_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    opened = context.new_page()
    wrong = watch(opened)
    yield opened
    assert wrong == []


@pytest.fixture
def plain_page(chromium: Browser) -> Iterator[Page]:
    """A browser without script."""
    made = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    made.set_default_timeout(30_000)
    yield made.new_page()
    made.close()


def heading(page: Page) -> str:
    return page.locator("#heading").inner_text().strip()
