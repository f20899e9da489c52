"""Who has a session's key: browsers by their slots, the installation while it may, work by its ticket; and for no longer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.store.records import OutboxEntry, Session
from shared.vault.held import HeldKeys
from shared.vault.ports import TICKET, KeyAway
from shared.vault.sealing import Key
from shared.vault.slots import TICKET_AGE, ServiceKeys, browser_slot

NOW = datetime(2026, 1, 15, tzinfo=UTC)
MINE, SECOND, THEIRS = (Key(bytes([number]) * 32) for number in (1, 2, 3))
SERVICE = ServiceKeys({"old": Key(b"o" * 32)})
ROTATED = ServiceKeys({"new": Key(b"n" * 32), **SERVICE.keys})


class Records:
    """The sessions of a database, and processes that look at them."""

    def __init__(self) -> None:
        self.now = NOW
        self.kept: dict[str, Session] = {}

    def process(self, service: ServiceKeys = SERVICE) -> HeldKeys:
        return HeldKeys(service, look=self.kept.get, clock=lambda: self.now)

    def write(self, keys: HeldKeys, name: str = "s", **fields: Any) -> Session:
        self.kept[name] = replace(self.kept[name], **keys.settled(self.kept[name], fields))
        return self.kept[name]

    def begin(self, *browsers: Key, name: str = "s", **more: Any) -> Key:
        """A new session; its key."""
        keys = self.process()
        with keys.work():
            keys.offer(name, browsers)
            keys.begin(name)
            slots = {browser_slot(one): b"" for one in browsers[:1]}
            self.kept[name] = _session(name, slots=slots, **more)
            self.write(keys, name)
            return keys.to_read(name)

    def opened(self, *browsers: Key, name: str = "s", service: ServiceKeys = SERVICE) -> Key:
        keys = self.process(service)
        with keys.work():
            keys.offer(name, browsers)
            return keys.to_read(name)


def _session(name: str = "s", **more: Any) -> Session:
    times: dict[str, Any] = {"created": NOW, "modified": NOW, "accessed": NOW}
    return Session(id=name, version=0, interview="a:b.yml", state=b"", step=0, **times, **more)


@pytest.fixture
def records() -> Records:
    return Records()


def test_the_browser_that_began_opens_and_nobody_else(records: Records) -> None:
    key = records.begin(MINE)
    assert records.kept["s"].sealed
    assert records.opened(THEIRS, MINE) == key
    for browsers in ((), (THEIRS,)):
        with pytest.raises(KeyAway):
            records.opened(*browsers)


def test_what_was_opened_lately_is_for_whom_it_was_opened(records: Records) -> None:
    key, process, slot = records.begin(MINE), records.process(), browser_slot(MINE)

    def opened(*browsers: Key) -> Key:
        with process.work():
            process.offer("s", browsers)
            return process.to_read("s")

    assert opened(MINE) == opened(MINE) == key
    with pytest.raises(KeyAway):
        opened(THEIRS)
    kept = records.kept["s"]
    changed = bytearray(kept.slots[slot])
    changed[-1] ^= 1
    for other in ({slot: bytes(changed)}, {browser_slot(THEIRS): kept.slots[slot]}):
        records.kept["s"] = replace(kept, slots=other)
        for browser in (MINE, THEIRS):
            with pytest.raises(KeyAway):
                opened(browser)


def test_no_slot_holds_a_key_that_opens_by_itself(records: Records) -> None:
    key = records.begin(MINE)
    (content,) = records.kept["s"].slots.values()
    assert key.exposed() not in content


def test_each_session_has_a_key_of_its_own_and_a_slot_opens_nothing_elsewhere(records: Records) -> None:
    assert records.begin(MINE, name="s") != records.begin(MINE, name="t")
    records.kept["t"] = replace(records.kept["t"], slots=records.kept["s"].slots)
    with pytest.raises(KeyAway):
        records.opened(MINE, name="t")


def test_the_installation_opens_while_everybody_may(records: Records) -> None:
    key = records.begin(MINE, multi_user=True)
    assert records.opened() == key
    keys = records.process()
    with keys.work():
        keys.offer("s", [MINE])
        records.write(keys, multi_user=False)
    with pytest.raises(KeyAway):
        records.opened()
    assert records.opened(MINE) == key
    with keys.work():
        keys.offer("s", [MINE])
        records.write(keys, multi_user=True)
    assert records.opened() == key


def test_a_browser_that_enters_by_the_id_gets_no_slot_until_it_closes_the_door(records: Records) -> None:
    key = records.begin(multi_user=True)
    keys = records.process()
    with keys.work():
        keys.offer("s", [THEIRS])
        records.write(keys)
        assert browser_slot(THEIRS) not in records.kept["s"].slots
        records.write(keys, multi_user=False)
    assert records.opened(THEIRS) == key
    with pytest.raises(KeyAway):
        records.opened()


def test_a_slot_of_a_kind_that_comes_later_stays_and_counts(records: Records) -> None:
    """A link's, a person's: with such a one the installation need not open the session, whoever else is gone."""
    records.begin(MINE)
    later = {"u:7": b"sealed for somebody", "l:1": b"sealed for a link"}
    keys = records.process()
    with keys.work():
        keys.offer("s", [MINE])
        records.write(keys, multi_user=True, slots={**records.kept["s"].slots, **later})
        assert set(records.kept["s"].slots) == {browser_slot(MINE), "s:old", *later}
        records.write(keys, multi_user=False, slots={**later, "s:old": records.kept["s"].slots["s:old"]})
    assert {name: records.kept["s"].slots.get(name) for name in later} == later
    assert "s:old" not in records.kept["s"].slots


def test_the_last_slot_stays(records: Records) -> None:
    key = records.begin(multi_user=True)
    keys = records.process()
    with keys.work():
        records.write(keys, multi_user=False)
    assert records.opened() == key


def test_a_second_key_of_a_browser_gets_a_slot(records: Records) -> None:
    key = records.begin(MINE)
    keys = records.process()
    with keys.work():
        keys.offer("s", [SECOND, MINE])
        records.write(keys, slots={**records.kept["s"].slots, browser_slot(SECOND): b""})
    assert records.opened(SECOND) == records.opened(MINE) == key


def test_nothing_is_written_where_nothing_changes(records: Records) -> None:
    records.begin(MINE)
    keys = records.process()
    with keys.work():
        keys.offer("s", [MINE])
        assert keys.settled(records.kept["s"], {"title": "x"}) == {"title": "x"}


def test_a_slot_that_was_changed_in_the_database_opens_nothing(records: Records) -> None:
    records.begin(MINE)
    ((name, content),) = records.kept["s"].slots.items()
    records.kept["s"] = replace(records.kept["s"], slots={name: content[:-1] + bytes([content[-1] ^ 1])})
    with pytest.raises(KeyAway):
        records.opened(MINE)


# -- work


def test_a_ticket_opens_for_its_work_and_for_two_days(records: Records) -> None:
    key = records.begin(MINE)
    keys = records.process()
    with keys.work():
        keys.offer("s", [MINE])
        ticket = keys.ticket("s", "task1")
    for session, work in (("s", "task2"), ("t", "task1")):
        with keys.work(), pytest.raises(KeyAway):
            keys.redeem(session, work, ticket)
    for service in (SERVICE, ROTATED):
        worker = records.process(service)
        with worker.work():
            worker.redeem("s", "task1", ticket)
            assert worker.to_read("s") == key
    records.now += TICKET_AGE + timedelta(seconds=1)
    with keys.work(), pytest.raises(KeyAway, match="time"):
        keys.redeem("s", "task1", ticket)


def test_what_waits_in_an_outbox_opens_for_who_publishes_it_alone(records: Records) -> None:
    key = records.begin(MINE)
    keys = records.process()
    with keys.work():
        keys.offer("s", [MINE])
        ticket = keys.ticket("s", "e1")
    entry = OutboxEntry(id="e1", kind="StartTask", body={"sealed": b"", TICKET: ticket})
    records.kept["s"] = replace(records.kept["s"], outbox=(entry,))
    with pytest.raises(KeyAway):
        records.opened()
    with keys.work(publishing=True):
        assert keys.to_read("s") == key
    records.kept["s"] = replace(records.kept["s"], outbox=(replace(entry, id="e2"),))
    with keys.work(publishing=True), pytest.raises(KeyAway):
        keys.to_read("s")


def test_work_leaves_nothing_behind(records: Records) -> None:
    records.begin(MINE)
    keys = records.process()
    with keys.work():
        keys.offer("s", [MINE])
        keys.to_read("s")
        with keys.work(), pytest.raises(KeyAway):
            keys.to_read("s")
        keys.to_read("s")
    with keys.work(), pytest.raises(KeyAway):
        keys.to_read("s")
    with pytest.raises(KeyAway, match="no work"):
        keys.to_read("s")


def test_who_lost_the_race_to_seal_takes_the_key_that_won(records: Records) -> None:
    records.kept["s"] = _session(slots={browser_slot(MINE): b""})
    slow, fast = records.process(), records.process()
    with slow.work():
        slow.offer("s", [MINE])
        slow.unlock(records.kept["s"])
        slow.settled(records.kept["s"], {})  # its compare-and-set comes too late
        with fast.work():
            fast.offer("s", [MINE])
            records.write(fast)
            won = fast.to_read("s")
        slow.unlock(records.kept["s"])
        assert slow.to_read("s") == won


# -- sessions of before


def test_a_session_of_before_is_sealed_by_its_next_write(records: Records) -> None:
    records.kept["s"] = _session(slots={browser_slot(MINE): b""})
    keys = records.process()
    with keys.work():
        keys.offer("s", [MINE])
        assert keys.lenient("s")
        assert keys.to_write("s") is None  # what is written before the record says so stays readable
        assert keys.ticket("s", "task") == b""
        records.write(keys)
        key = keys.to_read("s")
    assert records.kept["s"].sealed
    assert records.opened(MINE) == key
    with keys.work():
        keys.offer("s", [MINE])
        assert keys.lenient("s")  # what was written before stands in clear
    with pytest.raises(KeyAway):
        records.opened()


def test_a_new_session_is_not_lenient_whatever_its_record_says_of_itself(records: Records) -> None:
    records.begin(MINE)
    keys = records.process()
    with keys.work():
        keys.offer("s", [MINE])
        assert not keys.lenient("s")


# -- keys of the installation


def test_a_key_of_the_installation_is_changed_without_losing_a_session(records: Records) -> None:
    key = records.begin(multi_user=True)
    assert records.opened(service=ROTATED) == key
    keys = records.process(ROTATED)
    with keys.work():
        records.write(keys)
    assert list(records.kept["s"].slots) == ["s:new"]
    assert records.opened(service=ServiceKeys({"new": ROTATED.keys["new"]})) == key
    with pytest.raises(KeyAway):
        records.opened()


def test_no_key_shows(records: Records) -> None:
    assert "o" * 32 not in repr(SERVICE)
    assert repr(Key(b"k" * 32)) == "Key(…)"
