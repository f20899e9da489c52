"""What the interview service keeps of sessions in memory, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.interview.cache import SessionCache
from shared.store.records import Session

NOW = datetime(2026, 1, 15, tzinfo=UTC)


def a_session(name: str, *, version: int = 1, state: bytes = b"", secret: bytes = b"") -> Session:
    times: dict[str, Any] = {"created": NOW, "modified": NOW, "accessed": NOW}
    return Session(id=name, version=version, interview="a:b.yml", state=state, step=0, secret=secret, **times)


def test_what_nobody_uses_is_forgotten_after_a_minute() -> None:
    now = 0.0
    cache = SessionCache(clock=lambda: now)
    for name in ("used", "left"):
        cache.put(a_session(name))
    now = 50.0
    assert cache.get("used") is not None
    now = 61.0
    assert cache.get("left") is None
    assert cache.get("used") is not None
    now = 200.0
    cache.put(a_session("new"))
    assert len(cache._kept) == 1


def test_the_ones_used_longest_ago_make_room() -> None:
    cache = SessionCache(sessions=2, state_bytes=100)
    for name in ("a", "b"):
        cache.put(a_session(name, state=b"x" * 40))
    cache.get("a")
    cache.put(a_session("c", state=b"x" * 40))
    assert cache.get("b") is None
    cache.put(a_session("d", state=b"x" * 90))
    assert [cache.get(name) is not None for name in ("a", "c", "d")] == [False, False, True]
    cache.put(a_session("e", state=b"x" * 101))
    assert cache.get("e") is None


def test_an_older_version_does_not_take_the_place_of_a_newer_one_unless_it_is_another_session() -> None:
    cache = SessionCache()
    cache.put(a_session("a", version=3, secret=b"1"))
    cache.put(a_session("a", version=2, secret=b"1"))
    found = cache.get("a")
    assert found is not None
    assert found.version == 3
    cache.put(a_session("a", version=1, secret=b"2"))
    found = cache.get("a")
    assert found is not None
    assert found.version == 1
    cache.drop("a")
    assert cache.get("a") is None
