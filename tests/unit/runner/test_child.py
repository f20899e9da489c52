"""What a child makes of the steps it is told to run: states, failures with their place, questions, modules. In this process."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bson import encode as bson_encode

from shared.contract.effects import DeleteSession, LogMessage
from shared.contract.outcome import StepResult
from shared.engine.outcome import Outcome
from shared.engine.request import Action, Request
from shared.language.code import compile_statements
from shared.language.model import Place
from shared.runner import alarm, forms
from shared.runner import child as child_module
from shared.runner.child import Child
from shared.runner.wire import Message
from shared.state import codec
from shared.state.codec import decode, encode, encode_value
from shared.state.delta import apply_cuts, apply_delta
from shared.state.session import State
from tests.helpers.script import Script

NOW = datetime(2026, 1, 15, tzinfo=UTC)
PLACE = Place(file="demos:a.yml", block="set it", number=2, line=7)

Run = Callable[[State, Request], Outcome]


class Engine:
    """Stands where `shared.runner.engine` stands: a step is a function of the test."""

    def __init__(self, run: Run, roots: tuple[str, ...] = ()) -> None:
        self._run = run
        self._roots = roots

    def run(self, loaded: object, state: State, request: Request) -> Outcome:
        return self._run(state, request)

    def place_of(self, loaded: object, name: str) -> Place | None:
        return PLACE if name == "broken" else None

    def files(self, loaded: object) -> Any:
        return SimpleNamespace()

    def module_roots(self, loaded: object) -> tuple[str, ...]:
        return self._roots


@pytest.fixture(autouse=True)
def output_is_given_back() -> Iterator[None]:
    before = sys.stdout
    yield
    sys.stdout = before


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many threads there are; whoever runs the tests may have some of its own."""
    count = [1]
    monkeypatch.setattr(child_module, "threading", SimpleNamespace(active_count=lambda: count[0]))
    return count


def a_step(state: bytes | None = None, **request: Any) -> Message:
    form = forms.write(Request(now=NOW, seed=1, **request))
    return {"state": state, "has": None if state is None else 7, "request": form, "seconds": 30.0, "step": 7}


def replies(run: Run, *messages: Message, roots: tuple[str, ...] = ()) -> list[Message]:
    script = Script(*messages)
    child = Child(script.wire, Engine(run, roots), None, memory=512 * 1024 * 1024)
    return script.play(child.serve)


def result(reply: Message) -> StepResult:
    return forms.read(StepResult, reply["result"])


def count(state: State, request: Request) -> Outcome:
    state.variables["n"] = state.variables.get("n", 0) + 1
    return Outcome(save="new")


def test_a_new_session_begins_empty_and_each_step_leads_back_to_the_one_before() -> None:
    (reply,) = replies(count, a_step())
    first = result(reply).state
    assert first is not None
    assert result(reply).reverse is None, "there is nothing before the first"
    (reply,) = replies(count, a_step(first))
    second, back = result(reply).state, result(reply).reverse
    assert second is not None
    assert back is not None
    assert decode(second).variables["n"] == 2
    assert apply_delta(second, back) == first


def test_a_state_it_made_is_taken_as_it_is_and_only_once(threads: list[int]) -> None:
    seen: list[object] = []

    def run(state: State, request: Request) -> Outcome:
        seen.append(state)
        state.variables["n"] = len(seen)
        return Outcome(save="overwrite")

    made = result(replies(run, a_step())[0]).state
    seen.clear()
    replies(run, a_step(), a_step(made) | {"step": 8}, a_step(made))
    assert seen[1] is seen[0], "nothing was decoded"
    assert seen[2] is not seen[0], "it had been changed since: decoded anew"


@pytest.mark.parametrize("size", [70, 140])
def test_a_step_on_a_large_state_decodes_nothing_and_encodes_what_it_could_touch(
    threads: list[int], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    rows = [{"number": n, "note": "x" * 1000} for n in range(size)]
    large = encode(State({"rows": rows, "n": 0}, {}))
    encoded: list[int] = []
    monkeypatch.setattr(codec, "bson_encode", lambda one: encoded.append(len(data := bson_encode(one))) or data)

    def run(state: State, request: Request) -> Outcome:
        encoded.clear()
        return count(state, request)

    first, second = (result(one) for one in replies(run, a_step(large), a_step(None) | {"has": 7, "step": 8}))
    assert encoded
    assert sum(encoded) < 1000
    assert first.change is not None
    assert second.change is not None
    there, known = apply_cuts(large, first.change)
    assert decode(apply_cuts(there, second.change, known)[0]).variables == {"rows": rows, "n": 2}


def test_a_state_that_it_has_not_is_asked_for() -> None:
    made = result(replies(count, a_step())[0]).state
    assert made is not None
    asked, reply = replies(count, {**a_step(made), "state": None}, {"state": made})
    assert asked == {"ask": "state", "arguments": [], "step": 7}
    new = result(reply).state
    assert new is not None
    assert decode(new).variables["n"] == 2
    assert reply["step"] == 7, "every message says which step it is of"


def test_what_is_not_to_be_saved_brings_no_state() -> None:
    def run(state: State, request: Request) -> Outcome:
        state.variables["n"] = 1
        return Outcome(save="ignore")

    (reply,) = replies(run, a_step())
    assert result(reply).state is None


@pytest.mark.parametrize(
    ("raised", "kind", "message"),
    [
        (ZeroDivisionError("division by zero"), "ZeroDivisionError", "division by zero"),
        (SystemExit(3), "SystemExit", "3"),
        (KeyboardInterrupt(), "KeyboardInterrupt", ""),
    ],
)
def test_whatever_escapes_the_engine_is_the_steps_failure(raised: BaseException, kind: str, message: str) -> None:
    def run(state: State, request: Request) -> Outcome:
        raise raised

    first, second = replies(run, a_step(), a_step())
    failure = result(first).failure
    assert failure is not None
    assert (failure.type, failure.message) == (kind, message)
    assert "in run" in failure.trace, "no line of an interview: the trace is for whoever runs this"
    assert result(second).failure is not None, "it goes on serving"


def test_a_failure_in_an_interviews_line_names_it() -> None:
    code = compile_statements("x = 1\n1 / 0", PLACE)[0]

    def run(state: State, request: Request) -> Outcome:
        exec(code.compiled)
        return Outcome(save="new")

    (reply,) = replies(run, a_step())
    failure = result(reply).failure
    assert failure is not None
    assert (failure.file, failure.block, failure.line) == (PLACE.file, PLACE.block, PLACE.line + 1)
    assert failure.trace == "", "the author is shown the line"


def test_time_that_is_over_is_told_apart() -> None:
    def run(state: State, request: Request) -> Outcome:
        raise alarm.Rang("it ran longer than the 30 seconds allowed")

    (reply,) = replies(run, a_step())
    assert reply["over"] == "time"
    failure = result(reply).failure
    assert failure is not None
    assert failure.type == "TimeLimit"


def test_memory_that_is_used_up_ends_the_child_after_this_step() -> None:
    def run(state: State, request: Request) -> Outcome:
        raise MemoryError

    (reply,) = replies(run, a_step())
    assert reply["retire"] is True
    failure = result(reply).failure
    assert failure is not None
    assert failure.message == "the interview's code needs more memory than the 512 MB allowed"


def test_a_state_that_cannot_be_kept_fails_with_the_place_of_its_variable_and_keeps_what_was_said() -> None:
    def run(state: State, request: Request) -> Outcome:
        state.variables["broken"] = object()
        return Outcome(save="new", effects=(LogMessage(message="hello"), DeleteSession()))

    (reply,) = replies(run, a_step())
    made = result(reply)
    assert made.state is None
    assert made.failure is not None
    assert (made.failure.file, made.failure.block, made.failure.line) == (PLACE.file, PLACE.block, PLACE.line)
    assert made.effects == (LogMessage(message="hello"),), "nothing is done for a step that came to nothing"


def test_a_tasks_arguments_arrive_decoded() -> None:
    given: list[object] = []

    def run(state: State, request: Request) -> Outcome:
        assert request.action is not None
        given.append((request.action.arguments, request.action.encoded))
        return Outcome(save="ignore")

    for encoded in ({"n": 1}, ["no", "dict"]):
        replies(run, a_step(action=Action(name="work", encoded=encode_value(encoded))))
    assert given == [({"n": 1}, None), ({}, None)]


def test_a_question_of_the_step_goes_out_and_its_answer_comes_in() -> None:
    read: list[bytes] = []

    def run(state: State, request: Request) -> Outcome:
        assert request.files is not None
        read.append(request.files.read(3))
        return Outcome(save="ignore")

    asked, reply = replies(run, a_step(), {"answer": b"content"})
    assert asked == {"ask": "file_read", "arguments": [3], "step": 7}
    assert result(reply).failure is None
    assert read == [b"content"]


def test_modules_of_the_author_are_told_once_they_are_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "parley_test_lemon.py").write_text("x = 1")
    monkeypatch.syspath_prepend(tmp_path)

    def run(state: State, request: Request) -> Outcome:
        importlib.import_module("parley_test_lemon")
        return Outcome(save="ignore")

    try:
        first, second = replies(run, a_step(), a_step(), roots=(str(tmp_path),))
    finally:
        sys.modules.pop("parley_test_lemon", None)
    assert first["modules"] == [str(tmp_path / "parley_test_lemon.py")]
    assert "modules" not in second


def test_nothing_is_kept_beside_a_thread_that_code_left_running(threads: list[int]) -> None:
    seen: list[object] = []

    def run(state: State, request: Request) -> Outcome:
        seen.append(state)
        state.variables["n"] = 1
        threads[0] = 2
        return Outcome(save="overwrite")

    made = result(replies(run, a_step())[0]).state
    seen.clear()
    replies(run, a_step(), a_step(made))
    assert seen[1] is not seen[0], "the thread could have changed it"
