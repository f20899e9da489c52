"""Sealing to a session without its key."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from shared.vault.mailboxes import open_sent, public_half, seal_to
from shared.vault.sealing import Key, NotSealed

KEY = Key(b"k" * 32)
PLACE = ("s", "mail", "m")


def test_only_the_key_of_the_session_opens_at_its_place() -> None:
    (sealed,) = seal_to(public_half(KEY), (b"hello", PLACE))
    assert b"hello" not in sealed
    assert open_sent(sealed, KEY, bound=PLACE) == b"hello"
    for key, place in ((Key(b"x" * 32), PLACE), (KEY, ("t", "mail", "m"))):
        with pytest.raises(NotSealed):
            open_sent(sealed, key, bound=place)


def test_the_same_twice_is_not_seen_to_be_the_same() -> None:
    one, two, same = (
        *seal_to(public_half(KEY), (b"x", PLACE)),
        *seal_to(public_half(KEY), (b"x", PLACE), (b"x", PLACE)),
    )[:3]
    assert len({one, two, same}) == 3


def test_what_is_sent_at_once_opens_each_at_its_own_place_only() -> None:
    other = ("s", "sender", "m")
    mail, sender = seal_to(public_half(KEY), (b"hello", PLACE), (b"who", other))
    assert open_sent(mail, KEY, bound=PLACE) == b"hello"
    assert open_sent(sender, KEY, bound=other) == b"who"
    for sealed, place in ((mail, other), (sender, PLACE)):
        with pytest.raises(NotSealed):
            open_sent(sealed, KEY, bound=place)


def test_one_pair_is_made_for_what_is_sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[X25519PrivateKey] = []

    class Counted(X25519PrivateKey):
        @classmethod
        def generate(cls) -> X25519PrivateKey:
            made.append(X25519PrivateKey.generate())
            return made[-1]

    mailbox = public_half(KEY)
    monkeypatch.setattr("shared.vault.mailboxes.X25519PrivateKey", Counted)
    seal_to(mailbox, *[(b"x", PLACE)] * 3)
    assert len(made) == 1


@pytest.mark.parametrize("cut", [0, 3, 6, 30, 38, 60, -1])
def test_what_breaks_off_is_refused(cut: int) -> None:
    with pytest.raises(NotSealed):
        open_sent(seal_to(public_half(KEY), (b"hello", PLACE))[0][:cut], KEY, bound=PLACE)


@pytest.mark.parametrize("mailbox", [b"", b"x" * 31, b"\0" * 32])
def test_no_mailbox(mailbox: bytes) -> None:
    with pytest.raises(NotSealed):
        seal_to(mailbox, (b"hello", PLACE))
