"""Addresses of sessions, and mails kept for them."""

from __future__ import annotations

from typing import Any

import pytest

from shared.store.checks import PARTS_BYTES
from shared.store.delivery import Delivery
from shared.store.ports import Store, TooLarge
from shared.store.records import head_of
from tests.contract.store.make import a_mail, a_session, an_address, at


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
    assert store.mails.destination(name) is None


@pytest.mark.parametrize("size", [0, 1_000, 1_048_577, 25_000_000])
def test_a_mail_is_kept_once_and_whole(store: Store, size: int) -> None:
    mail = a_mail(raw=b"\x00\xff\r\n" * (size // 4), front=size > 0)
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


def heads(store: Store, **options: Any) -> list[str]:
    return [one.id for one in store.mails.heads("s", **options).lines]


def test_heads_are_mails_without_their_contents(store: Store) -> None:
    raw = b"From: a@example.com\r\nSubject: x\r\n\r\n" + b"body\r\n\r\n" * 100_000
    store.mails.keep(a_mail(raw=raw))
    (head,) = store.mails.heads("s").lines
    assert (head.id, head.address, head.session, head.sender, head.received) == (
        "m",
        "abc",
        "s",
        "a@example.com",
        at(0),
    )
    assert head.head == b"From: a@example.com\r\nSubject: x\r\n\r\n"
    store.mails.keep(a_mail(raw=b"Subject: another\r\n\r\n"))
    assert [one.head for one in store.mails.heads("s").lines] == [head.head], "the one that is kept"
    assert store.mails.heads("other").lines == ()


def test_heads_come_in_pages_oldest_first(store: Store) -> None:
    for number, name in enumerate(["c", "b", "a", "e", "d"]):
        store.mails.keep(a_mail(name, received=at(number // 2)))
    store.mails.keep(a_mail("other", session="t"))
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        page = store.mails.heads("s", after=after, limit=2)
        found += [one.id for one in page.lines]
        after = page.after
    assert found == heads(store) == ["b", "c", "a", "e", "d"]


def test_heads_go_with_their_session(store: Store) -> None:
    store.sessions.create(a_session())
    store.mails.keep(a_mail())
    store.mails.keep(a_mail("other", session="t"))
    store.sessions.delete("s")
    assert heads(store) == []
    assert len(store.mails.heads("t").lines) == 1


@pytest.mark.parametrize(
    ("raw", "head"),
    [
        (b"", b""),
        (b"Subject: x", b"Subject: x"),
        (b"A: 1\n\nbody\r\n\r\n", b"A: 1\n\n"),
        (b"A: 1\r\n\r\nbody\n\n", b"A: 1\r\n\r\n"),
        (b"X" * 70_000 + b"\r\n\r\nbody", b"X" * 65_536),
    ],
)
def test_where_a_header_ends(raw: bytes, head: bytes) -> None:
    assert head_of(raw) == head


def test_what_a_mail_is_made_of_is_kept_once(store: Store) -> None:
    store.mails.keep(a_mail())
    assert store.mails.parts("m", session="s") is None
    assert store.mails.dissected("m", session="s", parts=b"first") is True
    assert store.mails.dissected("m", session="s", parts=b"second") is False
    assert store.mails.parts("m", session="s") == b"first"
    assert store.mails.parts("m", session="t") is None
    assert store.mails.parts("", session="s") is None
    with pytest.raises(TooLarge):
        store.mails.dissected("n", session="s", parts=b"x" * (PARTS_BYTES + 1))
    store.sessions.create(a_session())
    store.sessions.delete("s")
    assert store.mails.parts("m", session="s") is None


def size(store: Store, address: str = "abc") -> int:
    found = store.mails.destination(address)
    assert found is not None
    return found.size


def test_the_bytes_of_a_session_are_counted(store: Store) -> None:
    store.sessions.create(a_session())
    for address, session in (("abc", "s"), ("bcd", "s"), ("cde", "t")):
        store.mails.open(an_address(address, session=session))
    assert size(store) == 0
    store.mails.keep(a_mail("a", raw=b"x" * 10))
    store.mails.keep(a_mail("b", raw=b"x" * 100_000))
    store.mails.keep(a_mail("c", session="t", address="cde"))
    assert 100_010 <= size(store) < 100_200, "behind a vault, as they are sealed"
    store.mails.keep(a_mail("b", raw=b"x" * 5_000))
    assert size(store) < 100_200, "one that is kept already"
    store.mails.open(an_address("def"))
    assert size(store) == size(store, "bcd") == size(store, "def"), "whichever of its addresses is asked for"
    assert 0 < size(store, "cde") < 1000
    store.sessions.delete("s")
    assert store.mails.destination("abc") is None
    store.mails.open(an_address("efg"))
    assert size(store, "efg") == 0


def test_a_mail_is_delivered_once_and_to_nobody_who_is_gone(store: Store) -> None:
    store.sessions.create(a_session())
    store.mails.open(an_address(user={"id": 7}))
    to = store.mails.destination("abc")
    assert to is not None
    assert (to.address.address, to.address.session) == ("abc", "s")
    mail = a_mail(raw=b"Subject: x\r\n\r\n" + b"x" * 50_000)
    assert store.mails.deliver(mail, to=to.address) is Delivery.KEPT
    assert store.mails.deliver(mail, to=to.address) is Delivery.KNOWN
    assert store.mails.get("m") == mail
    assert [one.head for one in store.mails.heads("s").lines] == [b"Subject: x\r\n\r\n"]
    assert 50_000 < size(store) < 51_000
    store.sessions.delete("s")
    late = a_mail("late", raw=b"x" * 50_000)
    assert store.mails.deliver(late, to=to.address) is Delivery.GONE
    assert (store.mails.get("late"), store.mails.of_session("s"), heads(store)) == (None, [], [])
    assert store.mails.waiting(older_than=at(9), limit=9) == []


def test_which_of_some_mails_came_lately(store: Store) -> None:
    store.mails.keep(a_mail("old", received=at(0)))
    store.mails.keep(a_mail("new", received=at(5)))
    assert store.mails.known(["none", "new", "old"], since=at(-1)) == "new"
    assert store.mails.known(["old", "new"], since=at(-1)) == "old"
    assert store.mails.known(["old"], since=at(0)) is None
    assert store.mails.known(["", "a\x00"], since=at(0)) is None
    assert store.mails.known([], since=at(0)) is None


@pytest.mark.parametrize("length", [10, 100_000])
def test_a_mail_is_removed_with_what_was_kept_of_it(store: Store, length: int) -> None:
    store.mails.open(an_address())
    store.mails.keep(a_mail("a", raw=b"x" * length))
    store.mails.keep(a_mail("b", raw=b"y" * 10))
    store.mails.dissected("a", session="s", parts=b"parts")
    both = size(store)
    assert store.mails.remove("a") is True
    assert store.mails.remove("a") is False
    assert store.mails.remove("unknown") is False
    assert store.mails.get("a") is None
    assert store.mails.parts("a", session="s") is None
    assert heads(store) == ["b"]
    assert store.mails.waiting(older_than=at(9), limit=9) == ["b"]
    assert 10 <= size(store) <= both - length
    store.mails.remove("b")
    assert size(store) == 0


def test_the_mails_of_a_session_that_wait_in_their_order(store: Store) -> None:
    for number, name in enumerate(["b", "a", "c"]):
        store.mails.keep(a_mail(name, received=at(number)))
    store.mails.keep(a_mail("other", session="t"))
    store.mails.done("a")
    assert store.mails.waiting_of("s", limit=9) == ["b", "c"]
    assert store.mails.waiting_of("s", limit=1) == ["b"]
    assert store.mails.waiting_of("u", limit=1) == []


def test_a_retired_address_is_known_for_a_while(store: Store) -> None:
    store.mails.open(an_address("abc"))
    store.mails.open(an_address("bcd", session="t"))
    assert not store.mails.gone("abc")
    for _ in range(2):
        store.mails.retire("s", now=at(5))
    assert store.mails.gone("abc")
    assert not store.mails.gone("bcd")
    assert not store.mails.gone("")
    assert store.mails.forget_gone(before=at(5), limit=9) == 0
    assert store.mails.forget_gone(before=at(6), limit=9) == 1
    assert not store.mails.gone("abc")
