"""Files on their way: pieces in any order, repeated, through several processes; and what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest

from shared.store.ports import BadRecord, Store, TooLarge
from tests.contract.store.make import a_session, at


def test_pieces_come_back_in_order(store: Store) -> None:
    for offset in (3, 0, 9, 3):
        store.uploads.append("s", "u", offset=offset, piece=bytes(str(offset), "ascii"), now=at(offset))
    assert list(store.uploads.pieces("s", "u")) == [(0, b"0"), (3, b"3"), (9, b"9")]
    assert list(store.uploads.pieces("s", "other")) == list(store.uploads.pieces("t", "u")) == []
    store.uploads.append("s", "u", offset=3, piece=b"again", now=at(20))
    assert dict(store.uploads.pieces("s", "u"))[3] == b"again"


@pytest.mark.parametrize("pair", [("a/b", "c"), ("a", "b/c"), ("1/a", "b"), ("x" * 200, "\U0001f600" * 200)])
def test_two_ids_are_never_taken_for_two_others(store: Store, pair: tuple[str, str]) -> None:
    store.uploads.append("a", "b", offset=0, piece=b"mine", now=at(0))
    store.uploads.append(*pair, offset=0, piece=b"theirs", now=at(0))
    assert list(store.uploads.pieces("a", "b")) == [(0, b"mine")]
    assert list(store.uploads.pieces(*pair)) == [(0, b"theirs")]


def test_an_upload_becomes_one_file(store: Store) -> None:
    assert store.uploads.find("s", "u") is None
    store.uploads.append("s", "u", offset=0, piece=b"x", now=at(0))
    before = store.uploads.find("s", "u")
    assert before is not None
    assert (before.number, before.changed) == (None, at(0))
    assert store.uploads.finish("s", "u", number=7) == 7
    assert store.uploads.finish("s", "u", number=8) == 7, "whoever was first"
    assert list(store.uploads.pieces("s", "u")) == []
    store.uploads.append("s", "u", offset=0, piece=b"late", now=at(1))
    assert list(store.uploads.pieces("s", "u")) == []
    found = store.uploads.find("s", "u")
    assert found is not None
    assert found.number == 7
    assert store.uploads.finish("s", "never begun", number=1) is None


def test_old_ones_are_found_and_removed(store: Store) -> None:
    for number, name in enumerate(["b", "a", "c"]):
        store.uploads.append("s", name, offset=0, piece=b"x", now=at(number))
    assert [one.id for one in store.uploads.old(before=at(2))] == ["b", "a"]
    assert [one.id for one in store.uploads.old(before=at(9), limit=1)] == ["b"]
    store.uploads.append("s", "b", offset=1, piece=b"x", now=at(8))
    store.uploads.remove("s", "a")
    store.uploads.remove("s", "a")
    assert [one.id for one in store.uploads.old(before=at(9))] == ["c", "b"]
    assert list(store.uploads.pieces("s", "a")) == []


def test_they_go_with_their_session(store: Store) -> None:
    store.sessions.create(a_session())
    store.uploads.append("s", "u", offset=0, piece=b"x", now=at(0))
    store.uploads.append("t", "u", offset=0, piece=b"x", now=at(0))
    assert store.sessions.delete("s")
    assert store.uploads.find("s", "u") is None
    assert list(store.uploads.pieces("s", "u")) == []
    assert list(store.uploads.pieces("t", "u")) == [(0, b"x")]


@pytest.mark.parametrize("offset", [-1, 1.0, None, True])
def test_offsets_that_are_none(store: Store, offset: Any) -> None:
    with pytest.raises(BadRecord):
        store.uploads.append("s", "u", offset=offset, piece=b"x", now=at(0))
    assert store.uploads.find("s", "u") is None


@pytest.mark.parametrize(("piece", "error"), [("text", BadRecord), (None, BadRecord), (b"x" * 8_388_609, TooLarge)])
def test_pieces_that_are_none(store: Store, piece: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        store.uploads.append("s", "u", offset=0, piece=piece, now=at(0))
    assert store.uploads.find("s", "u") is None
