"""Addresses of sessions, and mails kept for them."""

from __future__ import annotations

import pytest

from shared.store.ports import Store
from tests.contract.store.make import a_mail, an_address, at


def test_an_address_is_opened_once(store: Store) -> None:
    address = an_address(key="invoices", index=3, user={"id": 7})
    assert store.mails.open(address) is True
    assert store.mails.open(an_address(session="other")) is False
    assert store.mails.find("abc") == address
    assert store.mails.open(an_address("bcd")) is True
    assert store.mails.addresses("s") == [address, an_address("bcd")]
    assert store.mails.addresses("other") == []


@pytest.mark.parametrize("name", ["unknown", "ABC", "", "a\x00", "x" * 999])
def test_unknown_addresses(store: Store, name: str) -> None:
    store.mails.open(an_address("abc"))
    assert store.mails.find(name) is None


@pytest.mark.parametrize("size", [0, 1_000, 1_048_577, 25_000_000])
def test_a_mail_is_kept_once_and_whole(store: Store, size: int) -> None:
    mail = a_mail(raw=b"\x00\xff\r\n" * (size // 4))
    assert store.mails.keep(mail) is True
    assert store.mails.keep(a_mail(raw=b"another")) is False
    assert store.mails.get("m") == mail
    assert store.mails.of_session("s") == [mail]
    assert store.mails.get("n") is None


def test_mails_wait_until_they_are_done(store: Store) -> None:
    for number, name in enumerate(["b", "a", "c"]):
        store.mails.keep(a_mail(name, received=at(number)))
    assert store.mails.waiting(older_than=at(1), limit=9) == ["b", "a"]
    assert store.mails.waiting(older_than=at(9), limit=2) == ["b", "a"]
    store.mails.done("b")
    store.mails.done("b")
    store.mails.done("unknown")
    assert store.mails.waiting(older_than=at(9), limit=9) == ["a", "c"]
    assert [one.status for one in store.mails.of_session("s")] == ["done", "received", "received"]
