"""What children in stock have done before somebody needs them, and what nobody waits for. Counted in pages, not in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from shared.engine.request import Request
from shared.runner.pool import ProcessPool
from shared.runner.ports import Limits
from tests.helpers.outside import Nothing
from tests.helpers.waiting import eventually

ROOT = Path(__file__).parents[3]


@pytest.fixture
def pool() -> Iterator[ProcessPool]:
    made = ProcessPool(roots=[ROOT], max_children=1)
    yield made
    made.close()


def faults(pid: int) -> int:
    """Pages that the process has copied or been given (minflt of proc_pid_stat(5))."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[7])


def show(pool: ProcessPool, session: str) -> int:
    """The first screen of a session; the process that showed it."""
    request = Request(now=datetime(2026, 1, 15, tzinfo=UTC), seed=1)
    done = pool.step("demos:welcome.yml", None, request, host=Nothing(), limits=Limits(), session=session)
    assert done.screen is not None, done.failure
    (child,) = pool._crew.lent
    return child.pid


def at_rest(pid: int) -> bool:
    return psutil.Process(pid).status() == psutil.STATUS_SLEEPING


def test_a_child_in_stock_has_copied_what_every_step_writes_to(pool: ProcessPool) -> None:
    first = show(pool, "one")  # nothing was in stock: one was forked for it
    forked = faults(first)
    eventually(lambda: any(child.rehearsed for child in pool._crew.fresh))
    (waiting,) = (child.pid for child in pool._crew.fresh if child.rehearsed)
    eventually(lambda: faults(waiting) > forked * 0.7 and at_rest(waiting))
    before = faults(waiting)
    assert show(pool, "two") == waiting
    assert faults(waiting) - before < forked / 4
    eventually(lambda: any(child.rehearsed for child in pool._crew.fresh))


def test_who_makes_room_is_ended_when_nobody_waits_for_it(pool: ProcessPool) -> None:
    first = show(pool, "one")
    second = show(pool, "two")
    assert first != second
    eventually(lambda: not psutil.pid_exists(first))
    assert pool.stats()["children"] == 1
