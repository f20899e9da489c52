"""One tick over 200 sessions of which some loop, raise, kill their child, or ask: the others are done, and the bad ones listed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.helpers.embedded import Embedded, until
from tests.helpers.hands import Hands
from tests.helpers.packs import COUNTING, write_pack

BEGIN = COUNTING + "event: cron_hourly\ncode: |\n"
ENDS = {
    "loops": "  n += 1\n  while True:\n    pass\n",
    "raises": "  n += 1\n  1/0\n",
    "kills": "  import os\n  os.kill(os.getpid(), 9)\n",
    "asks": "  n += 1\n  colour\n  response()\n---\nquestion: Colour?\nfields:\n  - Colour: colour\n",
    "older": "  n += 1\n",  # without response(): the logic goes on to a screen
    "good": "  n += 1\n  response()\n",
}
NUMBERS = {"loops": 3, "raises": 3, "kills": 3, "asks": 3, "older": 20, "good": 168}


@pytest.fixture
def hands() -> Hands:
    return Hands(datetime(2026, 1, 15, 12, 59, 50, tzinfo=UTC))


@pytest.fixture
def system(tmp_path: Path, hands: Hands) -> Iterator[Embedded]:
    write_pack(tmp_path, "many", {name: BEGIN + end for name, end in ENDS.items()})
    running = Embedded(tmp_path / "var", packages=tmp_path, clock=hands, given={"cron_seconds": 3.0})
    yield running
    running.stop()


@pytest.mark.timeout(240)
def test_the_good_are_done_and_the_bad_are_listed(system: Embedded, hands: Hands) -> None:
    store = system.system.store
    sessions: dict[str, list[str]] = {}
    for name, number in NUMBERS.items():
        sessions[name] = [system.visit(f"many:{name}.yml").session for _ in range(number)]
    hands.now += timedelta(seconds=20)
    system.system._clock.look()

    def ticked(name: str, outcome: str) -> bool:
        marks = [store.ticks.get(session, "cron_hourly") for session in sessions[name]]
        return all(mark is not None and mark.outcome == outcome for mark in marks)

    for name in ("good", "older"):
        until(lambda name=name: ticked(name, "ran"), f"{name}: not all ran", seconds=60)
    for name, outcome in {"asks": "asked", "raises": "failed", "kills": "failed", "loops": "failed"}.items():
        until(lambda name=name, outcome=outcome: ticked(name, outcome), f"{name}: not all {outcome}", seconds=60)
    failing = store.ticks.failing("cron_hourly")
    assert {mark.session for mark in failing} == {
        one for name in ("loops", "raises", "kills", "asks") for one in sessions[name]
    }
    assert all(mark.error["block"] and mark.error["line"] for mark in failing)
    until(lambda: not store.ledger.open(), "the tick does not end", seconds=60)
    (entry,) = store.ledger.page("cron_hourly").lines
    assert entry.counts == {"reached": 200, "changed": 191, "failed": 12, "left": 0}
    assert entry.outcome == "ran"
