"""What the contract refuses, it refuses over every adapter, by name, and before anything has changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.store import checks
from shared.store.ports import BadRecord, Store, TooLarge
from tests.contract.store.make import a_commit, a_mail, a_session, a_step, a_task, an_address, an_entry, at

NAIVE = datetime(2026, 1, 1)
CYCLE: dict[str, Any] = {}
CYCLE["self"] = CYCLE

NOT_PLAIN = {
    "set": {"a": {1}},
    "object": {"a": object()},
    "function": {"a": len},
    "integer key": {1: "a"},
    "naive datetime": {"a": NAIVE},
    "timedelta": {"a": timedelta(1)},
    "cycle": CYCLE,
    "huge integer": {"a": 2**70},
    "lone surrogate": {"a": "\ud800"},
    "NUL in a key": {"a\x00b": 1},
    "list": ["not", "a", "mapping"],
}


@pytest.mark.parametrize("kind", NOT_PLAIN)
def test_bodies_that_are_not_plain(store: Store, kind: str) -> None:
    value = NOT_PLAIN[kind]
    store.sessions.create(a_session())
    store.tasks.add(a_task())
    entry = an_entry("o")
    object.__setattr__(entry, "body", value)
    for attempt in (
        lambda: store.sessions.create(a_session("new", extra=value)),
        lambda: store.sessions.create(a_session("new", outbox=(entry,))),
        lambda: store.sessions.commit("s", version=0, commit=a_commit(outbox=(entry,))),
        lambda: store.sessions.commit("s", version=0, commit=a_commit(fields={"extra": value})),
        lambda: store.tasks.add(a_task("new", user=value)),
        lambda: store.tasks.finish("t", lease=None, status="done", result=value, now=at(0)),
        lambda: store.mails.open(an_address("new", user=value)),
        lambda: store.schedule.note("n", value),
    ):
        with pytest.raises(BadRecord):
            attempt()
    assert store.sessions.load("s") == a_session()
    assert store.tasks.get("t") == a_task()
    assert (store.sessions.load("new"), store.tasks.get("new"), store.mails.find("new")) == (None, None, None)
    assert store.schedule.notes("") == {}


@pytest.mark.parametrize("when", [NAIVE, "2026-01-01", 0, NAIVE.date()])
def test_times_without_a_zone(store: Store, when: Any) -> None:
    store.sessions.create(a_session())
    store.tasks.add(a_task())
    minute = timedelta(minutes=1)
    for attempt in (
        lambda: store.sessions.create(a_session("new", created=when)),
        lambda: store.sessions.create(a_session("new", accessed=when)),
        lambda: store.sessions.commit("s", version=0, commit=a_commit(now=when)),
        lambda: store.sessions.commit("s", version=0, commit=a_commit(fields={"accessed": when})),
        lambda: store.sessions.unpublished(older_than=when, limit=1),
        lambda: store.sessions.idle("i", scheduled=False, before=when),
        lambda: store.tasks.add(a_task("new", created=when)),
        lambda: store.tasks.claim("t", lease="a", now=when, length=minute),
        lambda: store.tasks.heartbeat("t", lease="a", now=when, length=minute),
        lambda: store.tasks.finish("t", lease=None, status="done", result={}, now=when),
        lambda: store.tasks.revoke("t", now=when, terminate=True),
        lambda: store.tasks.revoke_all("s", now=when),
        lambda: store.tasks.due(now=when, queued_before=at(0), limit=1),
        lambda: store.tasks.due(now=at(0), queued_before=when, limit=1),
        lambda: store.files.put(session="s", filename="f", mimetype="m", content=[], now=when),
        lambda: store.mails.open(an_address("new", created=when)),
        lambda: store.mails.keep(a_mail("new", received=when)),
        lambda: store.mails.deliver(a_mail("new", received=when), to=an_address()),
        lambda: store.mails.known(["m"], since=when),
        lambda: store.mails.waiting(older_than=when, limit=1),
        lambda: store.uploads.append("s", "u", offset=0, piece=b"", now=when),
        lambda: store.uploads.old(before=when),
        lambda: store.tasks.untrimmed(before=when),
        lambda: store.schedule.expire("k", before=when, limit=1),
        lambda: store.schedule.claim("k", period="p", now=when),
    ):
        with pytest.raises(BadRecord):
            attempt()
    assert store.sessions.load("s") == a_session()
    assert store.tasks.get("t") == a_task()


@pytest.mark.parametrize("name", ["", "x" * 201, "a\x00", "a\nb", "\ud800", None, 5, {"$ne": None}, b"s"])
def test_ids_that_are_none(store: Store, name: Any) -> None:
    for attempt in (
        lambda: store.sessions.create(a_session(name)),
        lambda: store.sessions.commit(name, version=0, commit=a_commit()),
        lambda: store.sessions.commit("s", version=0, commit=a_commit(outbox=(an_entry(name),))),
        lambda: store.sessions.commit(
            "s", version=0, commit=a_commit(applied={name: b""} if name != {"$ne": None} else {1: 1})
        ),
        lambda: store.tasks.add(a_task(name)),
        lambda: store.tasks.add(a_task(session=name)),
        lambda: store.tasks.claim("t", lease=name, now=at(0), length=timedelta(1)),
        lambda: store.files.put(session=name, filename="f", mimetype="m", content=[], now=at(0)),
        lambda: store.uploads.append(name, "u", offset=0, piece=b"", now=at(0)),
        lambda: store.uploads.append("s", name, offset=0, piece=b"", now=at(0)),
        lambda: store.mails.open(an_address(name)),
        lambda: store.mails.keep(a_mail(name)),
        lambda: store.mails.deliver(a_mail(name), to=an_address()),
        lambda: store.schedule.claim(name, period="p", now=at(0)),
        lambda: store.schedule.claim("k", period=name, now=at(0)),
        lambda: store.schedule.note(name, {}),
    ):
        with pytest.raises(BadRecord):
            attempt()


@pytest.mark.parametrize("name", [None, 5, {"$ne": None}, b"s"])
def test_whether_something_else_than_text_tells_anything_is_refused(store: Store, name: Any) -> None:
    with pytest.raises(BadRecord):
        store.tasks.tells(name)


@pytest.mark.parametrize("name", [None, 5, {"$ne": None}, b"s"])
def test_a_look_up_by_something_else_than_text_is_refused(store: Store, name: Any) -> None:
    """So that no parsed JSON ever becomes a query."""
    store.sessions.create(a_session())
    for attempt in (
        lambda: store.sessions.load(name),
        lambda: store.sessions.load_newer(name, version=0),
        lambda: store.sessions.exists(name),
        lambda: store.sessions.used(name),
        lambda: store.sessions.step(name, 0),
        lambda: store.sessions.publish_done(name, ["o"]),
        lambda: store.sessions.publish_done("s", [name]),
        lambda: store.sessions.forget_applied(name, "t"),
        lambda: store.sessions.forget_applied("s", name),
        lambda: store.sessions.scheduled("i", after=name),
        lambda: store.ticks.get(name, "e"),
        lambda: store.ticks.of_session(name),
        lambda: store.ticks.failing(name),
        lambda: store.sessions.visits(name),
        lambda: store.sessions.idle("i", scheduled=False, before=at(0), after=name),
        lambda: store.sessions.owned(name),
        lambda: store.sessions.delete(name),
        lambda: store.tasks.get(name),
        lambda: store.tasks.of_session(name),
        lambda: store.tasks.undelivered(name),
        lambda: store.tasks.status(name, session="s"),
        lambda: store.tasks.status("t", session=name),
        lambda: store.tasks.claim(name, lease="a", now=at(0), length=timedelta(1)),
        lambda: store.tasks.heartbeat(name, lease="a", now=at(0), length=timedelta(1)),
        lambda: store.tasks.heartbeat("t", lease=name, now=at(0), length=timedelta(1)),
        lambda: store.tasks.responding(name, lease="a", response={}),
        lambda: store.tasks.responding("t", lease=name, response={}),
        lambda: store.tasks.finish(name, lease=None, status="done", result={}, now=at(0)),
        lambda: store.tasks.release(name, lease="a"),
        lambda: store.tasks.release("t", lease=name),
        lambda: store.tasks.revoke(name, now=at(0), terminate=True),
        lambda: store.tasks.revoke_all(name, now=at(0)),
        lambda: store.tasks.mark_delivered(name),
        lambda: store.tasks.trim(name, result={}),
        lambda: store.tasks.untrimmed(before=at(0), after=name),
        lambda: store.schedule.expire(name, before=at(0), limit=1),
        lambda: store.files.of_session(name),
        lambda: store.uploads.find(name, "u"),
        lambda: store.uploads.find("s", name),
        lambda: list(store.uploads.pieces("s", name)),
        lambda: store.uploads.finish("s", name, number=1),
        lambda: store.uploads.remove("s", name),
        lambda: store.mails.find(name),
        lambda: store.mails.get(name),
        lambda: store.mails.of_session(name),
        lambda: store.mails.heads(name),
        lambda: store.mails.heads("s", after=name),
        lambda: store.mails.addresses(name),
        lambda: store.mails.done(name),
        lambda: store.schedule.last(name),
        lambda: store.schedule.forget(name),
        lambda: store.schedule.notes(name),
    ):
        with pytest.raises(BadRecord):
            attempt()
    assert store.sessions.load("s") == a_session()


@pytest.mark.parametrize("version", [-1, 1.0, True, None, "0", {"$gte": 0}])
def test_versions_that_are_none(store: Store, version: Any) -> None:
    store.sessions.create(a_session())
    with pytest.raises(BadRecord):
        store.sessions.commit("s", version=version, commit=a_commit(state=b"no"))
    with pytest.raises(BadRecord):
        store.sessions.load_newer("s", version=version)
    assert store.sessions.load("s") == a_session()


@pytest.mark.parametrize(
    "fields",
    [
        {"state": b"x"},
        {"version": 7},
        {"outbox": []},
        {"multi_user": 1},
        {"allow_cron": None},
        {"events": "cron_daily"},
        {"events": [1]},
        {"title": 5},
        {"progress": -1},
        {"progress": 0.5},
        {"extra": []},
        {"interview": None},
        {"owner": {"$gt": ""}},
    ],
)
def test_fields_that_a_commit_cannot_change_so(store: Store, fields: dict[str, Any]) -> None:
    store.sessions.create(a_session())
    with pytest.raises(BadRecord):
        store.sessions.commit("s", version=0, commit=a_commit(fields=fields))
    assert store.sessions.load("s") == a_session()


def test_too_large(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "STATE_BYTES", 100_000)
    monkeypatch.setattr(checks, "BODY_BYTES", 10_000)
    monkeypatch.setattr(checks, "MAIL_BYTES", 10_000)
    store.sessions.create(a_session())
    store.tasks.add(a_task())
    for attempt in (
        lambda: store.sessions.create(a_session("new", state=b"x" * 100_001)),
        lambda: store.sessions.commit("s", version=0, commit=a_commit(state=b"x" * 100_001)),
        lambda: store.sessions.commit("s", version=0, commit=a_commit(push=a_step(1, None, delta=b"x" * 100_001))),
        lambda: store.sessions.commit("s", version=0, commit=a_commit(outbox=(an_entry("o", a=b"x" * 10_000),))),
        lambda: store.sessions.commit(
            "s", version=0, commit=a_commit(seen={"r" * 200: 1} | {str(n): n for n in range(5000)})
        ),
        lambda: store.sessions.commit("s", version=0, commit=a_commit(fields={"extra": {"a": "x" * 524_288}})),
        lambda: store.sessions.commit("s", version=0, commit=a_commit(fields={"title": "x" * 10_001})),
        lambda: store.sessions.commit("s", version=0, commit=a_commit(fields={"tags": ("t",) * 2001})),
        lambda: store.tasks.add(a_task("new", arguments=b"x" * 10_001)),
        lambda: store.tasks.finish("t", lease=None, status="done", result={"value": b"x" * 10_000}, now=at(0)),
        lambda: store.mails.keep(a_mail(raw=b"x" * 10_001)),
        lambda: store.mails.deliver(a_mail(raw=b"x" * 10_001), to=an_address()),
    ):
        with pytest.raises(TooLarge, match="limit"):
            attempt()
    assert store.sessions.load("s") == a_session()
    assert store.tasks.get("t") == a_task()
    assert (store.sessions.load("new"), store.tasks.get("new"), store.mails.get("m")) == (None, None, None)


@pytest.mark.parametrize("limit", [0, -1, 10_001, None, "5"])
def test_limits_that_are_none(store: Store, limit: Any) -> None:
    for attempt in (
        lambda: store.sessions.unpublished(older_than=at(0), limit=limit),
        lambda: store.sessions.scheduled("i", limit=limit),
        lambda: store.sessions.idle("i", scheduled=False, before=at(0), limit=limit),
        lambda: store.sessions.owned("me", limit=limit),
        lambda: store.tasks.due(now=at(0), queued_before=at(0), limit=limit),
        lambda: store.tasks.undelivered("s", limit=limit),
        lambda: store.mails.waiting(older_than=at(0), limit=limit),
        lambda: store.uploads.old(before=at(0), limit=limit),
        lambda: store.mails.heads("s", limit=limit),
        lambda: store.tasks.untrimmed(before=at(0), limit=limit),
        lambda: store.schedule.expire("k", before=at(0), limit=limit),
    ):
        with pytest.raises(BadRecord):
            attempt()


@pytest.mark.parametrize(
    "values",
    [{"status": "running"}, {"attempts": 1}, {"lease": "a"}, {"finished": at(0)}],
)
def test_a_task_begins_queued(store: Store, values: dict[str, Any]) -> None:
    with pytest.raises(BadRecord, match="is new"):
        store.tasks.add(a_task(**values))


def test_a_session_begins_with_at_most_one_step(store: Store) -> None:
    for wrong in (a_session(step=1), a_session(top=a_step(0, None)), a_session(step=3, top=a_step(0, None))):
        with pytest.raises(BadRecord):
            store.sessions.create(wrong)
    with pytest.raises(BadRecord):
        store.sessions.create(a_session(step=1, top=a_step(5, 4)))
