"""What every tier of tests shares: which tests need a server, and saying plainly which were left out.

``make test`` runs everything. A test marked `rabbitmq` or `mongodb` runs where ``AMQP_URI`` / ``MONGO_URI`` name a server, a
`browser` test where Debian's Chromium is installed, a `corpus` test where the scripts of the corpus are (tests/corpus.py);
otherwise it is left out, and the summary says so.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings

from services import logs
from tests import corpus
from tests.helpers.examples import TIMES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Machines that run tests are shared and noisy: how long an example takes says nothing. The same examples are tried every time,
# so that what fails is what a change broke, and one that fails is printed as it was found: making it smaller may take five
# minutes in a test of a whole system. `pytest --hypothesis-profile search FILE` looks for new examples, and makes them small.
settings.register_profile("common", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile(
    "parley",
    settings.get_profile("common"),
    derandomize=True,
    max_examples=50 * TIMES,
    phases=[phase for phase in Phase if phase not in (Phase.shrink, Phase.explain)],
)
settings.register_profile("search", settings.get_profile("common"), max_examples=1000)
settings.load_profile("parley")


# What a test keeps where users keep theirs is kept elsewhere, and goes with the run: the home of whoever tests stays as it is.
_state = tempfile.TemporaryDirectory(prefix="parley-tests-state-")
os.environ["XDG_STATE_HOME"] = _state.name


#: What was logged that may do harm. The guard stays for all of a run: putting it up for each test would cost more than most of them.
_harmful: list[str] = []
_guard = logs.Guard(_harmful.append)
_guarded = [logging.getLogger(name) for name in logs.OURS]


@pytest.fixture(autouse=True)
def logs_say_nothing_that_may_do_harm() -> Iterator[None]:
    """Fails a test in which our code logged something that is no event, or with a field that is not known to be harmless."""
    for logger in _guarded:
        if _guard not in logger.handlers:
            logger.addHandler(_guard)
        if logger.level != logging.DEBUG:
            logger.setLevel(logging.DEBUG)
    _harmful.clear()
    yield
    assert _harmful == []


NEEDS = {
    "rabbitmq": (lambda: bool(os.environ.get("AMQP_URI")), "needs RabbitMQ: set AMQP_URI"),
    "mongodb": (lambda: bool(os.environ.get("MONGO_URI")), "needs MongoDB: set MONGO_URI"),
    "browser": (lambda: shutil.which("chromium") is not None, "needs Debian's chromium: apt-get install chromium"),
    "corpus": (
        lambda: corpus.tools() is not None,
        "needs the corpus scripts: set PARLEY_CORPUS_TOOLS",
    ),
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    missing = {name: why for name, (there, why) in NEEDS.items() if not there()}
    for item in items:
        for name, why in missing.items():
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=f"left out: {why}"))


def pytest_terminal_summary(terminalreporter, exitstatus: int, config: pytest.Config) -> None:
    left_out: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if "left out: " in reason:
            left_out[reason.partition("left out: ")[2]] += 1
    for why, number in sorted(left_out.items()):
        terminalreporter.write_line(f"Left out: {number} tests that {why.replace('needs', 'need', 1)}")


#: The last of them keep Chromium from calling its makers' hosts.
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One for all tests of a process: Playwright does not run twice in one."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  the unit tier needs none

    with sync_playwright() as playing:
        browser = playing.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()
