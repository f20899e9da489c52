"""The one loop around a change: races, repeats, bounds. The store, the runner and the clock are the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.interview import requests, seen
from services.interview.change import Change, Run
from services.interview.others import Others
from services.interview.unit_of_work import RACES, UnitOfWork
from shared.bus.inprocess import InProcessBus
from shared.contract.caller import NOBODY, Caller
from shared.contract.effects import SendMail
from shared.contract.errors import Again, BadValue, Busy, NoSession, Refused, StepFailed, StoreUnavailable
from shared.contract.outcome import Failure, StepResult
from shared.contract.tasks import TaskStatus
from shared.runner.ports import Limits
from shared.state.codec import encode_value
from shared.store.ports import DuplicateId, StoreError, TooLarge
from shared.store.records import Commit, OutboxEntry, Session, Task
from tests.helpers.memory import memory_store

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


class Runner:
    """Gives what it is told to give; `before` happens while the step runs."""

    def __init__(self) -> None:
        self.results: list[StepResult | Exception] = []
        self.before: Any = lambda: None
        self.runs = 0
        self.host: Any = None

    def forget(self, session: str) -> None:
        pass

    def step(self, interview: str, state: bytes | None, request: Any, **ports: Any) -> StepResult:
        self.runs += 1
        self.host = ports.get("host")
        self.before()
        result = self.results[min(self.runs, len(self.results)) - 1]
        if isinstance(result, Exception):
            raise result
        return result

    def close(self) -> None: ...


class Bench:
    def __init__(self) -> None:
        self.store = memory_store()
        self.bus = InProcessBus()
        self.runner = Runner()
        self.slept: list[float] = []
        self.work = UnitOfWork(
            store=self.store,
            bus=self.bus,
            runner=self.runner,
            clock=lambda: NOW,
            limits=Limits(),
            config={},
            sleep=self.slept.append,
        )
        self.store.sessions.create(
            Session(
                id="s", version=1, interview="demos:a.yml", state=encode_value(0), step=0, secret=b"k",
                created=NOW, modified=NOW, accessed=NOW,
            )
        )  # fmt: skip

    def stored(self) -> Session:
        found = self.store.sessions.load("s")
        assert found is not None
        return found

    def somebody_else_saves(self) -> None:
        found = self.stored()
        other = UnitOfWork(
            store=self.store, bus=self.bus, runner=Runner(), clock=lambda: NOW, limits=Limits(), config={}
        )
        assert other.do(found, lambda session: Change(remember={"n": found.version}), NOBODY).saved


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.bus.close()
    made.store.close()


def test_a_lost_race_begins_again_with_the_fresh_state(bench: Bench) -> None:
    lost = iter([True, True, False])
    bench.runner.results = [StepResult(save="new", state=encode_value(1))]
    bench.runner.before = lambda: bench.somebody_else_saves() if next(lost) else None
    seen: list[int] = []

    def decide(session: Session) -> Change:
        seen.append(session.version)
        return requests.show(session)

    done = bench.work.do(bench.stored(), decide, NOBODY, request_id="r")
    assert (done.saved, done.session.version, bench.runner.runs) == (True, 4, 3)
    assert seen == [1, 2, 3]
    assert len(bench.slept) == 2, "losers do not all come back at once"


def test_who_always_loses_gives_up_and_may_come_again(bench: Bench) -> None:
    bench.runner.results = [StepResult(save="new", state=encode_value(1))]
    bench.runner.before = bench.somebody_else_saves
    with pytest.raises(Busy):
        bench.work.do(bench.stored(), requests.show, NOBODY, request_id="r")
    assert bench.runner.runs == RACES
    assert max(bench.slept) <= 0.1


def test_a_request_that_took_effect_is_not_run_again(bench: Bench) -> None:
    bench.runner.results = [StepResult(save="new", state=encode_value(1))]
    first = bench.work.do(bench.stored(), requests.show, NOBODY, request_id="r")
    again = bench.work.do(bench.stored(), requests.show, NOBODY, request_id="r")
    assert (first.saved, again.saved, again.result, bench.runner.runs) == (True, False, None, 1)


def test_a_decision_to_do_nothing_runs_nothing(bench: Bench) -> None:
    done = bench.work.do(bench.stored(), lambda session: None, NOBODY)
    assert (done.saved, done.result, bench.runner.runs) == (False, None, 0)


def test_what_ends_without_a_commit_is_about_the_newest_state(bench: Bench) -> None:
    old = bench.stored()
    bench.somebody_else_saves()
    bench.runner.results = [StepResult(save="ignore")]
    done = bench.work.do(old, requests.show, NOBODY, request_id="r", cached=True)
    assert (done.session.version, bench.runner.runs) == (2, 2)


def test_a_screen_that_shows_the_end_of_a_task_has_the_state_of_its_response(bench: Bench) -> None:
    task = Task(id="t", session="s", interview="demos:a.yml", action="a", arguments=b"", created=NOW)

    def response_is_saved_and_the_task_ends() -> None:
        if bench.runner.runs == 1:
            bench.somebody_else_saves()
            bench.store.tasks.add(task)
            bench.store.tasks.finish("t", lease=None, status=TaskStatus.DONE, result={}, now=NOW)
        bench.runner.host.task("t", None)

    bench.runner.before = response_is_saved_and_the_task_ends
    bench.runner.results = [StepResult(save="ignore")]
    done = bench.work.do(bench.stored(), requests.show, NOBODY)
    assert (done.session.version, bench.runner.runs) == (2, 2)


def test_a_task_that_goes_on_costs_no_second_look_at_the_session(bench: Bench) -> None:
    bench.runner.before = lambda: (bench.somebody_else_saves(), bench.runner.host.task("t", None))
    bench.runner.results = [StepResult(save="ignore")]
    done = bench.work.do(bench.stored(), requests.show, NOBODY)
    assert (done.session.version, bench.runner.runs) == (1, 1)


@pytest.mark.parametrize("error", [Busy("full"), StoreUnavailable("away"), StepFailed("x")])
def test_what_the_runner_raises_reaches_the_caller_and_changes_nothing(bench: Bench, error: Exception) -> None:
    bench.runner.results = [error]
    with pytest.raises(type(error)):
        bench.work.do(bench.stored(), requests.show, NOBODY, request_id="r")
    assert (bench.stored().version, dict(bench.stored().seen)) == (1, {})


def test_a_restart_that_cannot_begin_leaves_the_session_as_it_was(bench: Bench) -> None:
    bench.runner.results = [StepResult(save="ignore")]
    with pytest.raises(StepFailed, match="without a state"):
        bench.work.do(bench.stored(), requests.restart, NOBODY, request_id="r")
    assert bench.stored().version == 1


def test_an_effect_that_nobody_understands_waits_and_stops_no_other(bench: Bench) -> None:
    entries = (
        OutboxEntry(id="1", kind="SendPigeon", body={"to": "roof"}),
        OutboxEntry(id="2", kind="StartTask", body={"task_id": 7}),
        OutboxEntry(id="3", kind="StartTask", body={"task_id": "t", "action": "a", "arguments": b""}),
        OutboxEntry(id="4", kind="RevokeTask", body={"task_id": "x", "surprise": 1}),
        OutboxEntry(id="5", kind="NotifyBrowser", body={"event": "news", "data": {}}),
    )
    done = bench.work.do(bench.stored(), lambda session: Change(outbox=entries), NOBODY)
    assert [entry.id for entry in bench.stored().outbox] == ["1", "2", "4"]
    assert [entry.id for entry in done.session.outbox] == ["1", "2", "4"]
    assert [task.id for task in bench.store.tasks.of_session("s")] == ["t"]
    assert bench.work.publish(bench.stored()) is False
    assert len(bench.stored().outbox) == 3, "it never vanishes"


def test_a_session_with_such_an_effect_is_not_deleted_over_it(bench: Bench) -> None:
    pigeon = OutboxEntry(id="1", kind="SendPigeon", body={})
    bench.work.do(bench.stored(), lambda session: Change(outbox=(pigeon,)), NOBODY)
    bench.work.do(bench.stored(), requests.delete, NOBODY)
    assert [entry.kind for entry in bench.stored().outbox] == ["SendPigeon", "DeleteSession"]
    bench.store.sessions.publish_done("s", ["1"])
    assert bench.work.publish(bench.stored()) is True
    with pytest.raises(NoSession):
        bench.work.load("s", fresh=True)


def test_the_copy_kept_here_is_what_was_written(bench: Bench) -> None:
    bench.runner.results = [StepResult(save="new", state=encode_value(1))]
    done = bench.work.do(bench.stored(), requests.show, NOBODY, request_id="r")
    kept = bench.work.load("s")
    assert kept is done.session
    assert replace(kept, seen={}) == replace(bench.stored(), seen={})


def test_who_stood_still_until_it_was_forgotten_does_not_begin_again(bench: Bench) -> None:
    """Its request may have been repeated and done elsewhere meanwhile, and pushed out by newer ones of the same browser."""
    bench.runner.results = [StepResult(save="new", state=encode_value(1))]

    def much_happens() -> None:
        newer: dict[str, int] = {}
        for number in range(seen.OF_ONE):
            newer = seen.with_request(newer, NOBODY.client, f"n{number}", NOW)
        assert bench.store.sessions.commit("s", version=bench.stored().version, commit=Commit(now=NOW, seen=newer))

    bench.runner.before = much_happens
    with pytest.raises(Refused, match="cannot be told") as refused:
        bench.work.do(bench.stored(), requests.show, NOBODY, request_id="r")
    assert bench.runner.runs == 1
    assert refused.value.again is Again.NEVER, "nobody asks again by himself"


def test_an_action_that_is_none_is_refused_and_saves_nothing(bench: Bench) -> None:
    bench.runner.results = [StepResult(save="ignore", refused="there is no action '_da_nothing'")]
    with pytest.raises(BadValue, match="_da_nothing"):
        bench.work.do(bench.stored(), requests.show, NOBODY, request_id="r")
    assert bench.stored().version == 1


def test_an_action_that_was_refused_on_an_old_state_is_tried_on_the_new_one(bench: Bench) -> None:
    bench.runner.results = [StepResult(save="ignore", refused="no"), StepResult(save="new", state=encode_value(1))]
    old = bench.stored()
    bench.somebody_else_saves()
    bench.work.forget("s")
    assert bench.work.do(old, requests.show, NOBODY, request_id="r", cached=True).saved


class WritingRunner(Runner):
    """Each step writes a file into the session."""

    def step(self, interview: str, state: bytes | None, request: Any, **ports: Any) -> StepResult:
        ports["host"].file_write("letter.txt", "text/plain", b"Dear Sir")
        return super().step(interview, state, request, **ports)


@pytest.fixture
def writing(bench: Bench) -> Bench:
    bench.work = UnitOfWork(
        store=bench.store, bus=bench.bus, runner=(runner := WritingRunner()), clock=lambda: NOW, limits=Limits(), config={}
    )  # fmt: skip
    bench.runner = runner
    return bench


def test_a_state_that_is_not_kept_leaves_no_files(writing: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    writing.runner.results = [StepResult(save="new", state=encode_value("x" * 100))]
    monkeypatch.setattr("shared.store.checks.STATE_BYTES", 50)
    for _ in range(3):
        with pytest.raises(TooLarge):
            writing.work.do(writing.stored(), requests.show, NOBODY, request_id="r")
    assert list(writing.store.files.of_session("s")) == []


def test_who_begins_a_session_that_somebody_else_has_begun_leaves_no_files(writing: Bench) -> None:
    writing.runner.results = [StepResult(save="new", state=encode_value(1))]
    with pytest.raises(DuplicateId):
        writing.work.create("s", "demos:a.yml", NOBODY, lambda result, now: writing.stored())
    assert list(writing.store.files.of_session("s")) == []


def test_two_browsers_with_the_same_request_id_lose_no_effect(bench: Bench) -> None:
    mail = SendMail(mail_id="m", to=("a@example.com",), subject="", body="")
    bench.runner.results = [StepResult(save="new", state=encode_value(n), effects=(mail,)) for n in (1, 2)]
    bench.work.outbox.publish = lambda session, entries: set()  # type: ignore[method-assign]  # the broker is away
    for client in ("ann", "bob"):
        bench.work.do(bench.stored(), requests.show, Caller(client=client), request_id="r")
    first, second = bench.stored().outbox
    assert first.id != second.id, "taking out the first would take out the second"


def test_files_stay_with_a_state_that_was_saved_whatever_fails_then(
    writing: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing.runner.results = [StepResult(save="new", state=encode_value(1))]

    def fail(*given: object) -> None:
        raise StoreError("it was read while it was being written")

    monkeypatch.setattr(writing.work, "_left", fail)
    with pytest.raises(StoreError):
        writing.work.do(writing.stored(), requests.show, NOBODY, request_id="r")
    assert writing.stored().version == 2
    assert [info.filename for info in writing.store.files.of_session("s")] == ["letter.txt"]


# ------------------------------------------------------------------ what is said of how it ended


class Ends:
    """Notes what would be said."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, str | None]] = []

    def ended(self, work: Any, failure: Any, effects: Any = ()) -> None:
        self.noted.append((work.what, failure.type if failure else None))

    def broke(self, work: Any, error: Exception) -> None:
        self.noted.append((work.what, type(error).__name__))


@pytest.fixture
def ends(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Ends:
    made = Ends()
    monkeypatch.setattr(bench.work.steps, "_reports", made)
    return made


FAILED = StepResult(save="ignore", failure=Failure(type="KeyError", message="x"))
SAVED = StepResult(save="overwrite", state=encode_value(1))


def test_a_run_that_lost_a_race_never_happened_and_nothing_is_said_of_it(bench: Bench, ends: Ends) -> None:
    left = [bench.somebody_else_saves]
    bench.runner.before = lambda: left.pop()() if left else None
    bench.runner.results = [SAVED]
    bench.work.do(bench.stored(), requests.show, NOBODY)
    assert bench.runner.runs == 2
    assert ends.noted == [("step", None)]


def test_each_end_is_said_once(bench: Bench, ends: Ends) -> None:
    bench.runner.results = [FAILED, SAVED, StepFailed("x"), FAILED]
    bench.work.do(bench.stored(), requests.show, NOBODY)
    bench.work.do(bench.stored(), requests.show, NOBODY)
    with pytest.raises(StepFailed):
        bench.work.do(bench.stored(), requests.show, NOBODY)
    bench.work.steps.look(bench.stored(), requests.variables(bench.stored()), NOBODY)
    assert ends.noted == [("step", "KeyError"), ("step", None), ("step", "StepFailed"), ("step", "KeyError")]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (
            lambda session: requests.check_in(session, action="a", values={}, initial=False, changed=None, token=None),
            "check_in",
        ),
        (lambda session: Change(run=Run(state=session.state, steps=0, mode="cron")), "tick"),
        (lambda session: Change(run=Run(state=session.state, steps=0, mode="callback")), "response"),
        (lambda session: Change(run=Run(state=session.state, steps=0, mode="error_callback")), "response"),
    ],
)
def test_what_it_was_is_said(bench: Bench, ends: Ends, change: Any, what: str) -> None:
    bench.runner.results = [FAILED]
    bench.work.do(bench.stored(), change, NOBODY)
    assert ends.noted == [(what, "KeyError")]


def test_another_session_that_comes_to_no_question_says_why(bench: Bench) -> None:
    """An interview without a mandatory block, for one: `get_question_data()` tells what its step ended with."""
    failure = Failure(type="NoEndpoint", message="there is no mandatory block")
    bench.runner.results = [StepResult(save="ignore", failure=failure)]
    others = Others(bench.work, secret=b"", installed=lambda _: True)
    with pytest.raises(LookupError, match="shows no question now: there is no mandatory block"):
        others.question(bench.stored(), NOBODY)
