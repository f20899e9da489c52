"""Steps of one session that meet: a short one is waited for, since its child is worth more than a fresh one. Counted in processes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from shared.contract import typed
from shared.contract.effects import StartTask
from shared.contract.outcome import StepResult
from shared.engine.request import Answer, Request, Shown
from shared.runner import crew
from shared.runner.crew import Crew
from shared.runner.forked import Child
from shared.runner.pool import ProcessPool
from shared.runner.ports import Limits
from tests.helpers.outside import Nothing
from tests.helpers.waiting import eventually

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 1, 15, tzinfo=UTC)


class Slow(Nothing):
    """A step that asks how far its task is hears nothing before `go`."""

    def __init__(self) -> None:
        self.asked, self.go = threading.Event(), threading.Event()

    def task(self, task_id: str, wait: float | None) -> Mapping[str, Any]:
        self.asked.set()
        assert self.go.wait(20)
        return {"status": "queued"}


@pytest.fixture
def pool() -> Iterator[ProcessPool]:
    made = ProcessPool(roots=[ROOT], stock=False)
    yield made
    made.close()


def step(
    pool: ProcessPool, state: bytes | None, request: Request, host: Nothing, *, session: str | None = "one"
) -> StepResult:
    done = pool.step("demos:background.yml", state, request, host=host, limits=Limits(), session=session)
    assert done.failure is None, done.failure
    return done


def waiting(pool: ProcessPool) -> bytes:
    """A session that waits for its task."""
    asked = step(pool, None, Request(now=NOW, seed=1), Nothing())
    assert asked.screen is not None
    shown = Shown(**typed.from_json(asked.screen.shown))
    answer = Request(now=NOW, seed=2, answer=Answer(shown=shown, values={"addend": "2"}))
    done = step(pool, asked.state, answer, Nothing())
    assert any(isinstance(effect, StartTask) for effect in done.effects)
    assert done.state is not None
    return done.state


def looks(pool: ProcessPool, state: bytes, host: Nothing) -> Callable[[], None]:
    """Somebody looks at the page meanwhile. What is returned waits until it is shown."""
    thread = threading.Thread(target=step, args=(pool, state, Request(now=NOW, seed=3), host))
    thread.start()
    return thread.join


def test_a_step_waits_a_moment_for_the_child_of_its_session(pool: ProcessPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "MOMENT", 20.0)
    met = threading.Event()
    soon = pool._crew.soon

    def noted(*args: Any, **named: Any) -> float:
        found = soon(*args, **named)
        if found > 0:
            met.set()
        return found

    monkeypatch.setattr(pool._crew, "soon", noted)
    state, host = waiting(pool), Slow()
    first = looks(pool, state, host)
    assert host.asked.wait(20)
    second = looks(pool, state, Nothing())
    assert met.wait(20)
    host.go.set()
    first()
    second()
    assert pool.stats()["forked"] == 1


def test_nobody_waits_for_a_step_that_takes_long(pool: ProcessPool) -> None:
    state, host = waiting(pool), Slow()
    first = looks(pool, state, host)
    assert host.asked.wait(20)
    looks(pool, state, Nothing())()  # while the first is still at work
    assert pool.stats()["forked"] == 2
    host.go.set()
    first()


class _Template:
    interview = "demos:background.yml"


def _at_work(made: Crew, template: Any, need: crew.Need) -> Child:
    child = Child(template, 1, None, memory=need.memory)  # type: ignore[arg-type]  # nothing is said to it
    made.lend(child, need)
    return child


def test_one_who_waited_a_moment_waits_no_longer_though_others_went_before() -> None:
    made, template = Crew(most=4), _Template()
    need = crew.Need(interview="demos:background.yml", memory=1, session="one")
    other = crew.Need(interview="demos:background.yml", memory=1, session="two")
    _at_work(made, template, need)
    assert 0 < made.soon(template, need, waited=0.0) <= crew.MOMENT  # type: ignore[arg-type]
    assert made.soon(template, need, waited=crew.MOMENT) == 0  # type: ignore[arg-type]
    assert made.soon(template, other, waited=0.0) == 0  # type: ignore[arg-type]


def test_nobody_waits_for_the_end_of_a_child_that_worked_for_one_step(
    pool: ProcessPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[tuple[str, int]] = []
    end = Child.end

    def noted(child: Child, *, gone: bool = False) -> tuple[int | None, bool]:
        ended.append((threading.current_thread().name, child.pid))
        return end(child, gone=gone)

    monkeypatch.setattr(Child, "end", noted)
    step(pool, None, Request(now=NOW, seed=1), Nothing(), session=None)
    eventually(lambda: bool(ended))
    ((thread, pid),) = ended
    assert thread == "runner-stock"
    eventually(lambda: not psutil.pid_exists(pid))
    assert pool.stats()["children"] == 0
