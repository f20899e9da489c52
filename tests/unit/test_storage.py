"""Whose what is kept is, and that a change is made once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from services.storage import Whose, change, found, whose
from shared.contract.effects import Keep
from shared.contract.errors import Busy
from shared.store.ports import Storage
from tests.helpers.memory import memory_store

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
ANN = Whose(session="s1", interview="p:a.yml", user={"id": 1, "privileges": ["user"]}, client="browser-of-ann")


@pytest.fixture
def storage():
    store = memory_store()
    yield store.storage
    store.close()


def kept(storage: Storage, scope: str, key: str = "k", *, now: datetime = NOW) -> object:
    item = found(storage, scope, key, now=now)
    return None if item is None else item.body


@pytest.mark.parametrize(
    ("by", "scope"),
    [
        (ANN, "user/1"),
        (whose("s1", "p:a.yml", {"id": None, "privileges": ["cron"]}, {}), "user/cron"),
        (whose("s1", "p:a.yml", {"id": None, "privileges": ["user"]}, {}), "nobody/s1"),
    ],
)
def test_a_users_area_is_that_of_who_runs_the_step(by, scope):
    assert by.scope("user")[0] == scope


def test_somebody_without_an_account_is_known_by_the_browser_which_is_not_written_down():
    one, other = (whose("s1", "p:a.yml", {"id": None}, {"client": client}).scope("user") for client in ("one", "other"))
    assert one != other
    assert one == whose("s2", "q:b.yml", {"id": None}, {"client": "one"}).scope("user")
    assert "one" not in one[0]


def test_other_areas_are_everybodys_whom_they_name():
    assert ANN.scope("interview") == ("interview/p:a.yml", None)
    assert ANN.scope("session") == ("session/s1", "s1")
    assert ANN.scope("global") == ("global", None)
    assert ANN.scope("named", "user/1") == ("named/user/1", None)
    with pytest.raises(ValueError, match="no area"):
        ANN.scope("user/2")


def test_a_change_that_is_published_twice_is_made_once(storage):
    count = Keep(area="global", key="k", add={"visits": 1})
    for mark in ("m1", "m1", "m2", "m1"):
        change(storage, count, ANN, mark=mark, now=NOW)
    assert kept(storage, "global") == {"counts": {"visits": 2}}


def test_two_sessions_that_count_at_once_are_both_counted(storage):
    def count(name: str) -> None:
        for number in range(20):
            change(storage, Keep(area="global", key="k", add={"t": 1}), ANN, mark=f"{name}{number}", now=NOW)

    threads = [threading.Thread(target=count, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept(storage, "global") == {"counts": {"t": 60}}


def test_values_replace_counters_and_what_is_deleted_is_gone(storage):
    for number, keep in enumerate((Keep(area="user", key="k", put={"t": 5}), Keep(area="user", key="k", add={"t": 2}))):
        change(storage, keep, ANN, mark=str(number), now=NOW)
    assert kept(storage, "user/1") == {"counts": {"t": 7}}
    change(storage, Keep(area="user", key="k", value=b"v"), ANN, mark="3", now=NOW)
    assert kept(storage, "user/1") == {"value": b"v"}
    for mark in ("4", "5"):
        change(storage, Keep(area="user", key="k", delete=True), ANN, mark=mark, now=NOW)
    assert kept(storage, "user/1") is None


def test_what_is_over_is_not_there_and_what_comes_after_it_begins_anew(storage):
    change(storage, Keep(area="global", key="k", value=b"old", seconds=60), ANN, mark="1", now=NOW)
    later = NOW + timedelta(seconds=60)
    assert kept(storage, "global") == {"value": b"old"}
    assert kept(storage, "global", now=later) is None
    change(storage, Keep(area="global", key="k", add={"": 1}), ANN, mark="2", now=later)
    assert kept(storage, "global", now=later + timedelta(days=999)) == {"counts": {"": 1}}


def test_whoever_is_never_fast_enough_may_try_again(storage):
    class Slow:
        def get(self, *arguments, **named):
            return storage.get(*arguments, **named)

        def put(self, item):
            return False

    with pytest.raises(Busy):
        change(Slow(), Keep(area="global", key="k", add={"t": 1}), ANN, mark="1", now=NOW)
