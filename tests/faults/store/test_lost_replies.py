"""A reply of MongoDB is lost on the way: what was done is not done again, and is not called undone."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from pymongo import MongoClient

from shared.store.delivery import Delivery
from shared.store.open import open_store
from shared.store.ports import DuplicateId, Store
from tests.contract.store.make import a_commit, a_mail, a_session, a_step, a_task, an_address, an_entry, at
from tests.faults.store.lossy import LossyProxy

pytestmark = pytest.mark.mongodb
MINUTE = timedelta(minutes=1)


@pytest.fixture
def proxy() -> Iterator[LossyProxy]:
    target = urlsplit(os.environ["MONGO_URI"])
    one = LossyProxy(target.hostname or "127.0.0.1", target.port or 27017)
    yield one
    one.close()


@contextmanager
def direct(store: Store) -> Iterator[Store]:
    """The same database by a way on which nothing is lost: another process."""
    name = store.sessions._sessions.database.name  # type: ignore[attr-defined]
    there = open_store(f"{os.environ['MONGO_URI']}/{name}")
    yield there
    there.close()


@pytest.fixture
def store(proxy: LossyProxy) -> Iterator[Store]:
    database = f"test_{secrets.token_hex(6)}"
    opened = open_store(f"mongodb://127.0.0.1:{proxy.port}/{database}")
    yield opened
    opened.close()
    with MongoClient(os.environ["MONGO_URI"]) as client:
        client.drop_database(database)


def test_a_commit_whose_reply_is_lost_was_made_once(store: Store, proxy: LossyProxy) -> None:
    store.sessions.create(a_session())
    commit = a_commit(
        state=b"new" * 1_000_000,
        push=a_step(1, None),
        outbox=(an_entry("o"),),
        seen={"r": 1},
        applied={"t": b"v"},
    )
    proxy.lose("findAndModify")
    assert store.sessions.commit("s", version=0, commit=commit) is True
    assert proxy.lost == 1
    loaded = store.sessions.load("s")
    assert loaded is not None
    assert (loaded.version, loaded.state, loaded.step, len(loaded.outbox)) == (1, b"new" * 1_000_000, 1, 1)
    assert (list(loaded.seen), list(loaded.applied)) == (["r"], ["t"])


def test_a_commit_that_goes_back_and_loses_its_reply(store: Store, proxy: LossyProxy) -> None:
    store.sessions.create(a_session())
    for uid in range(1, 31):
        assert store.sessions.commit("s", version=uid - 1, commit=a_commit(push=a_step(uid, uid - 1 or None)))
    proxy.lose("findAndModify")
    assert store.sessions.commit("s", version=30, commit=a_commit(pop=20)) is True
    assert proxy.lost == 1
    loaded = store.sessions.load("s")
    assert loaded is not None
    assert (loaded.version, loaded.step, loaded.top) == (31, 10, a_step(10, 9))


def test_a_commit_that_replaces_the_newest_steps_and_loses_its_reply(store: Store, proxy: LossyProxy) -> None:
    store.sessions.create(a_session())
    steps = [a_step(uid, uid - 1 or None, number=uid) for uid in range(1, 4)]
    for step in steps:
        assert store.sessions.commit("s", version=step.uid - 1, commit=a_commit(push=step))
    proxy.lose("findAndModify")
    again = a_commit(pop=2, push=a_step(4, 1, number=2), popped=(steps[2], steps[1]))
    assert store.sessions.commit("s", version=3, commit=again) is True
    assert proxy.lost == 1
    loaded = store.sessions.load("s")
    assert loaded is not None
    assert (loaded.version, loaded.step, loaded.top, loaded.below) == (4, 2, again.push, (steps[0],))


def test_a_lost_race_whose_reply_is_lost_is_a_lost_race(store: Store, proxy: LossyProxy) -> None:
    store.sessions.create(a_session())
    assert store.sessions.commit("s", version=0, commit=a_commit(state=b"other", outbox=(an_entry("o"),)))
    proxy.lose("findAndModify")
    assert store.sessions.commit("s", version=0, commit=a_commit(state=b"late")) is False
    assert proxy.lost == 1
    assert store.sessions.load("s").state == b"other"  # type: ignore[union-attr]


def test_another_process_that_saved_the_same_request_is_not_oneself(store: Store, proxy: LossyProxy) -> None:
    """The connection breaks; meanwhile the same request, repeated by its client, is saved elsewhere, and others follow it."""
    store.sessions.create(a_session())
    mine = a_commit(state=b"mine", seen={"r": 1}, outbox=(an_entry("mine"),))

    def others(times: int) -> None:
        with_seen = a_commit(state=b"theirs", seen={"r": 1}, outbox=(an_entry("theirs"),))
        with direct(store) as there:
            assert there.sessions.commit("s", version=0, commit=with_seen)
            for version in range(1, times):
                assert there.sessions.commit("s", version=version, commit=a_commit(seen={"r": 1}))

    for times in (1, 5):
        store.sessions.delete("s")
        store.sessions.create(a_session())
        proxy.cut("findAndModify", before=lambda times=times: others(times))
        assert store.sessions.commit("s", version=0, commit=mine) is False
        found = store.sessions.load("s")
        assert found is not None
        assert (found.state, [entry.id for entry in found.outbox]) == (b"theirs", ["theirs"])


def test_a_write_that_was_made_is_known_again_after_others_have_written(store: Store, proxy: LossyProxy) -> None:
    store.sessions.create(a_session())

    def others() -> None:
        with direct(store) as there:
            for version in range(1, 40):
                assert there.sessions.commit("s", version=version, commit=a_commit())

    proxy.lose("findAndModify", after=others)
    assert store.sessions.commit("s", version=0, commit=a_commit(state=b"mine", outbox=(an_entry("mine"),))) is True
    assert proxy.lost == 1


def test_a_session_whose_creation_is_not_confirmed_is_there_once(store: Store, proxy: LossyProxy) -> None:
    proxy.lose("insert")
    store.sessions.create(a_session())
    assert proxy.lost == 1
    proxy.lose("insert")
    with pytest.raises(DuplicateId):
        store.sessions.create(a_session(state=b"another"))
    assert store.sessions.load("s") == a_session()


def test_a_claim_whose_reply_is_lost_is_the_claimants(store: Store, proxy: LossyProxy) -> None:
    store.tasks.add(a_task())
    proxy.lose("findAndModify")
    claimed = store.tasks.claim("t", lease="mine", now=at(0), length=MINUTE)
    assert proxy.lost == 1
    assert claimed is not None
    assert (claimed.lease, claimed.attempts) == ("mine", 1)
    assert store.tasks.claim("t", lease="other", now=at(0), length=MINUTE) is None


ONCE: dict[str, Callable[[Store], bool]] = {
    "update add": lambda store: store.tasks.add(a_task("new")),
    "update open": lambda store: store.mails.open(an_address()),
    "update keep": lambda store: store.mails.keep(a_mail()),
    "update deliver": lambda store: store.mails.deliver(a_mail(), to=an_address()) is not Delivery.KNOWN,
    "update claim a later period": lambda store: store.schedule.claim("daily", period="2026-01-02", now=at(0)),
    "update claim a first period": lambda store: store.schedule.claim("never", period="2026-01-02", now=at(0)),
    "findAndModify move": lambda store: store.schedule.move("daily", was="2026-01-01", to="2025", now=at(0)),
    "update move a first": lambda store: store.schedule.move("never", was=None, to="2026-01-02", now=at(0)),
    "findAndModify responding": lambda store: store.tasks.responding("t", lease="mine", response={"v": b"x" * 500_000}),
    "findAndModify finish": lambda store: store.tasks.finish(
        "t", lease="mine", status="done", result={"v": b"x" * 500_000}, now=at(1)
    ),
    "findAndModify heartbeat": lambda store: store.tasks.heartbeat("t", lease="mine", now=at(1), length=MINUTE),
    "findAndModify release": lambda store: store.tasks.release("t", lease="mine"),
    "findAndModify deliver": lambda store: store.tasks.mark_delivered("t"),
    "findAndModify revoke": lambda store: store.tasks.revoke("t", now=at(1), terminate=True) is not None,
}


@pytest.mark.parametrize("name", ONCE)
def test_what_is_done_once_says_so_though_its_reply_is_lost(store: Store, proxy: LossyProxy, name: str) -> None:
    store.tasks.add(a_task())
    store.tasks.claim("t", lease="mine", now=at(0), length=MINUTE)
    store.schedule.claim("daily", period="2026-01-01", now=at(0))
    proxy.lose(name.split()[0])
    assert ONCE[name](store) is True
    assert proxy.lost == 1


def test_publishing_and_deleting_are_repeated(store: Store, proxy: LossyProxy) -> None:
    store.sessions.create(a_session(outbox=(an_entry("o", big=b"x" * 9_000),)))
    proxy.lose("findAndModify")
    store.sessions.publish_done("s", ["o"])
    assert store.sessions.load("s").outbox == ()  # type: ignore[union-attr]
    proxy.lose("delete")
    assert store.sessions.delete("s") is True
    assert proxy.lost == 2
    assert store.sessions.load("s") is None


def test_a_file_whose_replies_are_lost_is_whole(store: Store, proxy: LossyProxy) -> None:
    for command in ("update", "findAndModify"):
        proxy.lose(command)
        info = store.files.put(session="s", filename="f", mimetype="m", content=[b"x" * 2_500_000], now=at(0))
        assert sum(map(len, store.files.read(info.number))) == 2_500_000
    assert proxy.lost == 2
