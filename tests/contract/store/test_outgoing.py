"""Mails that leave: claimed by one worker at a time, tried when they are due, ended once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.store.ports import BadRecord, Store
from shared.store.records import OutgoingMail, task_digest
from tests.contract.store.make import a_session, at

LENGTH = timedelta(seconds=15)


def a_mail(name: str = "m", **values: Any) -> OutgoingMail:
    given: dict[str, Any] = {"session": "s", "body": {"to": ["a@example.com"]}, "created": at(0), "due": at(0)}
    return OutgoingMail(id=name, **(given | values))


def claim(store: Store, name: str = "m", *, lease: str = "w", seconds: float = 0) -> OutgoingMail | None:
    return store.outgoing.claim(name, lease=lease, now=at(seconds), length=LENGTH)


def test_one_is_added_once(store: Store) -> None:
    assert store.outgoing.add(a_mail())
    assert not store.outgoing.add(a_mail(body={"to": []}))
    assert store.outgoing.get("m") == a_mail()
    assert store.outgoing.get("n") is None
    assert store.outgoing.get("") is None


def test_a_large_one_is_whole(store: Store) -> None:
    body = {"to": ["a@example.com"], "body": "x" * 3_000_000, "raw": b"\0\xff" * 9}
    store.outgoing.add(a_mail(body=body))
    assert store.outgoing.get("m") == a_mail(body=body)


def test_one_worker_has_it(store: Store) -> None:
    store.outgoing.add(a_mail())
    mine = claim(store)
    assert mine is not None
    assert (mine.status, mine.attempts, mine.lease, mine.lease_until) == ("sending", 1, "w", at(15))
    assert claim(store, lease="v") is None
    assert store.outgoing.heartbeat("m", lease="w", now=at(10), length=LENGTH)
    assert not store.outgoing.heartbeat("m", lease="v", now=at(10), length=LENGTH)
    assert claim(store, lease="v", seconds=24) is None
    other = claim(store, lease="v", seconds=25)
    assert other is not None
    assert other.attempts == 2
    assert not store.outgoing.finish("m", lease="w", status="sent", last={}, now=at(26))
    assert store.outgoing.finish("m", lease="v", status="sent", last={"code": 250}, now=at(26))
    assert claim(store, seconds=99) is None


def test_it_is_tried_again_when_it_is_due(store: Store) -> None:
    store.outgoing.add(a_mail(due=at(5)))
    assert claim(store) is None
    assert claim(store, seconds=5) is not None
    assert store.outgoing.later("m", lease="w", due=at(60), last={"code": 450, "text": "later"})
    assert not store.outgoing.later("m", lease="w", due=at(60), last={})
    waiting = store.outgoing.get("m")
    assert waiting is not None
    assert (waiting.status, waiting.due, waiting.last, waiting.lease) == (
        "queued",
        at(60),
        {"code": 450, "text": "later"},
        None,
    )
    assert claim(store, seconds=59) is None
    assert claim(store, seconds=60) is not None
    assert store.outgoing.later("m", lease="w", due=at(90), last={}, body={"to": ["b@example.com"]})
    fewer = store.outgoing.get("m")
    assert fewer is not None
    assert fewer.body == {"to": ["b@example.com"]}


def test_one_that_waits_may_be_sealed_anew(store: Store) -> None:
    store.outgoing.add(a_mail())
    assert store.outgoing.renew("m", body={"sealed": "x" * 50_000})
    renewed = store.outgoing.get("m")
    assert renewed is not None
    assert renewed.body == {"sealed": "x" * 50_000}
    claim(store)
    assert not store.outgoing.renew("m", body={})
    assert not store.outgoing.renew("n", body={})


def test_put_off_is_no_attempt(store: Store) -> None:
    store.outgoing.add(a_mail())
    claim(store)
    assert store.outgoing.put_off("m", lease="w", due=at(2))
    again = claim(store, seconds=2)
    assert again is not None
    assert again.attempts == 1


def test_what_was_sent_has_no_body_and_what_failed_has(store: Store) -> None:
    for name in ("a", "b"):
        store.outgoing.add(a_mail(name, body={"to": ["a@example.com"], "body": "x" * 50_000}))
        claim(store, name)
    store.outgoing.finish("a", lease="w", status="sent", last={}, now=at(1))
    store.outgoing.finish("b", lease="w", status="failed", last={"code": 550}, now=at(1))
    sent, failed = store.outgoing.get("a"), store.outgoing.get("b")
    assert sent is not None
    assert failed is not None
    assert (sent.body, sent.finished) == ({}, at(1))
    assert len(failed.body["body"]) == 50_000
    assert store.outgoing.bounce("a", last={"code": 511}, now=at(2))
    assert not store.outgoing.bounce("b", last={}, now=at(2))
    assert not store.outgoing.again("a", now=at(9))
    assert store.outgoing.again("b", now=at(9))
    assert claim(store, "b", seconds=9) is not None


def test_one_that_is_called_may_come_a_little_early(store: Store) -> None:
    store.outgoing.add(a_mail("m", due=at(5)))
    early = {"now": at(1), "length": LENGTH, "ahead": at(5) - at(1)}
    assert store.outgoing.claim("m", lease="w", **{**early, "ahead": at(4) - at(1)}) is None
    assert store.outgoing.claim("m", lease="w", **early) is not None
    assert store.outgoing.claim("m", lease="v", **{**early, "ahead": at(99) - at(1)}) is None, (
        "a lease is kept all the same"
    )


def test_those_that_are_due(store: Store) -> None:
    for name, due in (("c", 3), ("a", 1), ("b", 2), ("later", 99)):
        store.outgoing.add(a_mail(name, due=at(due)))
    claim(store, "a", seconds=3)
    assert store.outgoing.due(now=at(3), limit=9) == ["b", "c"]
    assert store.outgoing.due(now=at(20), limit=9) == ["b", "c", "a"]
    assert store.outgoing.due(now=at(20), limit=1) == ["b"]


def test_the_latest_of_a_task(store: Store) -> None:
    task = task_digest("reminder")
    store.outgoing.add(a_mail("a", task=task))
    store.outgoing.add(a_mail("b", task=task, created=at(1)))
    store.outgoing.add(a_mail("c", task=task, created=at(2), session="t"))
    latest = store.outgoing.latest("s", task)
    assert latest is not None
    assert (latest.id, latest.body) == ("b", {})
    assert store.outgoing.latest("s", task_digest("other")) is None


def test_pages_and_counts(store: Store) -> None:
    for number in range(5):
        store.outgoing.add(a_mail(f"m{number}", created=at(number // 2)))
    claim(store, "m4")
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        page = store.outgoing.page("queued", after=after, limit=2)
        found += [one.id for one in page.lines]
        after = page.after
    assert found == ["m0", "m1", "m2", "m3"]
    assert store.outgoing.counts() == {"queued": 4, "sending": 1, "sent": 0, "failed": 0, "bounced": 0}
    with pytest.raises(BadRecord):
        store.outgoing.page("lost")


def test_it_outlives_its_session_and_ends_itself(store: Store) -> None:
    # Behind a vault it takes a ticket, which keys in memory do not give: `tests/contract/services/test_sealed_work.py`.
    store = getattr(store, "inner", store)
    store.sessions.create(a_session())
    store.outgoing.add(a_mail(body={"to": ["a@example.com"], "body": "x" * 50_000}))
    store.sessions.delete("s")
    mine = claim(store)
    assert mine is not None
    assert len(mine.body["body"]) == 50_000
    store.outgoing.finish("m", lease="w", status="sent", last={}, now=at(5))
    assert store.outgoing.forget(before=at(5), limit=9) == 0
    assert store.outgoing.forget(before=at(6), limit=9) == 1
    assert store.outgoing.get("m") is None
    store.outgoing.add(a_mail())
    assert store.outgoing.remove("m")
    assert not store.outgoing.remove("m")


@pytest.mark.parametrize("bad", [{"status": "sent"}, {"attempts": 1}, {"due": None}, {"body": []}, {"session": ""}])
def test_what_is_no_new_mail_is_refused(store: Store, bad: dict[str, Any]) -> None:
    with pytest.raises(BadRecord):
        store.outgoing.add(a_mail(**bad))
    assert store.outgoing.get("m") is None
