"""What a child says is looked at before it is believed; its questions end in time and never with the service's own error."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest

from shared.contract.outcome import StepResult
from shared.runner import forms, replies
from shared.runner.forms import BadForm
from shared.runner.ports import Cancelled
from shared.runner.wire import MAX_FRAME, Timeout


class Host:
    """The service's side: tasks with the states they go through, one for each time they are looked at."""

    def __init__(self, *statuses: str) -> None:
        self.statuses = list(statuses)
        self.waits: list[float | None] = []
        self.raises: Exception | None = None
        self.content: bytes = b"content"

    def task(self, task_id: str, wait: float | None) -> Mapping[str, object]:
        self.waits.append(wait)
        return {"status": self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]}

    def file_read(self, number: int) -> bytes:
        if self.raises is not None:
            raise self.raises
        return self.content

    def file_info(self, number: int) -> Mapping[str, object] | None:
        return None


def later() -> float:
    return time.monotonic() + 3600


def nothing() -> None: ...


def answer(host: Host, ask: Any, *, until: float | None = None, look: Any = nothing) -> dict[str, Any]:
    return replies.answer(host, ask, until=until or later(), look=look)  # type: ignore[arg-type]


def test_a_question_is_answered() -> None:
    assert answer(Host(), {"ask": "file_read", "arguments": [3]}) == {"answer": b"content"}
    assert answer(Host(), {"ask": "file_info", "arguments": [3]}) == {"answer": None}


@pytest.mark.parametrize(
    "ask",
    [
        {"ask": "close", "arguments": []},
        {"ask": "__class__", "arguments": []},
        {"ask": 3, "arguments": []},
        {"ask": "file_read"},
        {"ask": "file_read", "arguments": "3"},
        {"ask": "file_read", "arguments": []},
        {"ask": "file_read", "arguments": [3, 4]},
        {"ask": "file_read", "arguments": ["3"]},
        {"ask": "file_write", "arguments": ["a", "b", "text"]},
        {"ask": "task", "arguments": [None, 3.0]},
    ],
)
def test_what_is_no_question_ends_the_step(ask: Any) -> None:
    with pytest.raises(BadForm):
        answer(Host(), ask)


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (LookupError("no file 3"), {"error": "no file 3", "kind": "LookupError"}),
        (KeyError("x"), {"error": "'x'", "kind": "LookupError"}),
        (RuntimeError("away"), {"error": "RuntimeError: away", "kind": "RuntimeError"}),
    ],
)
def test_an_error_of_the_store_is_an_answer(raised: Exception, told: dict[str, str]) -> None:
    host = Host()
    host.raises = raised
    assert answer(host, {"ask": "file_read", "arguments": [3]}) == told


@pytest.mark.parametrize("raised", [Cancelled(), Timeout("over")])
def test_an_end_of_the_step_is_not_told_to_it(raised: Exception) -> None:
    host = Host()
    host.raises = raised
    with pytest.raises(type(raised)):
        answer(host, {"ask": "file_read", "arguments": [3]})


def test_a_file_that_does_not_fit_into_a_message_is_refused_with_its_size() -> None:
    class Large(bytes):
        def __len__(self) -> int:
            return MAX_FRAME

    host = Host()
    host.content = Large()
    assert answer(host, {"ask": "file_read", "arguments": [3]})["kind"] == "ValueError"


def test_a_task_is_looked_at_once_unless_it_is_waited_for() -> None:
    host = Host("running")
    assert answer(host, {"ask": "task", "arguments": ["t", None]}) == {"answer": {"status": "running"}}
    assert host.waits == [None]


def test_a_wait_goes_in_short_turns_between_which_the_service_looks_about() -> None:
    host, looks = Host("queued", "running", "done"), []
    told = answer(host, {"ask": "task", "arguments": ["t", 3600.0]}, look=lambda: looks.append(1))
    assert told == {"answer": {"status": "done"}}
    assert len(looks) == 2
    assert all(wait is not None and wait <= 1.0 for wait in host.waits)


def test_a_cancelled_step_stops_waiting() -> None:
    def cancelled() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        answer(Host("running"), {"ask": "task", "arguments": ["t", 3600.0]}, look=cancelled)


def test_no_wait_is_longer_than_its_step() -> None:
    with pytest.raises(Timeout):
        answer(Host("running"), {"ask": "task", "arguments": ["t", 3600.0]}, until=time.monotonic() - 1)


def test_an_end_that_is_one_is_read_and_says_of_which_sources() -> None:
    told = {"result": forms.write(StepResult(save="new", state=b"s", interview_digest="a lie"))}
    assert replies.done(told, "d1", None) == (StepResult(save="new", state=b"s", interview_digest="d1"), None)


@pytest.mark.parametrize(
    "reply", [{}, {"result": None}, {"result": {"save": "twice"}}, {"result": {"save": "new", "x": 1}}]
)
def test_an_end_that_is_none_is_refused(reply: dict[str, Any]) -> None:
    with pytest.raises(BadForm):
        replies.done(reply, "d1", None)
