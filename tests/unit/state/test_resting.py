"""A state of which parts rest is written, byte for byte, as one that is awake; whatever author code does to what it can reach."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.state import assembled, classes, codec, pieces, resting
from shared.state.assembled import Written, difference
from shared.state.delta import apply_cuts, apply_delta
from shared.state.errors import StateTooLarge
from shared.state.session import State
from tests.helpers.examples import examples
from tests.unit.state.samples import Bag, Book, Named, Slotted, Stack, Thing, registry

NAMES = ("a", "b", "c", "d", "e")
LAYER = {**vars(__builtins__ if isinstance(__builtins__, type(sys)) else sys.modules["builtins"])}
LAYER |= {"Thing": Thing, "Stack": Stack, "Book": Book, "Bag": Bag, "Slotted": Slotted, "Named": Named}


@pytest.fixture(autouse=True, scope="module")
def samples() -> Iterator[None]:
    before = classes.standard()
    classes.use(registry())
    yield
    classes.use(before)


@pytest.fixture(autouse=True, scope="module")
def everything_rests() -> Iterator[None]:
    """However small it is, and it is never kept awake."""
    patch = pytest.MonkeyPatch()
    patch.setattr(resting, "LARGE", 0)
    patch.setattr(assembled, "LARGE", 0)
    patch.setattr(pieces, "WORTH", 0)
    patch.setattr(resting, "WORTH", 0)
    patch.setattr(resting, "_AWAKE", 0)
    yield
    patch.undo()


name = st.sampled_from(NAMES)
#: What leads from a variable to something inside of it.
inside = st.sampled_from(["", "", ".part", "['k']", "[0]", ".part.part", "['k'].part", "[0]['k']", ".part[0]"])
made = st.sampled_from(
    [
        *(
            "1",
            "'text'",
            "None",
            "[]",
            "{}",
            "[1, [2], {'k': [3]}]",
            "{'k': {'k': 1}, 2: [4]}",
            "(1, 'x')",
            "([1],)",
            "{1, 2}",
        ),
        *("Thing(part=Thing(part=[]))", "Thing(part=[1])", "Stack([1, 2])", "Book(k=[])", "Bag([1])", "Slotted()"),
        *(
            "'long text ' * 50",
            "[dict(k=n) for n in range(20)]",
            "Named(instanceName='n')",
            "Thing",
            "len",
            "__import__('math')",
        ),
    ]
)


@st.composite
def statements(draw: st.DrawFn) -> str:
    """A line of an author's: whatever leads to something that two variables share, changes it, or takes it away."""
    one, other, within = draw(name), draw(name), draw(inside)
    return draw(
        st.sampled_from(
            [
                f"{one}{within} = {draw(made)}",
                f"{one}{within} = {other}{draw(inside)}",
                f"{one}{within} = [{other}, {other}]",
                f"{one}{within} = Thing(part={other})",
                f"{one}{within}.append({other})",
                f"{one}{within}.append({draw(made)})",
                f"{one}{within}.update(k={draw(made)})",
                f"{one}{within}.clear()",
                f"del {one}{within}",
                f"{one}, {other} = {other}, {one}",
                f"for each in [{one}]: each.append({draw(made)})",
                f"(lambda: {one}{within}.append({other}))()",
                f"globals()['{one}'] = {other}",
                f"globals()['{one}'].append(7)",
                f"globals().pop('{one}', None)",
                f"globals().setdefault('{one}', []).append({other})",
                f"{one} = sorted(globals().keys())",
                f"{one} = {{**globals()}}['{other}']",
                f"{one} = dict(globals())['{other}']",
                f"{one} = '{other}' in globals()",
                f"def work():\n    global {one}\n    del {one}\nwork()",
                f"def work():\n    global {one}\n    {one} = {other}\nwork()",
                f"class Body:\n    found = {one}\nBody.found.append(8)",
                f'exec("{one}{within} = {other}")',
                f"{one} = eval('{other}')",
            ]
        )
    )


def run(namespace: dict[str, Any], code: str) -> str:
    """What came of it: the two states must not differ in that either."""
    compiled = compile(code, "block", "exec")
    resting.wake_for(namespace, compiled)
    namespace["__builtins__"] = LAYER
    try:
        exec(compiled, namespace)
        return ""
    except Exception as error:
        return type(error).__name__
    finally:
        namespace.pop("__builtins__", None)
        namespace.pop("work", None)
        namespace.pop("Body", None)
        namespace.pop("each", None)


def next_step(state: State) -> tuple[bytes | None, State]:
    """As the child of the session has it."""
    data, state = written_next(state)
    return None if data is None else bytes(data), state


def written_next(state: State) -> tuple[Written | None, State]:
    try:
        data, awake = resting.encode(state)
    except Exception:
        return None, state
    resting.rest(state, awake)
    return data, resting.prepare(state, data)


@given(st.lists(st.lists(statements(), max_size=4), min_size=1, max_size=8))
@examples(400)
def test_what_is_written_is_what_is_written_of_a_state_that_is_awake(steps: list[list[str]]) -> None:
    start = codec.encode(State({"a": [1], "b": {"k": [2]}, "c": Thing(part=[3])}, {"answered": {}}))
    plain, state = codec.decode(start), resting.prepare(codec.decode(start), start)
    before: Written = start
    for code in steps:
        for line in code:
            assert run(plain.variables, line) == run(state.variables, line), line
        try:
            expected: bytes | None = codec.encode(plain)
        except Exception:
            expected = None
        data, state = written_next(state)
        if data is None or expected is None:
            assert data is None
            assert expected is None
            return
        assert bytes(data) == expected
        assert len(data) == len(expected)
        reverse, change, sum_ = difference(before, data)
        assert sum_ == crc32(expected)
        assert apply_delta(expected, reverse) == bytes(before)
        if change is not None:
            assert apply_cuts(bytes(before), change) == (expected, sum_)
        assert (before == data) == (bytes(before) == expected)
        before = data
        plain = codec.decode(expected)  # what a step finds is what any other process would find


@given(st.lists(st.lists(statements(), max_size=4), min_size=1, max_size=8))
@examples(100)
def test_so_it_is_where_what_woke_stays_awake(steps: list[list[str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resting, "_AWAKE", 32)
        state = State({"a": [1], "b": {"k": [2]}, "c": Thing(part=[3])}, {"answered": {}})
        _, state = next_step(resting.prepare(state, b""))
        for code in steps:
            for line in code:
                run(state.variables, line)
            data, state = next_step(state)
            if data is None:
                return
            assert codec.encode(codec.decode(data)) == data


# -- one at a time


def held(count: int) -> State:
    """Rows, persons that know each other, and one that is in both."""
    people = [Thing(name=f"Person {n}", friends=[]) for n in range(count)]
    for one, other in itertools.pairwise(people):
        one.friends.append(other)
    variables = {"rows": [{"n": n, "note": "x" * 100} for n in range(count)], "people": people, "first": people[:1]}
    return State({**variables, "little": [1], "answer": 1}, {"answered": {}})


def resting_now(state: State) -> State:
    data = codec.encode(state)
    return next_step(resting.prepare(codec.decode(data), data))[1]


def names_awake(state: State) -> set[str]:
    return {one for one in ("rows", "people", "first", "little", "answer") if dict.__contains__(state.variables, one)}


@pytest.fixture
def as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "WORTH", 4096)
    monkeypatch.setattr(resting, "WORTH", 4096)
    monkeypatch.setattr(resting, "_AWAKE", 32)


@pytest.mark.usefixtures("as_it_is")
@pytest.mark.parametrize("count", [100, 5000])
def test_a_step_writes_what_it_could_touch_whatever_is_held(count: int) -> None:
    state = resting_now(held(count))
    state.variables["answer"] = 2
    data, awake = resting.encode(state)
    assert awake is not None
    assert len(awake.data) < 300
    assert data == codec.encode(codec.decode(bytes(data)))
    assert codec.decode(bytes(data)).variables["answer"] == 2


@pytest.mark.usefixtures("as_it_is")
def test_what_shares_something_wakes_together_and_nothing_else() -> None:
    state = resting_now(held(100))
    assert names_awake(state) == {"little", "answer"}
    assert state.variables["first"][0].name == "Person 0"
    assert names_awake(state) == {"little", "answer", "first", "people"}
    assert state.variables["first"][0] is state.variables["people"][0]
    assert "rows" in state.variables
    assert names_awake(state) == {"little", "answer", "first", "people"}, "whether it is there is known without it"
    assert list(state.variables) == ["rows", "people", "first", "little", "answer"]


def test_what_leads_to_the_same_as_the_engine_stays_awake() -> None:
    shared: list[object] = ["x" * 5000]
    state = State({"here": shared, "other": ["x" * 5000]}, {"there": shared})
    _data, awake = resting.encode(resting.prepare(state, b""))
    resting.rest(state, awake)
    assert list(dict.keys(state.variables)) == ["here"]
    state.internal["there"].append("more")
    assert codec.decode(bytes(resting.encode(state)[0])).variables["here"] == ["x" * 5000, "more"]


def test_an_object_that_somebody_kept_from_a_step_before_is_not_of_the_state_any_more() -> None:
    """As in any other process that the session could have gone on in."""
    state = resting_now(held(100))
    kept = state.variables["rows"]
    before, state = next_step(state)
    kept.append("lost")
    assert next_step(state)[0] == before
    assert len(state.variables["rows"]) == 100


@pytest.mark.usefixtures("as_it_is")
def test_what_is_used_again_and_again_is_not_decoded_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    state, decoded = resting_now(held(100)), []
    decode = codec.decode
    monkeypatch.setattr(codec, "decode", lambda data: decoded.append(1) or decode(data))
    for number in range(100):
        state.variables["rows"][0]["n"] = number
        data, state = next_step(state)
    assert len(decoded) < 10
    monkeypatch.undo()
    assert data is not None
    assert decode(data).variables["rows"][0]["n"] == 99
    for _ in range(40):
        _, state = next_step(state)
    assert "rows" not in names_awake(state), "it rests once nobody has used it for long"


def test_many_small_variables_are_not_taken_apart_at_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of them is worth resting; one that becomes large is found at the next step, whatever was looked at before."""
    for module, name, value in ((resting, "LARGE", 1), (pieces, "WORTH", 4096), (resting, "WORTH", 4096)):
        monkeypatch.setattr(module, name, value)
    looked: list[int] = []
    groups = pieces.Awake.groups
    monkeypatch.setattr(pieces.Awake, "groups", lambda self: looked.append(1) or groups(self))
    state = State({f"answer_{number}": "Sample text" for number in range(400)}, {"answered": {}})
    state = resting.prepare(state, b" ")
    for number in range(60):
        state.variables[f"more_{number}"] = number
        data, state = next_step(state)
        assert data == codec.encode(codec.decode(data or b""))
    assert len(looked) == 1
    state.variables["long"] = "x" * 10_000
    data, state = next_step(state)
    assert not dict.__contains__(state.variables, "long")
    assert data == codec.encode(codec.decode(data or b""))


def lines_run(work: Callable[[], object]) -> int:
    """Lines of Python that it takes, a turn of a loop being one."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.usefixtures("as_it_is")
def test_answers_that_are_scalars_are_not_looked_at_one_by_one() -> None:
    def lines(count: int) -> tuple[int, int]:
        variables = {"url_args": {"a": [1]}, **{f"answer_{number}": "text" for number in range(count)}}
        _, state = next_step(resting.prepare(State(variables, {"answered": dict.fromkeys(variables, 1)}), b" "))
        data, awake = resting.encode(state)
        assert data == codec.encode(codec.decode(bytes(data)))
        return lines_run(lambda: resting.encode(state)), lines_run(lambda: resting.rest(state, awake))

    assert lines(600) == lines(30)


def test_what_cannot_be_woken_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    state = resting_now(held(100))

    def broken(data: bytes) -> State:
        raise RuntimeError("a __hash__ of an author's")

    with monkeypatch.context() as patch:
        patch.setattr(codec, "decode", broken)
        with pytest.raises(RuntimeError):
            state.variables["rows"]
    assert len(state.variables["rows"]) == 100


def test_threads_that_ask_at_once_get_the_same() -> None:
    state = resting_now(held(2000))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: state.variables["rows"], range(8)))
    assert all(one is found[0] for one in found)


def test_a_name_that_is_bound_anew_needs_nothing_of_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    state = resting_now(held(100))
    monkeypatch.setattr(codec, "decode", None)
    state.variables["rows"] = 1
    data, _ = next_step(state)
    monkeypatch.undo()
    assert data is not None
    assert codec.decode(data).variables["rows"] == 1


def test_a_state_that_is_too_large_says_what_is(monkeypatch: pytest.MonkeyPatch) -> None:
    state = resting_now(held(100))
    monkeypatch.setattr(codec, "MAX_SIZE", 1000)
    monkeypatch.setattr(codec.encode, "__kwdefaults__", {"limit": 1000})
    with pytest.raises(StateTooLarge, match=r"variables\.rows|objects of"):
        resting.encode(state)
