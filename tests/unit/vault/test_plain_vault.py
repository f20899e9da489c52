"""A store behind the vault that seals nothing is the store as it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from shared.store.sqlite import SqliteStore
from shared.vault.plain import PlainVault
from shared.vault.store import VaultedStore
from tests.contract.store.make import a_mail, a_session, a_task, an_address, an_entry
from tests.helpers.memory import memory_store

NOW = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    made = memory_store()
    yield made
    made.close()


def test_what_is_kept_through_it_is_there_without_it(store: SqliteStore) -> None:
    vaulted = VaultedStore(store, PlainVault())
    vaulted.sessions.create(a_session(title="a title", extra={"a": [1]}, outbox=(an_entry("o", text="x"),)))
    vaulted.tasks.add(a_task(arguments=b"arguments", user={"name": "Ada"}))
    vaulted.mails.open(an_address())
    vaulted.mails.keep(a_mail())
    number = vaulted.files.put(
        session="s", filename="a.txt", mimetype="text/plain", content=[b"abc", b"def"], now=NOW
    ).number
    for one in (store, vaulted):
        session = one.sessions.load("s")
        assert session is not None
        assert (session.title, session.extra, session.outbox[0].body) == ("a title", {"a": [1]}, {"text": "x"})
        task, mail, info = one.tasks.get("t"), one.mails.get("m"), one.files.info(number)
        assert task is not None
        assert mail is not None
        assert info is not None
        assert (task.arguments, task.user) == (b"arguments", {"name": "Ada"})
        assert mail.raw == b"Subject: x\r\n\r\n"
        assert (info.filename, info.size) == ("a.txt", 6)
        assert b"".join(one.files.read(number, offset=2)) == b"cdef"
    assert vaulted.sessions.delete("s")
    assert store.sessions.load("s") is None
