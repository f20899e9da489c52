"""What is written for an answer follows what it changed, not what the session holds, over both stores, sealed or not; and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from bson import encode as bson_encode
from pymongo import MongoClient

from shared.state.delta import deltas
from shared.store.open import open_store
from shared.store.ports import DuplicateId, Store, StoreUnavailable
from shared.store.records import CHANGEABLE, Commit
from shared.vault.keys import MemoryKeys
from shared.vault.plain import PlainVault
from shared.vault.ports import CannotUnseal
from shared.vault.sealed import SealedVault
from shared.vault.sessions import VaultedSessions
from shared.vault.store import VaultedStore
from tests.contract.store.make import a_commit, a_session, a_step


class System:
    """A database, and processes that use it."""

    def __init__(self, uri: str, vault: Any) -> None:
        self.inner = open_store(uri)
        self._vault = vault

    def process(self) -> Store:
        return VaultedStore(self.inner, self._vault)


@pytest.fixture(params=["plain", "sealed"])
def system(request: pytest.FixtureRequest, store_uri: str) -> Iterator[System]:
    made = System(store_uri, PlainVault() if request.param == "plain" else SealedVault(MemoryKeys()))
    yield made
    made.inner.close()


def state(answer: int, size: int = 3 * CHANGEABLE) -> bytes:
    return bson_encode({"variables": {"held": "x" * size, "answer": answer}, "internal": {}})


def answered(answer: int, *, size: int = 3 * CHANGEABLE, **more: Any) -> Commit:
    """From `answer` - 1."""
    new = state(answer, size)
    return a_commit(state=new, change=deltas(state(answer - 1, size), new)[1], **more)


def loaded(store: Store) -> bytes:
    found = store.sessions.load("s")
    assert found is not None
    assert found.changes == ()
    return found.state


@pytest.mark.parametrize("size", [3 * CHANGEABLE, 30 * CHANGEABLE])
def test_what_is_written_follows_what_changed(system: System, size: int) -> None:
    here = system.process()
    here.sessions.create(a_session(state=state(0, size)))
    assert loaded(here) == state(0, size)
    for version in range(3):
        assert here.sessions.commit("s", version=version, commit=answered(version + 1, size=size))
    kept = system.inner.sessions.load("s")
    assert kept is not None
    assert len(kept.state) > size
    assert [one.version for one in kept.changes] == [1, 2, 3]
    assert sum(len(one.delta) for one in kept.changes) < 1000
    assert loaded(here) == loaded(system.process()) == state(3, size)


@pytest.mark.parametrize("size", [3 * CHANGEABLE, 30 * CHANGEABLE])
def test_the_first_commit_of_a_session_that_was_just_begun_writes_what_it_changed(system: System, size: int) -> None:
    here = system.process()
    here.sessions.create(a_session(state=state(0, size)))
    assert here.sessions.commit("s", version=0, commit=answered(1, size=size))
    kept = system.inner.sessions.load("s")
    assert kept is not None
    assert [one.version for one in kept.changes] == [1]
    assert len(kept.changes[0].delta) < 300
    assert loaded(here) == loaded(system.process()) == state(1, size)


def test_who_did_not_begin_it_writes_all_of_it(system: System) -> None:
    here, there = system.process(), system.process()
    here.sessions.create(a_session(state=state(0)))
    assert there.sessions.commit("s", version=0, commit=answered(1))
    assert not here.sessions.commit("s", version=0, commit=answered(1)), "a race that is lost"
    kept = system.inner.sessions.load("s")
    assert kept is not None
    assert kept.changes == ()
    assert loaded(here) == loaded(there) == state(1)


@pytest.mark.parametrize("first", [0, 1], ids=["begun here", "begun elsewhere"])
def test_a_creation_that_came_second_leaves_nothing_wrong(system: System, first: int) -> None:
    processes = system.process(), system.process()
    processes[first].sessions.create(a_session(state=state(0), secret=b"first"))
    here = processes[0]
    with pytest.raises(DuplicateId):
        here.sessions.create(a_session(state=state(5), secret=b"second"))
    assert here.sessions.commit("s", version=0, commit=answered(1))
    kept = system.inner.sessions.load("s")
    assert kept is not None
    assert kept.changes == (), "nothing is known of what stands there"
    assert loaded(here) == loaded(system.process()) == state(1)


def test_a_session_that_was_begun_again_elsewhere_takes_no_change_of_the_one_before(system: System) -> None:
    here, there = system.process(), system.process()
    here.sessions.create(a_session(state=state(0), secret=b"first"))
    assert there.sessions.delete("s")
    there.sessions.create(a_session(state=state(7), secret=b"second"))
    assert here.sessions.commit("s", version=0, commit=answered(1))
    kept = system.inner.sessions.load("s")
    assert kept is not None
    assert kept.changes == ()
    assert loaded(system.process()) == state(1)


def test_a_creation_of_which_nobody_knows_whether_it_was_written_is_not_noted(system: System) -> None:
    """A crash of the connection: the store says an error, and has the session, or not."""

    class Cut:
        def __init__(self, inner: Any) -> None:
            self._inner = inner

        def __getattr__(self, name: str) -> Any:
            return getattr(self._inner, name)

        def create(self, *args: Any, **more: Any) -> None:
            self._inner.create(*args, **more)
            raise StoreUnavailable("cut")

    here = system.process()
    sessions = here.sessions
    assert isinstance(sessions, VaultedSessions)
    sessions._inner = cast(Any, Cut(sessions._inner))
    with pytest.raises(StoreUnavailable):
        sessions.create(a_session(state=state(0)))
    assert sessions.commit("s", version=0, commit=answered(1))
    kept = system.inner.sessions.load("s")
    assert kept is not None
    assert kept.changes == ()
    assert loaded(here) == state(1)


def test_a_small_state_is_written_whole(system: System) -> None:
    here = system.process()
    here.sessions.create(a_session(state=state(0, 1000)))
    loaded(here)
    assert here.sessions.commit("s", version=0, commit=answered(1, size=1000))
    kept = system.inner.sessions.load("s")
    assert kept is not None
    assert kept.changes == ()
    assert loaded(here) == state(1, 1000)


def test_after_many_changes_it_is_written_whole_and_they_go(system: System) -> None:
    here = system.process()
    here.sessions.create(a_session(state=state(0)))
    loaded(here)
    lengths = []
    for version in range(70):
        assert here.sessions.commit("s", version=version, commit=answered(version + 1))
        kept = system.inner.sessions.load("s")
        assert kept is not None
        lengths.append(len(kept.changes))
    assert lengths[:3] == [1, 2, 3]
    assert max(lengths) == 64
    assert lengths[64] == 0
    assert loaded(system.process()) == state(70)


def test_processes_take_turns(system: System) -> None:
    one, two = system.process(), system.process()
    one.sessions.create(a_session(state=state(0)))
    for version in range(6):
        store = (one, two)[version % 2]
        assert loaded(store) == state(version)
        assert store.sessions.commit("s", version=version, commit=answered(version + 1))
        assert not store.sessions.commit("s", version=version, commit=answered(version + 1)), "a race that is lost"
    assert loaded(one) == loaded(two) == state(6)


def test_a_process_that_does_not_know_what_there_is_writes_all_of_it(system: System) -> None:
    here = system.process()
    here.sessions.create(a_session(state=state(0)))
    loaded(here)
    assert here.sessions.commit("s", version=0, commit=answered(1))
    assert system.process().sessions.commit("s", version=1, commit=answered(2))
    kept = system.inner.sessions.load("s")
    assert kept is not None
    assert kept.changes == ()
    assert loaded(here) == state(2)


def test_a_state_that_an_older_version_wrote_is_written_whole_first(system: System, store_uri: str) -> None:
    here = system.process()
    here.sessions.create(a_session(state=state(0)))
    if store_uri.startswith("mongodb"):
        with MongoClient[Any](store_uri) as client:
            client.get_default_database()["sessions"].update_one({"_id": "s"}, {"$unset": {"state.sum": ""}})
    assert loaded(here) == state(0)
    for version in range(3):
        assert here.sessions.commit("s", version=version, commit=answered(version + 1))
    kept = system.inner.sessions.load("s")
    assert kept is not None
    assert len(kept.changes) == (2 if store_uri.startswith("mongodb") else 3)
    assert loaded(system.process()) == state(3)


def test_what_is_no_change_of_the_state_leaves_it_with_all_that_is_behind_it(system: System) -> None:
    here = system.process()
    here.sessions.create(a_session(state=state(0)))
    loaded(here)
    assert here.sessions.commit("s", version=0, commit=answered(1, push=a_step(1, None)))
    assert here.sessions.commit("s", version=1, commit=a_commit(fields={"title": "New"}))
    assert here.sessions.commit("s", version=2, commit=answered(2))
    assert loaded(here) == loaded(system.process()) == state(2)
    # Back: the state is another one, whole.
    assert here.sessions.commit("s", version=3, commit=a_commit(state=state(0), pop=1))
    kept = system.inner.sessions.load("s")
    assert kept is not None
    assert kept.changes == ()
    assert loaded(system.process()) == state(0)


def test_a_change_that_is_gone_or_another_is_noticed(system: System) -> None:
    here = system.process()
    here.sessions.create(a_session(state=state(0)))
    loaded(here)
    for version in range(2):
        assert here.sessions.commit("s", version=version, commit=answered(version + 1))
    # Somebody who does not know the state that stands there.
    assert system.inner.sessions.commit("s", version=2, commit=a_commit(change=deltas(state(7), state(8))[1]))
    with pytest.raises(CannotUnseal):
        loaded(here)


def test_with_the_session_goes_what_is_behind_its_state(system: System) -> None:
    here = system.process()
    here.sessions.create(a_session(state=state(0)))
    loaded(here)
    assert here.sessions.commit("s", version=0, commit=answered(1))
    assert here.sessions.delete("s")
    here.sessions.create(a_session(state=state(5)))
    assert loaded(here) == state(5)
    kept = system.inner.sessions.load("s")
    assert kept is not None
    assert kept.changes == ()


@pytest.mark.parametrize("size", [3 * CHANGEABLE, 30 * CHANGEABLE])
def test_a_commit_writes_no_more_pages_of_a_file_for_a_larger_state(tmp_path: Path, size: int) -> None:
    """SQLite writes whole rows: what is not to be written must stand in another."""
    made = System(f"sqlite:///{tmp_path}/pages.sqlite", PlainVault())
    here = made.process()
    here.sessions.create(a_session(state=state(0, size)))
    loaded(here)
    log = tmp_path / "pages.sqlite-wal"
    before = log.stat().st_size
    for version in range(5):
        assert here.sessions.commit("s", version=version, commit=answered(version + 1, size=size))
    assert log.stat().st_size - before < 5 * 60_000
    assert loaded(made.process()) == state(5, size)
    made.inner.close()
