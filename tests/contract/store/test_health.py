"""What is wrong with a store is said: one that takes no writes, one that is damaged."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from pymongo import MongoClient

from shared.store.open import open_store
from shared.store.ports import Store, StoreDamaged
from shared.store.probe import EVERY, Probe
from shared.store.sqlite import SqliteStore
from tests.contract.store.make import a_session


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def no_room(path: Path) -> Iterator[None]:
    """The kernel refuses every write beyond what the file has now, as it does when the disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_database_before_its_first_use_is_told_from_one_that_is_empty(
    store_uri: str, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    assert store.prepared()
    fresh = f"{store_uri.removesuffix('.sqlite')}_fresh"
    with closing(open_store(fresh, prepare=False)) as unused:
        assert not unused.prepared()
        assert not unused.prepared(), "that one looked at it changes nothing"
    caplog.clear()
    with closing(open_store(fresh)) as used:
        assert used.prepared()
    with closing(open_store(fresh)):
        pass
    assert [record.getMessage() for record in caplog.records] == ["database_empty"]
    if fresh.startswith("mongodb"):
        with MongoClient[dict[str, object]](fresh) as client:
            client.drop_database(client.get_default_database())


def test_a_store_that_takes_writes_is_well(store: Store) -> None:
    store.check()
    assert Probe(store)() is None


def test_a_full_disk_is_told_and_so_is_its_end_and_nobody_asks_too_often(tmp_path: Path) -> None:
    path, clock = tmp_path / "full.sqlite", Clock()
    store = SqliteStore(path)
    store.prepare()
    probe = Probe(store, clock=clock)
    assert probe() is None
    with no_room(Path(f"{path}-wal")):
        clock.now = EVERY - 0.1
        assert probe() is None, "it was asked too soon"
        clock.now = EVERY
        reason = probe()
        assert reason is not None
        assert reason.startswith("takes no writes: ")
        assert str(tmp_path) not in reason
    assert probe() == reason
    clock.now = 2 * EVERY
    assert probe() is None
    store.close()


@pytest.mark.parametrize("damage", [b"\xff" * 4096, None], ids=["a page", "the header"])
def test_a_damaged_file_is_found_and_named_and_stays_as_it_is(tmp_path: Path, damage: bytes | None) -> None:
    path = tmp_path / "damaged.sqlite"
    store = SqliteStore(path)
    store.prepare()
    for number in range(50):
        store.sessions.create(a_session(f"s{number}", state=b"x" * 2000))
    store.close()
    whole = path.read_bytes()
    path.write_bytes(b"no database" * 500 if damage is None else whole[:4096] + damage * 12 + whole[13 * 4096 :])
    before = path.read_bytes()
    store = SqliteStore(path)
    with pytest.raises(StoreDamaged, match=r"damaged\.sqlite is damaged \(.*\.recover"):
        store.check()
    store.close()
    assert path.read_bytes() == before
