"""News: everybody who listens hears them; nobody is held up by them."""

from __future__ import annotations

from shared.bus.messages import News
from tests.helpers.waiting import eventually


def test_every_listener_hears_the_news_as_they_were_told(bus):
    first: list[News] = []
    second: list[News] = []
    stops = [bus.listen(first.append), bus.listen(second.append)]
    bus.tell(News(session="s1", event="task", data={"task": "t1", "ui": None}))
    eventually(lambda: first and second)
    assert first == second == [News(session="s1", event="task", data={"task": "t1", "ui": None})]
    for stop in stops:
        stop()


def test_news_keep_their_order(bus):
    heard: list[News] = []
    stop = bus.listen(heard.append)
    for number in range(50):
        bus.tell(News(session="s1", event="changed", data={"version": number}))
    eventually(lambda: len(heard) == 50)
    assert [news.data["version"] for news in heard] == list(range(50))
    stop()


def test_a_listener_that_fails_hears_the_next_news(bus):
    heard: list[str] = []

    def receive(news: News) -> None:
        heard.append(news.event)
        raise LookupError("no page")

    stop = bus.listen(receive)
    for event in ("one", "two"):
        bus.tell(News(session="s1", event=event))
    eventually(lambda: heard == ["one", "two"])
    stop()


def test_a_stopped_listener_hears_nothing_more(bus):
    stopped: list[News] = []
    heard: list[News] = []
    bus.listen(stopped.append)()
    stop = bus.listen(heard.append)
    bus.tell(News(session="s2", event="closed"))
    eventually(lambda: heard)
    assert stopped == []
    stop()


def test_telling_never_raises(bus):
    bus.tell(News(session="s1", event="task", data={"x": object()}))
    assert bus.call("probe", "echo", value=1) == 1
