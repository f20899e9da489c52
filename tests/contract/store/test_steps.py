"""The chain of steps: Back finds what was pushed, however many steps there are and wherever the adapter keeps them."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from shared.store.ports import BadRecord, Store
from shared.store.records import Step
from tests.contract.store.make import a_commit, a_session, a_step


def test_hundreds_of_steps_are_all_there_and_go_back_one_by_one(store: Store) -> None:
    store.sessions.create(a_session())
    steps = [a_step(uid, uid - 1 or None, number=uid, delta=b"%d" % uid * 100) for uid in range(1, 301)]
    for step in steps:
        assert store.sessions.commit("s", version=step.uid - 1, commit=a_commit(push=step))
    loaded = store.sessions.load("s")
    assert loaded is not None
    assert (loaded.step, loaded.top) == (300, steps[-1])
    assert [store.sessions.step("s", uid) for uid in range(1, 301)] == steps
    version = 300
    for expected in [*reversed(steps[:-1])][:40]:
        assert store.sessions.commit("s", version=version, commit=a_commit(pop=1))
        version += 1
        loaded = store.sessions.load("s")
        assert loaded is not None
        assert (loaded.step, loaded.top) == (expected.number, expected)
    assert store.sessions.commit("s", version=version, commit=a_commit(pop=260))
    loaded = store.sessions.load("s")
    assert loaded is not None
    assert (loaded.step, loaded.top) == (0, None)


def test_going_back_and_on_in_one_commit(store: Store) -> None:
    store.sessions.create(a_session())
    for uid in range(1, 4):
        assert store.sessions.commit("s", version=uid - 1, commit=a_commit(push=a_step(uid, uid - 1 or None)))
    assert store.sessions.commit("s", version=3, commit=a_commit(pop=2, push=a_step(4, 1)))
    loaded = store.sessions.load("s")
    assert loaded is not None
    assert (loaded.step, loaded.top) == (2, a_step(4, 1))
    assert [store.sessions.step("s", uid) is not None for uid in range(5)] == [False, True, False, False, True]


@pytest.mark.parametrize("number", [1, 2, 40])
def test_a_very_large_pop_takes_all_steps(store: Store, number: int) -> None:
    store.sessions.create(a_session())
    for uid in range(1, number + 1):
        step = a_step(uid, uid - 1 or None, delta=b"x" * (300_000 if uid % 7 == 1 else 10))
        assert store.sessions.commit("s", version=uid - 1, commit=a_commit(push=step))
    fresh = a_step(number + 1, None)
    assert store.sessions.commit("s", version=number, commit=a_commit(pop=10**9, push=fresh, state=b"again"))
    loaded = store.sessions.load("s")
    assert loaded is not None
    assert (loaded.step, loaded.top, loaded.state) == (1, fresh, b"again")
    assert [store.sessions.step("s", uid) for uid in range(number + 1)] == [None] * (number + 1)
    assert store.sessions.commit("s", version=number + 1, commit=a_commit(pop=10**9))
    assert store.sessions.commit("s", version=number + 2, commit=a_commit(pop=1))
    loaded = store.sessions.load("s")
    assert loaded is not None
    assert (loaded.step, loaded.top) == (0, None)


def test_the_newest_step_is_replaced_in_one_commit(store: Store) -> None:
    store.sessions.create(a_session())
    assert store.sessions.commit("s", version=0, commit=a_commit(push=a_step(1, None)))
    assert store.sessions.commit("s", version=1, commit=a_commit(push=a_step(2, 1, number=2)))
    for version in range(2, 42):
        again = a_step(version + 1, 1, number=2, delta=b"%d" % version)
        assert store.sessions.commit("s", version=version, commit=a_commit(pop=1, push=again))
    loaded = store.sessions.load("s")
    assert loaded is not None
    assert (loaded.step, loaded.top) == (2, again)
    assert [uid for uid in range(50) if store.sessions.step("s", uid)] == [1, 42]


@pytest.mark.parametrize("previous", [None, 0])
def test_a_step_must_name_the_one_below_it(store: Store, previous: int | None) -> None:
    store.sessions.create(a_session())
    assert store.sessions.commit("s", version=0, commit=a_commit(push=a_step(1, None)))
    with pytest.raises(BadRecord, match="on top of 1"):
        store.sessions.commit("s", version=1, commit=a_commit(push=a_step(2, previous)))
    assert store.sessions.load("s").version == 1  # type: ignore[union-attr]


def test_a_step_is_named_after_its_version(store: Store) -> None:
    store.sessions.create(a_session())
    with pytest.raises(BadRecord, match="named after the version"):
        store.sessions.commit("s", version=0, commit=a_commit(push=a_step(7, None)))


@pytest.mark.parametrize("known", [False, True])
def test_what_was_gone_back_over_is_no_step_any_more(store: Store, known: bool) -> None:
    """Also where the adapter leaves it lying until it tidies up: after many of them, and whatever is pushed on top."""
    store.sessions.create(a_session())
    steps: list[Step] = []
    gone: list[int] = []
    for version in range(60):
        popped = tuple(reversed(steps[len(steps) - version % 3 :])) if version % 3 and len(steps) > 3 else ()
        del steps[len(steps) - len(popped) :]
        gone += [step.uid for step in popped]
        below = steps[-1].uid if steps else None
        push = a_step(version + 1, below, number=len(steps) + 1) if version % 5 else None
        change = a_commit(pop=len(popped), push=push, popped=popped if known else ())
        assert store.sessions.commit("s", version=version, commit=change)
        steps += [push] if push else []
        loaded = store.sessions.load("s")
        assert loaded is not None
        assert (loaded.step, loaded.top) == (len(steps), steps[-1] if steps else None)
    assert len(gone) > 20
    assert [store.sessions.step("s", uid) for uid in gone] == [None] * len(gone)
    assert [store.sessions.step("s", step.uid) for step in steps] == steps


def test_steps_that_are_named_wrongly_are_refused(store: Store) -> None:
    store.sessions.create(a_session())
    assert store.sessions.commit("s", version=0, commit=a_commit(push=a_step(1, None)))
    with pytest.raises(BadRecord, match="2 steps are named"):
        store.sessions.commit("s", version=1, commit=a_commit(pop=1, popped=(a_step(1, None), a_step(0, None))))


def test_any_mix_of_steps_and_races_agrees_with_a_list(store: Store) -> None:
    class Chain(RuleBasedStateMachine):
        """A session against a plain list of its steps."""

        def __init__(self) -> None:
            super().__init__()
            self.id = secrets.token_hex(8)
            store.sessions.create(a_session(self.id))
            self.version = 0
            self.steps: list[Step] = []
            self.state = b"state 0"

        def commit(self, pop: int, size: int | None, *, known: bool = False) -> None:
            popped = tuple(reversed(self.steps[len(self.steps) - pop :])) if known else ()
            del self.steps[len(self.steps) - pop :]
            push = None
            if size is not None:
                below = self.steps[-1].uid if self.steps else None
                push = a_step(self.version + 1, below, number=len(self.steps) + 1, delta=secrets.token_bytes(16) * size)
                self.steps.append(push)
            self.state = secrets.token_bytes(20)
            change = a_commit(pop=pop, push=push, state=self.state, popped=popped)
            assert store.sessions.commit(self.id, version=self.version, commit=change)
            self.version += 1

        @rule(sizes=st.lists(st.sampled_from([0, 1, 10, 5_000, 20_000]), min_size=1, max_size=30))
        def push(self, sizes: list[int]) -> None:
            for size in sizes:
                self.commit(0, size)

        @precondition(lambda self: self.steps)
        @rule(data=st.data(), size=st.sampled_from([None, None, 3, 20_000]), known=st.booleans())
        def pop(self, data: st.DataObject, size: int | None, known: bool) -> None:
            most = 2 if known else len(self.steps)
            self.commit(data.draw(st.integers(1, min(most, len(self.steps)))), size, known=known)

        @precondition(lambda self: self.version)
        @rule(push=st.booleans(), pop=st.booleans())
        def lose_a_race(self, push: bool, pop: bool) -> None:
            late = a_commit(push=a_step(self.version, None) if push else None, pop=int(pop), state=b"never")
            assert store.sessions.commit(self.id, version=self.version - 1, commit=late) is False

        @invariant()
        def top_and_depth(self) -> None:
            loaded = store.sessions.load(self.id)
            assert loaded is not None
            assert (loaded.version, loaded.state) == (self.version, self.state)
            assert (loaded.step, loaded.top) == (len(self.steps), self.steps[-1] if self.steps else None)
            assert loaded.below == tuple(reversed(self.steps[:-1]))[: len(loaded.below)]

        def teardown(self) -> None:
            for step in self.steps:
                assert store.sessions.step(self.id, step.uid) == step

    run_state_machine_as_test(
        Chain,
        settings=settings(
            max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
