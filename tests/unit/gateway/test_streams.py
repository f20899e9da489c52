"""Event streams: news reach every page of a session, nothing is lost on reconnecting, and they end when they should."""

from __future__ import annotations

import json
from collections.abc import Iterator

import gevent
import pytest

from services.gateway.streams import ALIVE, KEPT_NEWS, Streams, TooManyStreams
from shared.bus.messages import Notification


def streams(limit: int = 10) -> Streams:
    return Streams(heartbeat=0.05, limit=limit)


def told(stream: Iterator[str], count: int) -> list[str]:
    """The next `count` texts that are no heartbeats."""
    found: list[str] = []
    with gevent.Timeout(5):
        for text in stream:
            if text != ALIVE and not text.startswith("retry"):
                found.append(text)
            if len(found) == count:
                break
    return found


def parsed(text: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in text.strip().splitlines())


def test_news_reach_the_pages_of_their_session_only() -> None:
    hub = streams()
    mine, other = hub.open("s1", client="a", last_id=None), hub.open("s2", client="b", last_id=None)
    hub.receive(Notification(session="s1", event="task", data={"task": "t", "ui": None}))
    got = parsed(told(mine, 1)[0])
    assert got["event"] == "task"
    assert json.loads(got["data"]) == {"task": "t", "ui": None}
    assert [next(other), next(other)] == ["retry: 3000\n\n", ALIVE]


def test_a_stream_that_nobody_read_gives_its_place_back() -> None:
    hub = streams(limit=1)
    for _ in range(3):  # as HEAD does, and a browser that goes away at once
        hub.open("s1", client="a", last_id=None).close()
    assert hub.count == 0
    read = hub.open("s1", client="a", last_id=None)
    next(read)
    read.close()
    read.close()
    assert hub.count == 0


def test_news_from_a_thread_wake_the_stream() -> None:
    hub = streams()
    stream = hub.open("s1", client="a", last_id=None)
    gevent.get_hub().threadpool.apply(hub.receive, (Notification(session="s1", event="changed", data={"version": 3}),))
    assert parsed(told(stream, 1)[0])["event"] == "changed"


def test_what_a_page_missed_is_told_when_it_comes_back() -> None:
    hub = streams()
    first = hub.open("s1", client="a", last_id=None)
    hub.receive(Notification(session="s1", event="task", data={"task": "1"}))
    seen = parsed(told(first, 1)[0])["id"]
    hub.receive(Notification(session="s1", event="task", data={"task": "2"}))
    hub.receive(Notification(session="s1", event="task", data={"task": "3"}))
    again = told(hub.open("s1", client="a", last_id=seen), 2)
    assert [json.loads(parsed(text)["data"])["task"] for text in again] == ["2", "3"]


@pytest.mark.parametrize("last", ["another-process-7", "ffffffff-1", "nonsense"])
def test_a_page_from_another_process_is_told_to_ask(last: str) -> None:
    assert parsed(told(streams().open("s1", client="a", last_id=last), 1)[0])["event"] == "resync"


def test_a_page_that_missed_more_than_is_kept_is_told_to_ask() -> None:
    hub = streams()
    first = hub.open("s1", client="a", last_id=None)
    hub.receive(Notification(session="s1", event="task", data={}))
    seen = parsed(told(first, 1)[0])["id"]
    for _ in range(KEPT_NEWS + 5):
        hub.receive(Notification(session="s1", event="task", data={}))
    assert parsed(told(hub.open("s1", client="a", last_id=seen), 1)[0])["event"] == "resync"


def test_closing_a_session_ends_its_streams() -> None:
    hub = streams()
    stream = hub.open("s1", client="a", last_id=None)
    hub.receive(Notification(session="s1", event="closed", data={}))
    events = [parsed(text)["event"] for text in stream if not text.startswith((":", "retry"))]
    assert events == ["closed", "end"]
    assert hub.count == 0


def test_logging_out_ends_the_streams_of_that_browser() -> None:
    hub = streams()
    mine, other = hub.open("s1", client="a", last_id=None), hub.open("s1", client="b", last_id=None)
    hub.cut(client="a")
    assert parsed(list(mine)[-1])["event"] == "end"
    assert hub.count == 1
    hub.receive(Notification(session="s1", event="task", data={}))
    assert parsed(told(other, 1)[0])["event"] == "task"


def test_a_page_that_goes_away_is_forgotten() -> None:
    hub = streams()
    stream = hub.open("s1", client="a", last_id=None)
    next(stream)
    stream.close()  # type: ignore[attr-defined] # what a WSGI server does when the connection is gone
    assert hub.count == 0
    hub.receive(Notification(session="s1", event="task", data={}))


def test_there_is_a_limit() -> None:
    hub = streams(limit=1)
    hub.open("s1", client="a", last_id=None)
    with pytest.raises(TooManyStreams):
        hub.open("s2", client="a", last_id=None)


def test_a_page_hears_what_happened_since_it_was_made() -> None:
    hub = streams()
    hub.receive(Notification(session="s1", event="task", data={"task": "before"}))
    made = hub.position
    hub.receive(Notification(session="s2", event="task", data={"task": "not mine"}))
    hub.receive(Notification(session="s1", event="task", data={"task": "meanwhile"}))
    stream = hub.open("s1", client="a", last_id=made)
    hub.receive(Notification(session="s1", event="task", data={"task": "later"}))
    assert [json.loads(parsed(text)["data"])["task"] for text in told(stream, 2)] == ["meanwhile", "later"]


def test_a_page_that_missed_nothing_is_told_nothing() -> None:
    hub = streams()
    hub.receive(Notification(session="s1", event="task", data={}))
    stream = hub.open("s1", client="a", last_id=hub.position)
    assert [next(stream), next(stream)] == ["retry: 3000\n\n", ALIVE]


def test_what_is_kept_for_pages_that_reconnect_is_bounded_in_bytes() -> None:
    hub = Streams(heartbeat=0.05, limit=10, kept_bytes=10_000)
    silent, lively = hub.position, ""
    for number in range(200):
        if number == 190:
            lively = hub.position
        data = {"task": "t" * 100, "ui": None}
        hub.receive(Notification(session=f"s{number % 40}", event="task", data=data))
    assert hub._size == sum(len(text) for kept in hub._kept.values() for _, text in kept) <= 10_000
    assert parsed(told(hub.open("s5", client="a", last_id=silent), 1)[0])["event"] == "resync"
    assert parsed(told(hub.open("s39", client="a", last_id=lively), 1)[0])["event"] == "task"


def test_one_that_is_larger_than_all_that_may_be_kept() -> None:
    hub = Streams(heartbeat=0.05, limit=10, kept_bytes=1_000)
    before = hub.position
    hub.receive(Notification(session="s", event="task", data={"task": "t" * 2_000, "ui": None}))
    assert parsed(told(hub.open("s", client="a", last_id=before), 1)[0])["event"] == "resync"
    assert hub._size == 0
