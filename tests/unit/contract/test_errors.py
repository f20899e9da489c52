"""The tree of errors: each class says what it is, and comes back from a journey as itself."""

from __future__ import annotations

import msgspec
import pytest

from shared.contract import errors
from shared.contract.errors import Again, CallFailed
from shared.contract.outcome import Failure

FAILURE = Failure(type="ZeroDivisionError", message="division by zero", file="a.yml", line=3, trail=("a", "b"))
PROBLEM = errors.ProblemPlace(file="a.yml", block="Question_0", line=2, message="unknown key", hint="did you mean x?")


def travelled(error: BaseException) -> CallFailed:
    return errors.from_wire(msgspec.json.decode(msgspec.json.encode(errors.to_wire(error)), type=errors.Wire))


@pytest.mark.parametrize("kind", sorted(errors.KINDS))
def test_each_comes_back_as_itself(kind: str) -> None:
    cls = errors.KINDS[kind]
    back = travelled(cls("why"))
    assert (type(back), back.kind, str(back)) == (cls, kind, "why")


def test_what_an_error_knows_travels_with_it() -> None:
    interview = travelled(errors.BadInterview("bad", [PROBLEM]))
    assert isinstance(interview, errors.BadInterview)
    assert interview.problems == (PROBLEM,)
    slow = travelled(errors.TimeLimit("slow", FAILURE))
    assert isinstance(slow, errors.TimeLimit)
    assert slow.failure == FAILURE


def test_one_of_a_newer_version_is_kept_as_what_it_called_itself() -> None:
    back = errors.from_wire(errors.Wire("QuotaExceeded", "too much"))
    assert (type(back), back.kind, back.again, back.status) == (errors.Unknown, "QuotaExceeded", Again.COUNTED, 500)


@pytest.mark.parametrize("data", [{"failure": 3}, {"failure": {"type": 1}}, {"other": []}])
def test_data_of_another_form_is_left_out(data: dict[str, object]) -> None:
    back = errors.from_wire(errors.Wire("Failed", "why", data))
    assert isinstance(back, errors.StepFailed)
    assert back.failure is None


def test_an_error_of_anybody_else_is_told_by_its_class_only() -> None:
    assert errors.to_wire(KeyError("x")) == errors.Wire("KeyError", "'x'")


@pytest.mark.parametrize("kind", sorted(errors.KINDS))
def test_what_passes_by_itself_says_when_and_is_no_attempt(kind: str) -> None:
    cls = errors.KINDS[kind]
    passes = issubclass(cls, errors.Unavailable | errors.ChildKilled)
    assert (cls.retry_after is not None) == (cls.again is Again.LATER) == passes
    assert 400 <= cls.status < 600
