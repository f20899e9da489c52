"""What children in stock have done before somebody needs them, and what nobody waits for. Counted in pages, not in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from shared.contract.outcome import StepResult
from shared.engine.request import Action, Request
from shared.runner.pool import ProcessPool
from shared.runner.ports import Limits
from shared.state.codec import encode_value
from tests.helpers.outside import Nothing
from tests.helpers.waiting import eventually

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.fixture
def pool() -> Iterator[ProcessPool]:
    made = ProcessPool(roots=[ROOT], max_children=1)
    yield made
    made.close()


def faults(pid: int) -> int:
    """Pages that the process has copied or been given (minflt of proc_pid_stat(5))."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[7])


def step(
    pool: ProcessPool, interview: str, state: bytes | None, request: Request, session: str
) -> tuple[StepResult, int]:
    """What came of it, and the process that did it."""
    done = pool.step(interview, state, request, host=Nothing(), limits=Limits(), session=session)
    assert done.failure is None
    (child,) = pool._crew.lent
    return done, child.pid


def show(pool: ProcessPool, session: str) -> int:
    """The first screen of a session; the process that showed it."""
    return step(pool, "demos:welcome.yml", None, Request(now=NOW, seed=1), session)[1]


def rehearsed(pool: ProcessPool, *, pages: float) -> int:
    """The process in stock that has been rehearsed, and copied at least so many pages by that."""
    eventually(lambda: any(child.rehearsed for child in pool._crew.fresh))
    (waiting,) = (child.pid for child in pool._crew.fresh if child.rehearsed)
    eventually(lambda: faults(waiting) > pages and at_rest(waiting))
    return waiting


def at_rest(pid: int) -> bool:
    return psutil.Process(pid).status() == psutil.STATUS_SLEEPING


def test_a_child_in_stock_has_copied_what_every_step_writes_to(pool: ProcessPool) -> None:
    first = show(pool, "one")  # nothing was in stock: one was forked for it
    forked = faults(first)
    waiting = rehearsed(pool, pages=forked * 0.7)
    before = faults(waiting)
    assert show(pool, "two") == waiting
    assert faults(waiting) - before < forked / 4
    eventually(lambda: any(child.rehearsed for child in pool._crew.fresh))


def test_a_background_action_finds_copied_what_every_one_writes_to(pool: ProcessPool) -> None:
    """Where the worker is a process apart, each has a child of its own, and so a first step."""
    interview = "demos:background.yml"
    asked, first = step(pool, interview, None, Request(now=NOW, seed=1), "one")
    forked = faults(first)
    waiting = rehearsed(pool, pages=forked * 0.7)
    before = faults(waiting)
    action = Action(name="add_numbers", encoded=encode_value({"addend": 2}))
    task = Request(now=NOW, seed=2, mode="background", task_id="t", action=action)
    done, worked = step(pool, interview, asked.state, task, "two")
    assert done.task is not None
    assert done.task.ok
    assert worked == waiting
    assert faults(waiting) - before < forked * 0.215


def test_who_makes_room_is_ended_when_nobody_waits_for_it(pool: ProcessPool) -> None:
    first = show(pool, "one")
    second = show(pool, "two")
    assert first != second
    eventually(lambda: not psutil.pid_exists(first))
    assert pool.stats()["children"] == 1


def test_a_fork_costs_the_template_few_pages(pool: ProcessPool) -> None:
    """All that it writes to between two forks is copied: it shares every page with the child that it has just forked."""
    for number in range(3):
        child = show(pool, f"before {number}")
    template = psutil.Process(child).ppid()
    rehearsed(pool, pages=1)
    before, forked = faults(template), 6
    for number in range(forked):
        show(pool, f"then {number}")
        rehearsed(pool, pages=1)
    assert (faults(template) - before) / forked < 290
