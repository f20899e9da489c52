"""Who may enter a session, and what its record then says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.gateway.client.secret import BrowserSecret
from services.interview import access
from shared.contract.entry import MOST, Entry
from shared.contract.errors import BadValue
from shared.store.records import Session

NOW = datetime(2026, 1, 15, tzinfo=UTC)
MINE, SECOND, THEIRS = (BrowserSecret(bytes([number]) * 32) for number in (1, 2, 3))


def entry(*secrets: BrowserSecret, session: str = "s1", **more: Any) -> Entry:
    return Entry(
        browsers=tuple(one.browser for one in secrets), keys=tuple(one.key(session) for one in secrets), **more
    )


def begun(by: Entry | None = None, **more: Any) -> Session:
    given = {"version": 1, "interview": "a:b.yml", "state": b"", "step": 0}
    times = {"created": NOW, "modified": NOW, "accessed": NOW}
    return Session(id="s1", **{**given, **times, **access.first_fields(by), **more})


def test_the_key_of_the_browser_that_began_it_opens_a_session() -> None:
    session = begun(entry(MINE))
    assert access.admit(session, entry(MINE)) == access.Admission(by_id=False)
    assert access.admit(session, entry(THEIRS, MINE)) == access.Admission(by_id=False)
    assert session.browsers == (access.browser_hash(MINE.browser),)


@pytest.mark.parametrize(
    "asked",
    [entry(THEIRS), entry(), None, entry(MINE, session="s2"), Entry(browsers=(MINE.browser,), keys=("A" * 43,))],
)
def test_nothing_else_does(asked: Entry | None) -> None:
    assert access.admit(begun(entry(MINE)), asked) is None


def test_keys_are_not_kept_but_their_hashes() -> None:
    session = begun(entry(MINE))
    kept = repr((session.slots, session.browsers))
    assert MINE.key("s1") not in kept
    assert MINE.browser not in kept
    assert MINE.key("s1") not in repr(entry(MINE))


def test_a_session_of_many_is_entered_by_its_id_and_gives_no_key() -> None:
    session = begun(entry(MINE), multi_user=True)
    admission = access.admit(session, entry(THEIRS))
    assert admission == access.Admission(by_id=True)
    assert access.settled(session, entry(THEIRS), admission) == {}
    assert access.admit(replace(session, multi_user=False), entry(THEIRS)) is None


def test_a_session_that_no_browser_began_is_for_programs_on_the_bus_and_for_whom_the_gateway_vouches() -> None:
    session = begun()
    assert access.admit(session, None) == access.Admission(by_id=True)
    assert access.admit(session, entry(MINE)) is None
    vouched = entry(MINE, vouched=True)
    admission = access.admit(session, vouched)
    assert admission == access.Admission(by_id=False)
    adopted = replace(session, **access.settled(session, vouched, admission))
    assert access.admit(adopted, entry(MINE)) == access.Admission(by_id=False)
    assert access.admit(adopted, None) is None


def test_two_secrets_of_a_browser_become_the_first() -> None:
    session = begun(entry(SECOND))
    both = entry(MINE, SECOND)
    admission = access.admit(session, both)
    assert admission is not None
    changed = replace(session, **access.settled(session, both, admission))
    assert access.admit(changed, entry(MINE)) is not None
    assert access.admit(changed, entry(SECOND)) is not None
    assert access.settled(changed, both, admission) == {}
    assert set(changed.browsers) == {access.browser_hash(MINE.browser), access.browser_hash(SECOND.browser)}


def test_slots_of_others_stay_and_the_oldest_of_browsers_go() -> None:
    slots = {"s:1": b"service"} | {f"b:{number}": b"" for number in range(access.SLOTS + 5)}
    session = begun(slots=slots, browsers=tuple(f"hash{number}" for number in range(access.BROWSERS + 5)))
    changed = access.settled(session, entry(MINE, vouched=True), access.Admission(by_id=False))
    assert changed["slots"]["s:1"] == b"service"
    browsers = [name for name in changed["slots"] if name.startswith("b:")]
    assert len(browsers) == access.SLOTS
    assert browsers[-1] == access.slot(MINE.key("s1"))
    assert "b:0" not in browsers
    assert len(changed["browsers"]) == access.BROWSERS


@pytest.mark.parametrize(
    "given",
    [
        None,
        5,
        {"keys": ["x"]},
        {"browsers": [MINE.browser], "keys": []},
        {"browsers": [MINE.browser], "keys": ["é" * 43]},
        {"browsers": [MINE.browser] * (MOST + 1), "keys": [MINE.key("s1")] * (MOST + 1)},
        {"session": ""},
        {"vouched": "yes"},
    ],
)
def test_entries_that_are_none(given: Any) -> None:
    with pytest.raises(BadValue):
        Entry.parse(given)
