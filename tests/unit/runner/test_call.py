"""Calls into modules: what is made of answers, of children that end, of templates that are gone. The processes are the test's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from shared.contract.errors import Busy
from shared.runner import call as calls
from shared.runner import forked, isolation
from shared.runner.call import Called, CallError, CallPool, Failed
from shared.runner.handles import Template
from shared.runner.ports import Limits
from shared.runner.settings import Setup
from shared.runner.wire import Message, WireError
from tests.helpers.script import Script

LOADED: Message = {"digest": "", "events": [], "sources": []}
READY: Message = {"ready": {}}
ENDED: Message = {"status": -9, "ours": False}


class Loader:
    """Gives templates whose children say what the test has put into `children`, one list each."""

    children: list[list[Message]]
    templates: list[list[Message]]  #: what each template says
    heard: list[Script]
    open = True

    def __init__(self, setup: Setup, *, lender: object = None) -> None: ...

    def load(self, interview: str) -> Template:
        script = Script(LOADED, *Loader.templates.pop(0), open=True)
        made = Template(interview, script.wire, until=time.monotonic() + 60)
        made.script = script  # type: ignore[attr-defined]  # or the socket would be closed
        return made

    def close(self) -> None:
        Loader.open = False


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[CallPool]:
    Loader.children, Loader.templates, Loader.heard, Loader.open = [], [], [], True
    fork = Template.child

    def child(self: Template, *, memory: int) -> Any:
        made = fork(self, memory=memory)
        script = Script(*Loader.children.pop(0), open=not Loader.children and Loader.open)
        Loader.heard.append(script)
        made._wire = script.wire
        return made

    monkeypatch.setattr(calls, "Loader", Loader)
    monkeypatch.setattr(forked.secrets, "randbits", lambda bits: 6)  # the number of each call is one more
    monkeypatch.setattr(Template, "child", child)
    monkeypatch.setattr(isolation, "hide_memory", lambda: None)  # of this process, which others look at
    made = CallPool(roots=[], at_once=1, busy_seconds=0.01)
    yield made
    made.close()


def run(pool: CallPool, *says: Message, seconds: float = 30.0) -> Called:
    """One call, in a child that says so much."""
    Loader.templates.append([{"pid": 1}, ENDED])
    Loader.children.append([one if one is READY else {**one, "step": 7} for one in says])
    return pool.call("jobs", "work", args=[1], kwargs={"b": 2}, limits=Limits(seconds=seconds, memory=5))


def test_a_call_is_one_message_and_its_value_comes_back(pool: CallPool) -> None:
    assert run(pool, READY, {"value": {"sum": 3}}).value == {"sum": 3}
    assert Loader.heard[0].heard() == [
        {"module": "jobs", "function": "work", "args": [1], "kwargs": {"b": 2}, "seconds": 30.0, "step": 7}
    ]


def test_what_went_wrong_in_it_is_a_value(pool: CallPool) -> None:
    told = {"error": "raised", "message": "no", "type": "ValueError", "file": "a.py", "line": 3, "trace": "…"}
    assert run(pool, READY, {"failed": told}).failed == Failed(
        error=CallError.RAISED, message="no", type="ValueError", file="a.py", line=3, trace="…"
    )


@pytest.mark.parametrize("failed", ["a text", {"error": "made up"}, {}, 3])
def test_an_answer_that_is_none_counts_as_a_death(pool: CallPool, failed: Any) -> None:
    found = run(pool, READY, {"failed": failed}).failed
    assert found is not None
    assert found.error is CallError.DIED


def test_of_a_long_story_so_much_is_kept(pool: CallPool) -> None:
    told = {"error": "raised", "message": "m" * 9000, "trace": "t" * 90_000, "line": "no number"}
    found = run(pool, READY, {"failed": told}).failed
    assert found is not None
    assert (len(found.message), len(found.trace), found.line) == (2000, 8000, 0)


def test_a_question_is_told_that_there_is_nobody_to_ask(pool: CallPool) -> None:
    run(pool, READY, {"ask": "file_read", "arguments": [1]}, {"value": None})
    assert "no session" in Loader.heard[0].heard()[1]["error"]


def test_a_child_that_ends_in_the_middle_is_the_calls_failure(pool: CallPool) -> None:
    Loader.open = False
    found = run(pool, READY).failed
    assert found is not None
    assert found.error is CallError.DIED


def test_a_call_that_takes_too_long_is_ended(pool: CallPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_GRACE", 0.0)
    found = run(pool, READY, seconds=0.001).failed
    assert found is not None
    assert found.error is CallError.TIME_LIMIT


def test_a_child_that_does_not_get_ready_is_nobodys_failure(pool: CallPool) -> None:
    with pytest.raises(Busy, match="did not get ready"):
        run(pool, {"broken": "PermissionError"})


def test_a_template_that_is_gone_is_replaced_once(pool: CallPool, monkeypatch: pytest.MonkeyPatch) -> None:
    Loader.templates = [[{"pid": 1}, ENDED], [{"pid": 2}, ENDED]]
    Loader.children = [[READY, {"value": 1, "step": 7}]]
    fork, tried = Template.child, []

    def child(self: Template, *, memory: int) -> Any:
        tried.append(self)
        if len(tried) == 1:
            raise WireError("the other side closed")
        return fork(self, memory=memory)

    monkeypatch.setattr(Template, "child", child)
    assert pool.call("jobs", "work", args=[], kwargs={}, limits=Limits()).value == 1
    assert len(set(map(id, tried))) == 2


def test_no_room_for_a_process_means_later(pool: CallPool) -> None:
    Loader.templates = [[{"error": "Cannot allocate memory"}]]
    with pytest.raises(Busy, match="Cannot allocate memory"):
        pool.call("jobs", "work", args=[], kwargs={}, limits=Limits())


def test_arguments_that_cannot_travel_are_refused_before_anything_is_started(pool: CallPool) -> None:
    with pytest.raises(ValueError, match=r"jobs\.work are not plain"):
        pool.call("jobs", "work", args=[object()], kwargs={}, limits=Limits())
    assert Loader.heard == []


def test_more_calls_at_once_than_allowed_wait_and_then_go_away(pool: CallPool) -> None:
    pool._free.acquire()
    with pytest.raises(Busy, match="all processes for calls are busy"):
        pool.call("jobs", "work", args=[], kwargs={}, limits=Limits())
    pool._free.release()


def test_after_the_end_nothing_is_called(pool: CallPool) -> None:
    run(pool, READY, {"value": 1})
    pool.close()
    with pytest.raises(Busy, match="stopping"):
        run(pool, READY, {"value": 1})
