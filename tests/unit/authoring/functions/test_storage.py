"""What a step sees of what is kept beyond its session, and the effects by which it changes it."""

from __future__ import annotations

import pytest

from shared.authoring.errors import NotAvailable
from shared.authoring.functions.snapshots import store_variables_snapshot
from shared.authoring.functions.storage import (
    delete_record,
    read_records,
    retrieve_stashed_data,
    stash_data,
    write_record,
)
from shared.authoring.functions.tracking import (
    mark_task_as_performed,
    set_task_counter,
    task_performed,
    times_task_performed,
)
from shared.authoring.objects import DARedis, DAStore
from shared.contract.effects import Keep


def test_a_step_sees_its_own_changes_on_top_of_what_was_there(step):
    store = DAStore("store")
    step.storage.items["user", "", "old"] = {"value": b'"kept before"', "counts": {}}
    assert store.get("old") == "kept before"
    assert store.get("new") is None
    store.set("new", {"fruit": "apple"})
    assert store.get("new") == {"fruit": "apple"}
    assert store.keys() == ["new", "old"]
    store.delete("old")
    assert not store.defined("old")
    assert store.keys() == ["new"]
    assert [effect.area for effect in step.effects] == ["user", "user"]


@pytest.mark.parametrize(
    ("base", "area", "sealed"),
    [
        ("interview", ("interview", ""), False),
        ("session", ("session", ""), True),
        ("global", ("global", ""), False),
        ("family law", ("named", "family law"), False),
    ],
)
def test_base_says_where(step, base, area, sealed):
    store = DAStore("store", base=base)
    store.set("a", 1)
    assert [(effect.area, effect.name) for effect in step.effects] == [area]
    assert store.is_encrypted() is sealed
    assert DAStore("store", base=base, encrypted=not sealed).is_encrypted() is not sealed


def test_keys_are_texts_of_some_length(step):
    store = DAStore("store")
    for wrong, error in ((1, TypeError), ("", ValueError), ("x" * 301, ValueError)):
        with pytest.raises(error, match="the key of what is kept"):
            store.set(wrong, 1)


def test_where_nothing_is_kept_that_is_said(step):
    step.storage = None
    assert DAStore("store").get("a") is None
    with pytest.raises(NotAvailable, match="needs a store"):
        DAStore("store").set("a", 1)


def test_records_have_numbers_in_the_order_of_writing(step):
    one, two = write_record("a:people", "Ann"), write_record("a:people", "Bob")
    assert one < two < 2**53
    assert read_records("a:people") == {one: "Ann", two: "Bob"}
    delete_record("a:people", one)
    delete_record("a:people", 17)
    assert read_records("a:people") == {two: "Bob"}
    assert read_records("b:people") == {}


def test_what_is_stashed_is_found_with_its_secret_alone(step):
    key, secret = stash_data({"user": "Ann"}, expire=300)
    assert [effect.seconds for effect in step.effects] == [300]
    assert secret not in str(step.effects)
    assert retrieve_stashed_data(key, "another") is None
    assert retrieve_stashed_data(key, secret, refresh=True) == {"user": "Ann"}
    assert step.effects[-1].seconds == 90 * 24 * 3600
    assert retrieve_stashed_data(key, secret, delete=True) == {"user": "Ann"}
    assert retrieve_stashed_data(key, secret) is None


def test_a_snapshot_of_the_answers_goes_with_its_session_or_outlives_it(step):
    step.namespace.update(fruit="fig", _hidden=1)
    store_variables_snapshot()
    store_variables_snapshot(key="final", data={"when": step.now}, persistent=True)
    own, lasting = DAStore("own", base="session"), DAStore("lasting", base="snapshots")
    assert own.keys() == ["snapshot/"]
    assert own.get("snapshot/")["data"] == {"fruit": "fig"}
    (name,) = lasting.keys()
    assert name.endswith("/final")
    kept = lasting.get(name)
    assert (kept["filename"], kept["tags"], kept["persistent"]) == ("demos:plain.yml", "final", True)
    assert kept["data"] == {"when": step.now.isoformat()}
    assert kept["modtime"] == step.now.isoformat()
    step.namespace["fruit"] = "date"
    store_variables_snapshot()
    assert own.get("snapshot/")["data"] == {"fruit": "date"}
    assert own.keys() == ["snapshot/"]


def test_a_task_counts_for_all_who_share_an_area(step):
    step.storage.items["interview", "", "tasks"] = {"value": None, "counts": {"fruit": 3}}
    assert times_task_performed("fruit", persistent="interview") == 3
    assert mark_task_as_performed("fruit", persistent="interview") == 4
    assert step.effects == [Keep(area="interview", key="tasks", add={"fruit": 1})]
    assert times_task_performed("fruit", persistent="interview") == 4
    set_task_counter("fruit", 1, persistent="interview")
    assert times_task_performed("fruit", persistent="interview") == 1
    for other in (False, True, "user", "global", "law"):
        assert not task_performed("fruit", persistent=other)
    assert DAStore("store", base="interview").get("tasks") == {"fruit": 1}


def test_redis_methods_that_interviews_use(step):
    redis = DARedis("redis")
    key = redis.key("visits")
    assert key == "demos:plain.yml:visits"
    assert redis.get(key) is None
    assert [redis.incr(key), redis.incr(key, 4), redis.decr(key, 2)] == [1, 5, 3]
    assert redis.get(key) == b"3"
    redis.set("colour", "red", ex=60)
    assert step.effects[-1].seconds == 60
    assert redis.set("colour", "blue", nx=True) is None
    assert redis.get("colour") == b"red"
    assert redis.expire("colour", 5)
    assert redis.expire("nothing", 5) is False
    assert redis.keys("col*") == [b"colour"]
    redis.set_data("list", [1, 2], expire=9)
    assert redis.get_data("list") == [1, 2]
    assert redis.delete("colour", "nothing") == 1
    assert redis.exists("colour", "list") == 1
    redis.set("colour", "red")
    with pytest.raises(ValueError, match="not a number"):
        redis.incr("colour")
