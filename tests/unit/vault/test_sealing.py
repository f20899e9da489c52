"""Sealed bytes open with their key at their place, and in no other way; so do streams, from any byte on."""

from __future__ import annotations

import copy
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.state import codec
from shared.state.session import State
from shared.vault.sealing import (
    PIECE,
    Key,
    NotSealed,
    is_sealed,
    seal,
    seal_stream,
    stream_head,
    stream_size,
    stream_start,
    unseal,
    unseal_stream,
)

KEY = Key(bytes(range(32)))


@given(st.binary(), st.text(max_size=20))
def test_what_is_sealed_can_be_opened(data: bytes, session: str) -> None:
    sealed = seal(data, KEY, bound=(session, "state", "1"))
    assert unseal(sealed, KEY, bound=(session, "state", "1")) == data
    assert is_sealed(sealed)
    assert len(data) < 4 or data not in sealed[18:]


def test_twice_the_same_looks_different() -> None:
    assert seal(b"x", KEY, bound=("s",)) != seal(b"x", KEY, bound=("s",))


def test_another_key_or_session_does_not_open_it() -> None:
    sealed = seal(b"answers", KEY, bound=("a", "b"))
    with pytest.raises(NotSealed):
        unseal(sealed, Key.random(), bound=("a", "b"))
    with pytest.raises(NotSealed):
        unseal(sealed, KEY, bound=("b", "b"))


@given(st.lists(st.text(max_size=3), max_size=3), st.lists(st.text(max_size=3), max_size=3))
def test_places_never_look_alike(one: list[str], other: list[str]) -> None:
    sealed = seal(b"answers", KEY, bound=tuple(one))
    if one == other:
        assert unseal(sealed, KEY, bound=tuple(other)) == b"answers"
    else:
        with pytest.raises(NotSealed):
            unseal(sealed, KEY, bound=tuple(other))


@given(st.integers(0, 40), st.integers(1, 255))
def test_any_changed_byte_is_noticed(index: int, change: int) -> None:
    sealed = bytearray(seal(b"answers", KEY, bound=("a", "b")))
    sealed[index % len(sealed)] ^= change
    with pytest.raises(NotSealed):
        unseal(bytes(sealed), KEY, bound=("a", "b"))


@given(st.binary(max_size=60))
def test_other_bytes_are_refused(data: bytes) -> None:
    for sealed in (data, b"PSEAL" + data, b"PSEAL\1" + data):
        with pytest.raises(NotSealed):
            unseal(sealed, KEY, bound=("a", "b"))


def test_an_encoded_state_is_not_taken_for_a_sealed_one() -> None:
    assert not is_sealed(codec.encode(State({"a": 1})))


def test_a_key_does_not_show() -> None:
    secret = bytes(range(32))
    for shown in (repr(KEY), str(KEY), f"{KEY}", repr([KEY]), repr({"key": KEY})):
        assert shown.count("Key(…)") == 1
        assert repr(secret)[2:10] not in shown
    with pytest.raises(TypeError):
        copy.copy(KEY)
    with pytest.raises(ValueError, match="32 bytes") as caught:
        Key(b"too short but secret")
    assert "secret" not in "".join(traceback.format_exception_only(caught.value))


def test_keys_are_derived_by_purpose() -> None:
    assert Key.derived(b"secret", purpose="a") == Key.derived(b"secret", purpose="a")
    assert Key.derived(b"secret", purpose="a") != Key.derived(b"secret", purpose="b")
    assert Key.random() != Key.random()


SIZES = (0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 5)


def sealed_stream(size: int, part: int = 50_000) -> tuple[bytes, bytes]:
    clear = bytes(range(251)) * (size // 251 + 1)
    clear = clear[:size]
    parts = [clear[start : start + part] for start in range(0, size, part)]
    return clear, b"".join(seal_stream(parts, KEY, bound=("s", "file")))


def opened(sealed: bytes, offset: int = 0, *, size: int | None = None, bound: tuple[str, ...] = ("s", "file")) -> bytes:
    number, start = stream_start(offset)
    pieces = unseal_stream(
        [sealed[start : start + 70_000], sealed[start + 70_000 :]],
        KEY,
        head=stream_head([sealed]),
        first=number,
        size=len(sealed) if size is None else size,
        bound=bound,
    )
    return b"".join(pieces)[offset - number * PIECE :]


@pytest.mark.parametrize("size", SIZES)
def test_a_stream_opens_from_any_byte_on(size: int) -> None:
    clear, sealed = sealed_stream(size)
    assert stream_size(len(sealed)) == size
    for offset in {0, size // 2, max(0, size - 1)}:
        assert opened(sealed, offset) == clear[offset:]
    assert size < 4 or clear not in sealed


def test_a_stream_cut_short_moved_or_changed_does_not_open() -> None:
    _, sealed = sealed_stream(3 * PIECE + 5)
    one = PIECE + 28
    cuts = [sealed[:-1], sealed[: 22 + 3 * one], sealed[: 22 + one], sealed[:22], sealed + b"x"]
    swapped = sealed[:22] + sealed[22 + one : 22 + 2 * one] + sealed[22 : 22 + one] + sealed[22 + 2 * one :]
    other_name = sealed[:6] + bytes(16) + sealed[22:]
    for wrong in (*cuts, swapped, other_name, sealed[:100] + bytes([sealed[100] ^ 1]) + sealed[101:]):
        with pytest.raises(NotSealed):
            opened(wrong)
    with pytest.raises(NotSealed):
        opened(sealed, bound=("other", "file"))
    with pytest.raises(NotSealed):
        opened(sealed[: 22 + 2 * one], size=len(sealed))
    with pytest.raises(NotSealed):
        stream_head([b"PSEAL"])
