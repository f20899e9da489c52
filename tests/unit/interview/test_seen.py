"""What is remembered of requests: for an hour, of each browser for itself, and never without a bound."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.interview import seen
from shared.store.checks import ID_LENGTH, SEEN_ENTRIES
from shared.store.records import Session
from shared.store.session_checks import check_seen

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


def test_a_request_is_known_again_for_an_hour() -> None:
    kept = seen.with_request({}, "ann", "r1", NOW)
    for minute in range(1, 60):
        kept = seen.with_request(kept, "ann", f"other {minute}", NOW + timedelta(minutes=minute))
    assert seen.key("ann", "r1") in kept
    kept = seen.with_request(kept, "ann", "one more", NOW + timedelta(minutes=61))
    assert seen.key("ann", "r1") not in kept
    assert seen.key("ann", "other 2") in kept


def test_one_browser_does_not_push_out_what_another_sent() -> None:
    kept = seen.with_request({}, "ann", "r1", NOW)
    for number in range(3 * seen.OF_ONE):
        kept = seen.with_request(kept, "bob", f"r{number}", NOW)
    assert seen.key("ann", "r1") in kept
    assert len(kept) == seen.OF_ONE + 1
    assert seen.key("bob", f"r{3 * seen.OF_ONE - 1}") in kept


def test_however_many_there_are_the_session_can_be_kept() -> None:
    kept: dict[str, int] = {seen.key(f"browser {number}", "r"): 1768473000 for number in range(SEEN_ENTRIES)}
    kept = seen.with_request(kept, "ann", "r1", NOW)
    assert len(kept) == SEEN_ENTRIES
    assert list(kept)[-1] == seen.key("ann", "r1")
    check_seen(kept)


def test_again_is_the_newest_and_there_once() -> None:
    kept = seen.with_request({}, "ann", "r1", NOW)
    kept = seen.with_request(kept, "ann", "r2", NOW)
    assert list(seen.with_request(kept, "ann", "r1", NOW)) == [seen.key("ann", "r2"), seen.key("ann", "r1")]


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=200), st.text(max_size=200))
def test_keys_tell_browsers_and_requests_apart(client: str, request: str, other: str, another: str) -> None:
    assert len(seen.key(client, request)) < ID_LENGTH
    if (client, request) != (other, another) and "\0" not in client + other:
        assert seen.key(client, request) != seen.key(other, another)


def test_whether_all_is_remembered_since_a_time_is_known() -> None:
    full: dict[str, int] = {}
    for number in range(seen.OF_ONE + 1):
        full = seen.with_request(full, "ann", f"r{number}", NOW + timedelta(seconds=number))
    session = Session(
        id="s", version=1, interview="demos:a.yml", state=b"", step=0, secret=b"k", created=NOW, modified=NOW, accessed=NOW, seen=full,
    )  # fmt: skip
    assert seen.knows_since(session, "ann", NOW + timedelta(seconds=2))
    assert not seen.knows_since(session, "ann", NOW)
    assert seen.knows_since(session, "bob", NOW)
    assert not seen.knows_since(session, "bob", NOW - timedelta(hours=2))
