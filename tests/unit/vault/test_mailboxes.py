"""Sealing to a session without its key."""

from __future__ import annotations

import pytest

from shared.vault.mailboxes import open_sent, public_half, seal_to
from shared.vault.sealing import Key, NotSealed

KEY = Key(b"k" * 32)
PLACE = ("s", "mail", "m")


def test_only_the_key_of_the_session_opens_at_its_place() -> None:
    sealed = seal_to(public_half(KEY), b"hello", bound=PLACE)
    assert b"hello" not in sealed
    assert open_sent(sealed, KEY, bound=PLACE) == b"hello"
    for key, place in ((Key(b"x" * 32), PLACE), (KEY, ("t", "mail", "m"))):
        with pytest.raises(NotSealed):
            open_sent(sealed, key, bound=place)


def test_the_same_twice_is_not_seen_to_be_the_same() -> None:
    assert seal_to(public_half(KEY), b"x", bound=PLACE) != seal_to(public_half(KEY), b"x", bound=PLACE)


@pytest.mark.parametrize("cut", [0, 3, 6, 30, 38, 60, -1])
def test_what_breaks_off_is_refused(cut: int) -> None:
    with pytest.raises(NotSealed):
        open_sent(seal_to(public_half(KEY), b"hello", bound=PLACE)[:cut], KEY, bound=PLACE)


@pytest.mark.parametrize("mailbox", [b"", b"x" * 31, b"\0" * 32])
def test_no_mailbox(mailbox: bytes) -> None:
    with pytest.raises(NotSealed):
        seal_to(mailbox, b"hello", bound=PLACE)
