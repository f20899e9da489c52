"""The same thing is asked for again, but less and less often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from services.clock.sweeps import LONGEST_WAIT, Patience

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_waits_double_up_to_a_limit() -> None:
    patience = Patience()
    asked = [second for second in range(0, 4 * 3600, 5) if patience.due(["a"], START + timedelta(seconds=second))]
    waits = [later - earlier for earlier, later in pairwise(asked)]
    assert waits[:6] == [15, 30, 60, 120, 240, 480]
    assert set(waits[6:]) == {LONGEST_WAIT.total_seconds()}


def test_what_no_longer_waits_is_forgotten() -> None:
    patience = Patience()
    assert patience.due(["a", "b"], START) == ["a", "b"]
    assert patience.due(["b", "c"], START) == ["c"]
    assert len(patience) == 2
    assert patience.due(["a"], START) == ["a"]
    assert patience.due([], START) == []
    assert len(patience) == 0
