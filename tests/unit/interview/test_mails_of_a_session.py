"""What a step may know of the mails of its session: headers page by page, a content when it is asked for, and of no other session."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from services.session_host import SessionHost
from shared.contract.mail import MailParts, to_json
from shared.store.ports import Store
from shared.store.records import Address, Mail
from tests.helpers.memory import memory_store

NOW = datetime(2026, 1, 15, tzinfo=UTC)


def receive(store: Store, name: str, *, address: str = "abc", session: str = "s", minute: int = 0) -> None:
    raw = f"Subject: {name}\r\n\r\nthe content of {name}".encode()
    received = NOW + timedelta(minutes=minute)
    store.mails.keep(
        Mail(id=name, address=address, session=session, sender="a@example.com", received=received, raw=raw)
    )


@pytest.fixture
def store() -> Iterator[Store]:
    opened = memory_store()
    for address, session, key in (("abc", "s", "evidence"), ("bcd", "s", None), ("xyz", "other", "evidence")):
        about = {"index": None, "user": {"email": "me@example.com"}, "created": NOW}
        opened.mails.open(Address(address=address, session=session, key=key, **about))  # type: ignore[arg-type]
    yield opened
    opened.close()


@pytest.fixture
def host(store: Store) -> SessionHost:
    return SessionHost(store, "s", clock=lambda: NOW)


def test_headers_without_contents(store: Store, host: SessionHost) -> None:
    receive(store, "m1")
    page = host.emails(None, "")
    assert page == {
        "mails": [
            {
                "id": "m1",
                "address": "abc",
                "tag": "",
                "key": "evidence",
                "index": None,
                "owner": "me@example.com",
                "sender": "a@example.com",
                "head": b"Subject: m1\r\n\r\n",
                "received": NOW,
            }
        ],
        "after": None,
    }


def test_page_after_page(store: Store, host: SessionHost) -> None:
    for number in range(250):
        receive(store, f"m{number:03}", minute=number)
    found: list[str] = []
    after: str | None = ""
    pages = 0
    while after is not None:
        page = host.emails(None, after)
        found += [mail["id"] for mail in page["mails"]]
        after, pages = page["after"], pages + 1
    assert found == [f"m{number:03}" for number in range(250)]
    assert pages == 3


def test_of_one_key_and_of_this_session(store: Store, host: SessionHost) -> None:
    receive(store, "keyed")
    receive(store, "other key", address="bcd")
    receive(store, "elsewhere", address="xyz", session="other")
    assert [mail["id"] for mail in host.emails("evidence", "")["mails"]] == ["keyed"]
    assert {mail["id"] for mail in host.emails(None, "")["mails"]} == {"keyed", "other key"}


def test_one_with_its_content(store: Store, host: SessionHost) -> None:
    receive(store, "m1")
    receive(store, "elsewhere", address="xyz", session="other")
    mail = host.email("m1")
    assert mail is not None
    assert mail["parts"] is None
    headed = {name: value for name, value in mail.items() if name not in ("parts", "front")}
    assert headed == host.emails(None, "")["mails"][0]
    store.mails.dissected("m1", session="s", parts=to_json(MailParts(headers=7)))
    mail = host.email("m1")
    assert mail is not None
    assert mail["parts"]["headers"] == 7
    assert host.email_raw("m1").endswith(b"the content of m1")
    for other in ("elsewhere", "unknown"):
        with pytest.raises(LookupError):
            host.email_raw(other)
    assert host.email("elsewhere") is None
    assert host.email("unknown") is None
