"""Sessions that nobody uses go, sealed ones too, with all that belongs to them; those that wait for a scheduled event stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from services.gateway.client.secret import BrowserSecret
from shared.contract.entry import Entry
from shared.contract.reply import Reply
from shared.vault.ports import KeyAway
from tests.helpers.embedded import Embedded, until
from tests.helpers.hands import Hands
from tests.helpers.packs import write_pack

PLAIN = """
question: Name?
fields:
  - Name: name
  - File: upload
    datatype: file
---
mandatory: True
question: |
  Hello, ${ name } ${ interview_email() }
"""
OPEN = "mandatory: True\ncode: |\n  multi_user = True\n---\n" + PLAIN
WAITS = (
    OPEN.replace("multi_user = True", "multi_user = True\n  allow_cron = True")
    + "---\nevent: cron_daily\ncode: |\n  response(null=True)\n"
)


@pytest.fixture
def system(tmp_path: Path, hands: Hands) -> Iterator[Embedded]:
    write_pack(tmp_path, "idle", {"plain": PLAIN, "open": OPEN, "waits": WAITS})
    running = Embedded(tmp_path / "var", packages=tmp_path, clock=hands)
    yield running
    running.stop()


def test_a_session_that_only_its_browser_can_open_goes_too(system: Embedded, hands: Hands) -> None:
    """Nobody here has its key: it is deleted unread."""
    who = BrowserSecret(bytes([1]) * 32)
    session = who.new_session("idle:plain.yml", "a-request")
    entry = msgspec.to_builtins(Entry(browsers=(who.browser,), keys=(who.key(session),), session=session))
    asker = {"client": who.browser, "user": {}, "browser": {}}
    bus, store = system.system.bus, system.system.store
    bus.call(
        "interview",
        "open",
        returns=Reply,
        interview="idle:plain.yml",
        request_id="a-request",
        caller=asker,
        entry=entry,
    )
    with pytest.raises(KeyAway):
        store.sessions.load(session)
    hands.now += timedelta(days=89)
    system.system._clock.round()
    assert store.sessions.exists(session)
    hands.now += timedelta(days=2)
    system.system._clock.round()
    assert not store.sessions.exists(session)


def test_sessions_that_nobody_uses_go_with_all_that_is_theirs(system: Embedded, hands: Hands) -> None:
    store = system.system.store
    visits = {name: system.visit(f"idle:{name}.yml") for name in ("plain", "open", "waits")}
    for visit in visits.values():
        visit.answer({"name": "Ann", "upload": {"upload": "a.png"}})
    hands.now += timedelta(days=89)
    system.system._clock.round()
    assert all(store.sessions.exists(visit.session) for visit in visits.values())
    hands.now += timedelta(days=2)
    system.system._clock.round()
    for name in ("open", "plain"):
        until(lambda name=name: not store.sessions.exists(visits[name].session), f"{name} is there still")
        assert store.files.of_session(visits[name].session) == []
        assert store.mails.addresses(visits[name].session) == []
        assert store.sessions.visits(visits[name].session) == ()
    assert store.sessions.exists(visits["waits"].session)
