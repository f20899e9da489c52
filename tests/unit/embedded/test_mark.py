"""The mark beside a secret: a database that was lost is no first start."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.embedded import mark
from shared.store.sqlite import SqliteStore


def opened(var: Path) -> tuple[SqliteStore, str]:
    return SqliteStore(var / "parley.sqlite"), f"sqlite:///{var}/parley.sqlite"


def test_a_first_start_is_marked_and_the_next_one_goes_on(tmp_path: Path) -> None:
    store, address = opened(tmp_path)
    mark.expect(tmp_path, store, address)
    store.prepare()
    for _ in range(2):
        mark.keep(tmp_path, address)
        mark.expect(tmp_path, store, address)
    store.close()
    assert {path.name for path in tmp_path.iterdir()} >= {mark.NAME, "parley.sqlite"}
    assert not list(tmp_path.glob(f"{mark.NAME}.*"))


def test_a_database_that_was_lost_is_told_with_what_to_do(tmp_path: Path) -> None:
    store, address = opened(tmp_path)
    mark.keep(tmp_path, address)
    with pytest.raises(mark.DatabaseGone, match=f"remove {tmp_path / mark.NAME}"):
        mark.expect(tmp_path, store, address)
    store.close()


def test_another_database_than_the_marked_one_is_a_first_start(tmp_path: Path) -> None:
    store, address = opened(tmp_path)
    mark.keep(tmp_path, "sqlite:////elsewhere/parley.sqlite")
    mark.expect(tmp_path, store, address)
    mark.keep(tmp_path, address)
    assert (tmp_path / mark.NAME).read_text() == f"{address}\n"
    store.close()
