"""What every tier of tests shares: which tests need a server, and saying plainly which were left out.

``make test`` runs everything. A test marked `rabbitmq` or `mongodb` runs where ``AMQP_URI`` / ``MONGO_URI`` name a server, a
`browser` test where Debian's Chromium is installed, a `corpus` test where the scripts of the corpus are (tests/corpus.py);
otherwise it is left out, and the summary says so.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

from tests import corpus

# Machines that run tests are shared and noisy: how long an example takes says nothing. CI tries the same examples every
# time, so that what fails there is what the change broke; at the desk they are new ones each time.
settings.register_profile(
    "parley", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("parley")

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
