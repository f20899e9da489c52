"""Calls: what goes out comes back as JSON, and every way to fail is an error of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.bus.messages import BadMessage, BusUnavailable, CallFailed, CallTimeout
from shared.contract.errors import StepFailed
from tests.helpers.waiting import eventually


@pytest.mark.parametrize(
    "value", [None, True, 0, -(2**60), 1.5, "", "Grüße 🎉", [], [1, [2]], {}, {"a": {"b": [None]}}, "x" * 300_000]
)
def test_json_values_come_back_as_they_were(bus, value):
    assert bus.call("probe", "echo", value=value) == value


def test_bodies_are_json_on_both_buses_so_tuples_and_number_keys_do_not_survive(bus):
    assert bus.call("probe", "echo", value=(1, 2)) == [1, 2]
    assert bus.call("probe", "echo", value={1: "a"}) == {"1": "a"}


def test_nothing_is_shared_between_caller_and_service(bus):
    sent = {"list": [1]}
    back = bus.call("probe", "echo", value=sent)
    back["list"].append(2)
    assert sent == {"list": [1]}


@pytest.mark.parametrize("value", [object(), b"bytes", {"a": {1, 2}}, float("nan")])
def test_arguments_that_are_not_json_are_refused_before_they_leave(bus, value):
    with pytest.raises(BadMessage, match=r"probe\.echo"):
        bus.call("probe", "echo", value=value)


def test_an_error_of_the_contract_arrives_as_what_it_was(bus):
    with pytest.raises(StepFailed, match="not that one") as caught:
        bus.call("probe", "fail", message="not that one", line=3)
    assert (caught.value.failure.type, caught.value.failure.line) == ("KeyError", 3)


def test_a_result_comes_as_the_type_that_was_agreed_or_not_at_all(bus):
    assert bus.call("probe", "echo", value=[1, 2], returns=tuple[int, ...]) == (1, 2)
    with pytest.raises(BadMessage, match=r"probe\.echo"):
        bus.call("probe", "echo", value="1", returns=int)


def test_any_other_exception_arrives_under_the_name_of_its_class(bus):
    with pytest.raises(CallFailed) as caught:
        bus.call("probe", "crash")
    assert (caught.value.kind, caught.value.data) == ("LookupError", {})


def test_what_an_error_says_that_is_not_json_is_left_out(bus):
    with pytest.raises(StepFailed, match="gone") as caught:
        bus.call("probe", "odd", how="raise")
    assert (caught.value.kind, caught.value.data) == ("Failed", {})


def test_a_result_that_is_not_json_is_an_error_and_not_silence(bus):
    with pytest.raises(CallFailed, match=r"probe\.odd") as caught:
        bus.call("probe", "odd", how="return")
    assert caught.value.kind == "BadMessage"


def test_an_unknown_method_and_wrong_arguments_are_the_callers_error(bus):
    with pytest.raises(CallFailed, match="nosuch") as caught:
        bus.call("probe", "nosuch")
    assert caught.value.kind == "NoMethod"
    with pytest.raises(CallFailed, match="message") as caught:
        bus.call("probe", "fail")
    assert caught.value.kind == "BadCall"
    with pytest.raises(CallFailed, match="surplus") as caught:
        bus.call("probe", "echo", surplus=1)
    assert caught.value.kind == "BadCall"


def test_a_service_that_does_not_exist_is_unavailable_at_once(bus):
    with pytest.raises(BusUnavailable, match="nowhere"):
        bus.call("nowhere", "echo", timeout=30)


def test_no_answer_in_time_is_a_timeout_and_the_next_call_gets_its_own_answer(bus):
    with pytest.raises(CallTimeout, match=r"probe\.slow"):
        bus.call("probe", "slow", seconds=0.5, timeout=0.1)
    assert bus.call("probe", "echo", value="mine") == "mine"


def test_a_call_that_nobody_began_before_its_caller_left_is_not_run(bus, tmp_path):
    trace = tmp_path / "trace"
    trace.touch()
    with ThreadPoolExecutor(4) as pool:
        busy = [pool.submit(bus.call, "probe", "slow", seconds=1.5) for _ in range(4)]  # all there are
        eventually(lambda: not answered(lambda: bus.call("probe", "write", path=str(trace), text="x", timeout=0.1)))
        assert [one.result() for one in busy] == ["late"] * 4
    ran = trace.read_text()
    bus.call("probe", "write", path=str(trace), text="last")
    assert trace.read_text() == ran + "last\n"


def answered(call: Callable[[], object]) -> bool:
    try:
        call()
    except CallTimeout:
        return False
    return True


def test_answers_reach_the_caller_who_asked(bus):
    with ThreadPoolExecutor(16) as pool:
        values = list(range(300))
        assert list(pool.map(lambda n: bus.call("probe", "echo", value=n), values)) == values
