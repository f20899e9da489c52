"""Mail that leaves: once, to whom it is for, with nothing smuggled in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from services.worker.mails import HANDING_OVER, Mailer
from shared.bus.messages import Job, Retry
from shared.store.open import open_store
from shared.store.ports import Store

BODY = {"mail_id": "m1", "session": "s1", "to": ["user@example.com"], "subject": "Hello", "body": "Good day"}


class Post:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
        self.sent: list[EmailMessage] = []
        self.meanwhile: Any = lambda: None

    def transport(self, message: EmailMessage) -> None:
        self.meanwhile()
        self.sent.append(message)

    def send(self, **changed: Any) -> None:
        mailer = Mailer(
            store=self.store, transport=self.transport, clock=lambda: self.now, sender="parley@x.example", domain="x"
        )
        mailer.handle(Job(queue="send", id="m1", body=BODY | changed))


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    store = open_store(f"sqlite:///{tmp_path / 'test.sqlite'}")
    yield Post(store)
    store.close()


def test_a_second_delivery_waits_while_the_first_is_under_way(post: Post) -> None:
    def second_worker() -> None:
        post.meanwhile = lambda: None
        with pytest.raises(Retry):
            post.send()

    post.meanwhile = second_worker
    post.send()
    post.send()
    assert len(post.sent) == 1


def test_a_message_of_a_worker_that_died_is_sent_by_another(post: Post) -> None:
    def dies() -> None:
        raise KeyboardInterrupt

    post.meanwhile = dies
    with pytest.raises(KeyboardInterrupt):
        post.send()
    post.meanwhile = lambda: None
    with pytest.raises(Retry):
        post.send()
    post.now += timedelta(seconds=HANDING_OVER + 1)
    post.send()
    assert [message["Message-ID"] for message in post.sent] == ["<m1@x>"]


def test_after_a_refusal_the_next_try_need_not_wait(post: Post) -> None:
    def refuses() -> None:
        raise ConnectionRefusedError

    post.meanwhile = refuses
    with pytest.raises(Retry):
        post.send()
    post.meanwhile = lambda: None
    post.now += timedelta(seconds=2)
    post.send()
    assert len(post.sent) == 1


@pytest.mark.parametrize(
    "smuggled",
    [
        {"to": ["a@example.com\r\nBcc: b@example.com"]},
        {"sender": "a@example.com\nBcc: b@example.com"},
        {"reply_to": "a@example.com\r\n\r\nbody"},
        {"headers": [["X-A", "1\r\nBcc: b@example.com"]]},
        {"headers": [["X-A: 1\r\nBcc", "b@example.com"]]},
        {"headers": [["", "x"]]},
    ],
)
def test_nothing_can_be_smuggled_into_the_headers(post: Post, smuggled: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        post.send(**smuggled)
    assert post.sent == []


def test_a_subject_of_several_lines_is_one(post: Post) -> None:
    post.send(subject="Hello\r\nBcc: b@example.com")
    assert post.sent[0]["Subject"] == "Hello Bcc: b@example.com"
    assert post.sent[0]["Bcc"] is None


def test_only_files_of_the_session_are_attached(post: Post) -> None:
    keep = {"mimetype": "text/plain", "now": post.now}
    own = post.store.files.put(session="s1", filename="own.txt", content=[b"own"], **keep)
    other = post.store.files.put(session="s2", filename="other.txt", content=[b"other"], **keep)
    post.send(attachments=[own.number, other.number, 999])
    assert [part.get_filename() for part in post.sent[0].iter_attachments()] == ["own.txt"]
