"""The cover of messages: what was closed for one place opens in no other, and not without a key."""

from __future__ import annotations

import pytest

from shared.bus.covers import NO_COVER
from shared.bus.messages import BadMessage
from shared.vault.covers import SealedCover
from shared.vault.sealing import Key

OLD, NEW, OTHER = (Key(bytes([number]) * 32) for number in (1, 2, 3))
CALL = ("call", "interview", "answer")


def test_what_one_closes_another_with_the_key_opens() -> None:
    body = SealedCover([OLD]).close('{"a":"ä"}', *CALL)
    assert SealedCover([OLD]).open(memoryview(body), *CALL).decode() == '{"a":"ä"}'


@pytest.mark.parametrize("about", [("call", "interview", "delete"), ("reply", "interview", "answer"), ()])
def test_it_opens_nowhere_else(about: tuple[str, ...]) -> None:
    body = SealedCover([OLD]).close("{}", *CALL)
    with pytest.raises(BadMessage):
        SealedCover([OLD]).open(body, *about)


def test_keys_change_one_after_the_other() -> None:
    before, between, after = SealedCover([OLD]), SealedCover([NEW, OLD]), SealedCover([NEW])
    assert between.open(before.close("1", *CALL), *CALL) == b"1"
    assert after.open(between.close("2", *CALL), *CALL) == b"2"
    with pytest.raises(BadMessage):
        after.open(before.close("3", *CALL), *CALL)


@pytest.mark.parametrize("body", [b"", b"{}", "{}", b"PSEAL", b"PSEAL\x01" + b"x" * 40])
def test_what_was_not_closed_is_no_message(body: bytes | str) -> None:
    with pytest.raises(BadMessage) as caught:
        SealedCover([OTHER]).open(body, *CALL)
    assert "{}" not in str(caught.value)


def test_a_reply_belongs_to_one_call() -> None:
    cover = SealedCover([OLD])
    first, second = (cover.close("{}", *CALL) for _ in range(2))
    assert cover.mark(first) != cover.mark(second)
    reply = cover.close("mine", "reply", *CALL[1:], cover.mark(first))
    with pytest.raises(BadMessage):
        cover.open(reply, "reply", *CALL[1:], cover.mark(second))


def test_a_cover_has_a_key() -> None:
    with pytest.raises(ValueError, match="at least one"):
        SealedCover([])


def test_no_cover_leaves_everything_as_it_is() -> None:
    assert NO_COVER.open(NO_COVER.close("{}", *CALL), *CALL) == "{}"
    assert NO_COVER.open(memoryview(b"{}")) == b"{}"
    assert NO_COVER.mark(b"x") == ""
