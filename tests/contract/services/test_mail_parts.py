"""Received mails taken apart in real children, and their parts kept as files: once, whole, and bounded."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.interview.mail_parts import MailParts
from shared.contract.mail import MailParts as Listed
from shared.contract.mail import from_json
from shared.runner import dissector
from shared.runner.call import Again
from shared.runner.dissector import ChildDissector
from shared.store.open import open_store
from shared.store.ports import Store, StoreUnavailable
from shared.store.records import Mail
from tests.helpers.waiting import eventually
from tests.unit.mail.messages import CASES, mail, multi, part

NOW = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def dissect() -> Iterator[ChildDissector]:
    one = ChildDissector()
    yield one
    one.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/mail.sqlite")
    yield opened
    opened.close()


def received(store: Store, raw: bytes, name: str = "m") -> Mail:
    one = Mail(id=name, address="a", session="s", sender="x@example.com", received=NOW, raw=raw)
    store.mails.keep(one)
    return one


def listed(store: Store, name: str = "m") -> Listed:
    found = store.mails.parts(name, session="s")
    assert found is not None
    return from_json(found)


def content(store: Store, number: int | None) -> bytes:
    assert number is not None
    return b"".join(store.files.read(number))


def test_the_parts_become_files_of_the_session(store: Store, dissect: ChildDissector) -> None:
    case = next(one for one in CASES if one.name == "forwarded thrice")
    MailParts(store, dissect, clock=lambda: NOW).find(received(store, case.raw))
    parts = listed(store)
    assert content(store, parts.body_text) == b"first"
    second = parts.attachments[0].email
    assert second is not None
    assert content(store, second.body_text) == b"second"
    inner = second.attachments[0].email
    assert inner is not None
    assert content(store, inner.body_text) == b"the inner text"
    assert {info.session for info in store.files.of_session("s")} == {"s"}


def test_twice_is_once(store: Store, dissect: ChildDissector) -> None:
    parts = MailParts(store, dissect, clock=lambda: NOW)
    one = received(store, mail(multi("mixed", part("text/plain", b"x"), part("application/pdf", b"y"))))
    parts.find(one)
    first = [info.number for info in store.files.of_session("s")]
    parts.find(one)
    assert [info.number for info in store.files.of_session("s")] == first


def test_two_at_once_keep_one_list_and_its_files(store: Store) -> None:
    meeting = threading.Barrier(2)
    found = {"body_text": "hello", "headers": [], "attachments": [], "problems": []}

    def dissect(raw: bytes) -> Any:
        meeting.wait(10)
        return found

    one = received(store, b"x")
    threads = [
        threading.Thread(target=MailParts(store, dissect, clock=lambda: NOW).find, args=(one,)) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(store.files.of_session("s")) == 2
    assert content(store, listed(store).body_text) == b"hello"


def test_a_store_that_goes_away_leaves_nothing_half_done(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> bool:
        raise StoreUnavailable("away")

    monkeypatch.setattr(store.mails, "dissected", away)
    parts = MailParts(store, lambda raw: {"body_text": "x", "attachments": []}, clock=lambda: NOW)
    with pytest.raises(StoreUnavailable):
        parts.find(received(store, b"x"))
    assert store.files.of_session("s") == []


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (mail(multi("mixed", *[part("application/x", b"y")] * 2000)), "more than 1,000 parts"),
        (b"X: y\r\n" * 200_000 + b"\r\n", "more than 1 MB of header"),
    ],
)
def test_a_mail_beyond_the_bounds_is_kept_raw(store: Store, dissect: ChildDissector, raw: bytes, problem: str) -> None:
    MailParts(store, dissect, clock=lambda: NOW).find(received(store, raw))
    assert listed(store).problems == (f"too complex: {problem}",)
    assert len(store.files.of_session("s")) == 1, "its headers"


def test_a_child_that_is_killed_by_a_mail_harms_nothing(store: Store) -> None:
    tight = ChildDissector(seconds=0.05)
    try:
        raw = mail(multi("mixed", *[part("text/plain", b"=?" * 200_000)] * 40))
        MailParts(store, tight, clock=lambda: NOW).find(received(store, raw * 3))
        (problem,) = listed(store).problems
        assert problem.startswith("too complex")
    finally:
        tight.close()


def test_a_child_takes_one_mail_after_the_other_apart(store: Store) -> None:
    one = ChildDissector(at_once=1)
    try:
        parts = MailParts(store, one, clock=lambda: NOW)
        for number in range(20):
            parts.find(received(store, mail(part("text/plain", b"text %d" % number)), name=f"m{number}"))
            assert content(store, listed(store, f"m{number}").body_text) == b"text %d" % number
        assert one.forked == 1, "forking costs many times what a mail does"
        large = mail(part("text/plain", b"x" * (dissector.LARGE + 1)))
        assert len(one(large)["body_text"]) > dissector.LARGE
        one(mail(part("text/plain", b"next")))
        assert one.forked == 2, "a large one was the last of its child"
    finally:
        one.close()


def test_a_child_that_takes_mails_apart_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dissector, "SEVERAL", Again(calls=3, seconds=0.2))
    one = ChildDissector(at_once=1)
    try:
        for _ in range(7):
            one(mail(part("text/plain", b"Good day")))
        assert one.forked >= 3, "three mails each"
        eventually(lambda: one.waiting == 0, seconds=20)
    finally:
        one.close()
