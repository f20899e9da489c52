"""A response action that lost a race is put on top of what won it, and run again only where the two met."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from services.interview.change import Change, Run
from shared.contract.caller import NOBODY
from shared.contract.errors import Busy
from shared.contract.outcome import Flags, StepResult
from shared.state import codec
from shared.state.session import State
from shared.store.records import Commit, Session
from tests.unit.interview.test_unit_of_work import NOW, Bench


def state(**variables: object) -> bytes:
    return codec.encode(State(dict(variables), {}))


def response(session: Session) -> Change:
    return Change(run=Run(state=session.state, steps=0), carries=True, applied=lambda done: {"t": {"ok": True}})


class Answered(Bench):
    """Each time the step runs, somebody answers with `answers`, as often as there are any."""

    def __init__(self) -> None:
        super().__init__()
        assert self.store.sessions.commit("s", version=1, commit=Commit(now=NOW, state=state(n=1)))
        self.answers: list[dict[str, Any]] = []
        self.runner.before = self.answer

    def answer(self) -> None:
        if self.answers:
            found = self.stored()
            changed = {**codec.decode(found.state).variables, **self.answers.pop(0)}
            commit = Commit(now=NOW, state=state(**changed), fields={"title": "Asked"})
            assert self.store.sessions.commit("s", version=found.version, commit=commit)

    def variables(self) -> dict[str, Any]:
        return codec.decode(self.stored().state).variables


@pytest.fixture
def bench() -> Iterator[Answered]:
    made = Answered()
    yield made
    made.bus.close()
    made.store.close()


def test_what_was_answered_meanwhile_and_what_the_action_did_are_both_there_after_one_run(bench: Answered) -> None:
    bench.answers = [{"name": "Kim"}]
    bench.runner.results = [StepResult(save="overwrite", state=state(n=1, found=5), flags=Flags(multi_user=True))]
    done = bench.work.do(bench.stored(), response, NOBODY)
    assert (done.saved, bench.runner.runs) == (True, 1)
    assert bench.variables() == {"n": 1, "name": "Kim", "found": 5}
    assert (bench.stored().title, bench.stored().multi_user) == ("Asked", True)
    assert dict(bench.stored().applied) == {"t": {"ok": True}}


def test_where_both_changed_the_same_the_action_runs_again(bench: Answered) -> None:
    bench.answers = [{"n": 2}]
    bench.runner.results = [
        StepResult(save="overwrite", state=state(n=7)),
        StepResult(save="overwrite", state=state(n=8)),
    ]
    bench.work.do(bench.stored(), response, NOBODY)
    assert (bench.runner.runs, bench.variables()) == (2, {"n": 8})


def test_other_steps_are_run_again(bench: Answered) -> None:
    bench.answers = [{"name": "Kim"}]
    bench.runner.results = [
        StepResult(save="overwrite", state=state(n=1, found=5)),
        StepResult(save="overwrite", state=state(n=1, name="Kim", found=6)),
    ]
    bench.work.do(bench.stored(), lambda session: Change(run=Run(state=session.state, steps=0)), NOBODY)
    assert (bench.runner.runs, bench.variables()["found"]) == (2, 6)


def test_one_that_somebody_else_did_meanwhile_is_dropped(bench: Answered) -> None:
    bench.answers = [{"name": "Kim"}]
    bench.runner.results = [StepResult(save="overwrite", state=state(n=1, found=5))]
    done = bench.work.do(bench.stored(), lambda session: response(session) if session.version == 2 else None, NOBODY)
    assert (done.saved, bench.variables()) == (False, {"n": 1, "name": "Kim"})


def test_a_step_that_waits_for_a_task_comes_again_and_leaves_nothing(bench: Answered) -> None:
    bench.runner.results = [StepResult(save="ignore", waits="t2")]
    with pytest.raises(Busy, match="background task t2"):
        bench.work.do(bench.stored(), response, NOBODY)
    assert bench.variables() == {"n": 1}
