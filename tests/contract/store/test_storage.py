"""What interviews share: one item a key within a scope, changed by compare-and-set, gone with its session or after its time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.store.ports import BadRecord, Store
from shared.store.records import StoredItem
from tests.contract.store.make import a_session, at


def an_item(**values: object) -> StoredItem:
    return StoredItem(**({"scope": "user/1", "key": "prefs", "body": {"value": b"PLANTED"}} | values))  # type: ignore[arg-type]


def test_an_item_is_inserted_once_and_changed_by_whoever_knows_its_version(store: Store) -> None:
    item = an_item(applied=("a",))
    assert store.storage.get("user/1", "prefs") is None
    assert store.storage.put(item)
    assert not store.storage.put(replace(item, applied=("b",)))
    assert store.storage.get("user/1", "prefs") == replace(item, version=1)
    newer = replace(item, version=1, body={"counts": {"a.b": 2}}, applied=("a", "b"))
    assert store.storage.put(newer)
    assert not store.storage.put(replace(newer, applied=("a", "c")))
    assert store.storage.get("user/1", "prefs") == replace(newer, version=2)


def test_scopes_hold_what_they_hold_apart_and_list_their_keys(store: Store) -> None:
    for scope, key in (("user/1", "b"), ("user/1", "a"), ("user/1", "ä"), ("user/2", "a"), ("user", "1\na")):
        assert store.storage.put(an_item(scope=scope, key=key, body={"value": f"{scope} {key}".encode()}))
    keys = store.storage.keys("user/1")
    assert sorted(keys) == ["a", "b", "ä"]
    assert store.storage.keys("user/1", after=keys[0], limit=1) == keys[1:2]
    assert store.storage.keys("user/1", after=keys[2]) == []
    found = store.storage.get("user/2", "a")
    assert found is not None
    assert found.body == {"value": b"user/2 a"}


def test_the_longest_names_that_there_are_fit(store: Store) -> None:
    item = an_item(scope="named/" + "ü€😀" * 100, key="😀" * 300)
    assert store.storage.put(item)
    assert store.storage.get(item.scope, item.key) == replace(item, version=1)
    assert store.storage.keys(item.scope) == [item.key]


def test_all_that_is_no_sessions_own_is_found_page_by_page(store: Store) -> None:
    store.sessions.create(a_session())
    for number in range(5):
        assert store.storage.put(an_item(key=str(number)))
        assert store.storage.put(an_item(scope="session/s", key=str(number), session="s"))
    found, after = [], ""
    while True:
        page = store.storage.every(after=after, limit=3)
        found += page.lines
        if page.after is None:
            break
        after = page.after
    assert len(found) == len(set(found)) == 5
    assert not any(store.storage.reseal(*one) for one in found)


def test_it_is_removed_by_whoever_knows_its_version(store: Store) -> None:
    store.storage.put(an_item())
    assert not store.storage.remove("user/1", "prefs", version=7)
    assert store.storage.remove("user/1", "prefs", version=1)
    assert not store.storage.remove("user/1", "prefs", version=1)
    assert store.storage.get("user/1", "prefs") is None


def test_what_is_a_sessions_goes_with_it_and_cannot_come_after_it(store: Store) -> None:
    store.sessions.create(a_session())
    own = an_item(scope="session/s", session="s")
    assert store.storage.put(own)
    assert store.storage.put(an_item())
    store.sessions.delete("s")
    assert store.storage.get("session/s", "prefs") is None
    assert not store.storage.put(own)
    assert store.storage.get("user/1", "prefs") is not None


def test_what_is_over_is_removed_a_few_at_a_time(store: Store) -> None:
    for number in range(3):
        store.storage.put(an_item(key=str(number), until=at(number)))
    store.storage.put(an_item(key="stays"))
    assert store.storage.expire(before=at(2), limit=1) == 1
    assert store.storage.expire(before=at(2), limit=10) == 1
    assert store.storage.expire(before=at(2), limit=10) == 0
    assert sorted(store.storage.keys("user/1")) == ["2", "stays"]


@pytest.mark.parametrize(
    "wrong", [{"scope": ""}, {"key": "\ud800"}, {"body": "text"}, {"until": at(0).replace(tzinfo=None)}]
)
def test_what_is_no_item_is_refused(store: Store, wrong: dict[str, object]) -> None:
    with pytest.raises(BadRecord):
        store.storage.put(an_item(**wrong))
