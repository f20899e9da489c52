"""Screen tokens: only what this session showed can be answered."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.interview.tokens import BadToken, sign, verify

SECRET = b"s" * 32
SHOWN = b'{"block":"Question_7","context":{"x":"user","i":0},"variable":"user.name","action":null,"kind":"fields"}'


def test_a_signed_screen_is_recognised() -> None:
    shown = verify(SECRET, sign(SECRET, SHOWN, version=7))
    assert shown.block == "Question_7"
    assert shown.context == {"x": "user", "i": 0}
    assert shown.variable == "user.name"


def test_another_sessions_token_is_refused() -> None:
    with pytest.raises(BadToken, match="not made for this session"):
        verify(b"t" * 32, sign(SECRET, SHOWN, version=7))


@pytest.mark.parametrize("token", [None, 7, "", "x", "é", "A" * 9000, "====", sign(SECRET, SHOWN, version=7)[:-3]])
def test_what_is_no_token_is_refused(token: object) -> None:
    with pytest.raises(BadToken):
        verify(SECRET, token)


def test_a_signed_text_that_is_no_screen_is_refused() -> None:
    with pytest.raises(BadToken):
        verify(SECRET, sign(SECRET, b'{"unknown":1}', version=7))


@given(position=st.integers(min_value=0), flip=st.integers(min_value=1, max_value=255))
def test_one_changed_byte_is_noticed(position: int, flip: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(sign(SECRET, SHOWN, version=7) + "=="))
    raw[position % len(raw)] ^= flip
    with pytest.raises(BadToken):
        verify(SECRET, base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode())
