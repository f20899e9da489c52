"""How many processes are forked for what goes on behind the screen (each costs what several answers do), in the embedded system."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.runner.pool import ProcessPool
from tests.helpers.embedded import Embedded, until

NOW = datetime(2026, 1, 15, tzinfo=UTC)
ROOT = Path(__file__).parents[3]


@pytest.fixture
def pool() -> Iterator[ProcessPool]:
    made = ProcessPool(roots=[ROOT], stock=False)
    yield made
    made.close()


def answered(system: Embedded, *, tasks: int) -> None:
    """One more session, until `tasks` background actions have ended. (A look at the page meanwhile would need a process, too.)"""
    visit = system.visit("demos:background-response-action.yml")
    visit.answer({"addend": 2})
    counts = system.system.store.overview.counts
    until(lambda: counts(now=NOW, queued_before=NOW, most=9).tasks["done"] == tasks, "the sum was not saved")
    assert "555" in visit.show()["question"]


def test_a_background_action_and_its_response_use_the_process_of_their_session(
    tmp_path: Path, pool: ProcessPool
) -> None:
    system = Embedded(tmp_path, runner=pool)
    try:
        answered(system, tasks=1)
        assert pool.stats()["forked"] == 1
        answered(system, tasks=2)
        assert pool.stats()["forked"] == 2, "one for the new session: its screens, the action and the response"
    finally:
        system.stop()
