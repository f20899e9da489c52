"""A stream is cut into chunks of one size, whatever pieces it comes in."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.store import chunks
from shared.store.ports import TooLarge


@given(st.lists(st.binary(max_size=50)))
def test_pieces_join_to_what_went_in(content: list[bytes]) -> None:
    size, chunks.CHUNK_BYTES = chunks.CHUNK_BYTES, 16  # type: ignore[misc]
    try:
        measure = chunks.Measure(limit=10_000)
        cut = list(chunks.pieces(content, measure))
    finally:
        chunks.CHUNK_BYTES = size  # type: ignore[misc]
    whole = b"".join(content)
    assert b"".join(cut) == whole
    assert all(len(one) == 16 for one in cut[:-1])
    assert all(0 < len(one) <= 16 for one in cut)
    assert (measure.size, measure.sha256) == (len(whole), hashlib.sha256(whole).hexdigest())


def test_the_limit_is_met_before_the_rest_is_read() -> None:
    read = []

    def content():
        for number in range(5):
            read.append(number)
            yield b"x" * 10

    with pytest.raises(TooLarge, match="limit of 25 bytes"):
        list(chunks.pieces(content(), chunks.Measure(limit=25)))
    assert read == [0, 1, 2]
