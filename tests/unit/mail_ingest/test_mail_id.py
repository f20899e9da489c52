"""The same mail has the same id; different mails have different ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mail_ingest.identity import mail_ids

NAMED = b"Subject: x\r\nMessage-ID: <1@example.com>\r\n\r\nText"
UNNAMED = b"Subject: x\r\n\r\nMessage-ID: in the text only"
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def an_id(raw: bytes = NAMED, *, address: str = "a", sender: str = "s", minutes: int = 0) -> str:
    return ids(raw, address=address, sender=sender, minutes=minutes)[0]


def ids(
    raw: bytes, *, address: str = "a", sender: str = "s", minutes: int = 0, keys: Sequence[bytes] = (b"a key",)
) -> list[str]:
    return mail_ids(address=address, sender=sender, raw=raw, at=NOON + timedelta(minutes=minutes), keys=keys)


@pytest.mark.parametrize(
    "raw",
    [NAMED, b"message-id : <1>\r\n\r\n", b"Subject: y\r\nMESSAGE-ID:\t<1>\r\n\r\n", NAMED.replace(b"\r\n", b"\n")],
)
def test_a_mail_with_a_message_id_is_the_same_for_ever(raw: bytes) -> None:
    assert ids(raw) == ids(raw, minutes=100_000)
    assert len(ids(raw)) == 1


@pytest.mark.parametrize("raw", [UNNAMED, b"Message-ID: \r\n\r\n", b""])
def test_a_mail_without_one_is_looked_for_within_the_hour(raw: bytes) -> None:
    assert an_id(raw) == an_id(raw, minutes=59)
    assert an_id(raw) != an_id(raw, minutes=60)
    assert ids(raw, minutes=60)[1] == an_id(raw)
    assert an_id(raw) not in ids(raw, minutes=120)


@pytest.mark.parametrize(
    "trace",
    [
        b"Received: from a\r\n by b\r\n\tfor c\r\n",
        b"RETURN-PATH: <x@y>\r\n",
        b"Delivered-To: x\r\nX-Original-To: x\r\n",
        b"Authentication-Results: mx;\r\n spf=pass\r\nReceived-SPF: pass\r\nARC-Seal: i=1\r\nX-Spam-Status: no\r\n",
    ],
)
def test_what_servers_write_on_the_way_makes_no_difference(trace: bytes) -> None:
    assert an_id(trace + NAMED) == an_id()
    before, after = NAMED.split(b"\r\n", 1)
    assert an_id(before + b"\r\n" + trace + after) == an_id()
    assert an_id(NAMED + b"\r\n" + trace) != an_id(), "in the text it is the sender's"


def test_address_sender_and_content_make_a_difference() -> None:
    assert len({an_id(), an_id(address="b"), an_id(sender="b"), an_id(NAMED + b"!"), an_id(b"X-A: 1\r\n" + NAMED)}) == 5
    assert an_id(address="ab", sender="c") != an_id(address="a", sender="bc")


@given(st.binary(), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_bytes_have_an_id(raw: bytes, sender: str) -> None:
    assert all(len(one) == 40 for one in ids(raw, sender=sender))


@pytest.mark.parametrize("raw", [NAMED, UNNAMED])
def test_nobody_finds_an_id_by_trying_who_has_not_the_key(raw: bytes) -> None:
    assert ids(raw)[0] != ids(raw, keys=[b"another"])[0]
    rotated = ids(raw, keys=[b"new", b"a key"])
    assert rotated[0] == ids(raw, keys=[b"new"])[0]
    assert an_id(raw) in rotated[1:], "kept with the key of before it is known all the same"
