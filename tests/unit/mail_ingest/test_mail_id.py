"""The same mail has the same id; different mails have different ones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.mail_ingest.reception import mail_id

NAMED = b"Subject: x\r\nMessage-ID: <1@example.com>\r\n\r\nText"
UNNAMED = b"Subject: x\r\n\r\nMessage-ID: in the text only"


def an_id(raw: bytes = NAMED, *, address: str = "a", sender: str = "s", transaction: str = "t") -> str:
    return mail_id(address=address, sender=sender, raw=raw, transaction=transaction)


def test_a_mail_with_a_message_id_is_the_same_in_another_transaction() -> None:
    assert an_id() == an_id(transaction="other")
    for spelling in (b"message-id : <1>\r\n\r\n", b"Subject: y\r\nMESSAGE-ID:\t<1>\r\n\r\n"):
        assert an_id(spelling) == an_id(spelling, transaction="other")


def test_a_mail_without_one_is_the_same_in_its_own_transaction_only() -> None:
    assert an_id(UNNAMED) == an_id(UNNAMED)
    assert an_id(UNNAMED) != an_id(UNNAMED, transaction="other")
    assert an_id(b"Message-ID: \r\n\r\n") != an_id(b"Message-ID: \r\n\r\n", transaction="other")


def test_address_sender_and_content_make_a_difference() -> None:
    assert len({an_id(), an_id(address="b"), an_id(sender="b"), an_id(NAMED + b"!")}) == 4
    assert an_id(address="ab", sender="c") != an_id(address="a", sender="bc")


@given(st.binary(), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_bytes_have_an_id(raw: bytes, sender: str) -> None:
    assert len(an_id(raw, sender=sender)) == 40
