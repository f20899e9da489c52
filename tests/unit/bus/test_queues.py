from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.bus.queues import POLICIES, WAITS, Policy, rounded


@given(st.floats(min_value=0, max_value=1e9))
def test_a_wait_is_one_there_is_and_not_shorter_than_asked_for_up_to_the_longest(seconds):
    wait = rounded(seconds)
    assert wait in WAITS
    assert wait >= min(seconds, WAITS[-1])
    assert all(other < seconds for other in WAITS if other < wait)


@given(st.integers(min_value=-5, max_value=100))
def test_waits_follow_the_attempts_and_the_last_goes_on(attempt):
    policy = Policy(waits=(1, 5, 20))
    assert policy.wait(attempt) == {1: 1, 2: 5}.get(max(attempt, 1), 20)


def test_every_wait_of_a_policy_is_one_there_is_so_that_none_is_longer_than_it_says():
    for name, policy in POLICIES.items():
        assert [wait for wait in policy.waits if rounded(wait) != wait] == [], name


def test_the_queues_of_the_services_exist():
    assert set(POLICIES) == {"task", "mail", "send"}
