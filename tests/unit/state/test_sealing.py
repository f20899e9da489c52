"""Sealed bytes open with their key for their session, and in no other way."""

from __future__ import annotations

import copy
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.state import codec
from shared.state.errors import CannotUnseal
from shared.state.sealing import Key, is_sealed, seal, unseal
from shared.state.session import State

KEY = Key(bytes(range(32)))


@given(st.binary(), st.text(max_size=20))
def test_what_is_sealed_can_be_opened(data: bytes, session: str) -> None:
    sealed = seal(data, KEY, session=session)
    assert unseal(sealed, KEY, session=session) == data
    assert is_sealed(sealed)
    assert len(data) < 4 or data not in sealed[18:]


def test_twice_the_same_looks_different() -> None:
    assert seal(b"x", KEY, session="s") != seal(b"x", KEY, session="s")


def test_another_key_or_session_does_not_open_it() -> None:
    sealed = seal(b"answers", KEY, session="a")
    with pytest.raises(CannotUnseal):
        unseal(sealed, Key.random(), session="a")
    with pytest.raises(CannotUnseal):
        unseal(sealed, KEY, session="b")


@given(st.integers(0, 40), st.integers(1, 255))
def test_any_changed_byte_is_noticed(index: int, change: int) -> None:
    sealed = bytearray(seal(b"answers", KEY, session="a"))
    sealed[index % len(sealed)] ^= change
    with pytest.raises(CannotUnseal):
        unseal(bytes(sealed), KEY, session="a")


@given(st.binary(max_size=60))
def test_other_bytes_are_refused(data: bytes) -> None:
    for sealed in (data, b"PSEAL" + data, b"PSEAL\1" + data):
        with pytest.raises(CannotUnseal):
            unseal(sealed, KEY, session="a")


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
