"""Notifications: everybody who listens hears them; nobody is held up by them."""

from __future__ import annotations

from shared.bus.messages import Notification
from tests.helpers.waiting import eventually


def test_every_listener_hears_a_notification_as_it_was_sent(bus):
    first: list[Notification] = []
    second: list[Notification] = []
    stops = [bus.listen(first.append), bus.listen(second.append)]
    bus.notify(Notification(session="s1", event="task", data={"task": "t1", "ui": None}))
    eventually(lambda: first and second)
    assert first == second == [Notification(session="s1", event="task", data={"task": "t1", "ui": None})]
    for stop in stops:
        stop()


def test_notifications_keep_their_order(bus):
    heard: list[Notification] = []
    stop = bus.listen(heard.append)
    for number in range(50):
        bus.notify(Notification(session="s1", event="changed", data={"version": number}))
    eventually(lambda: len(heard) == 50)
    assert [notification.data["version"] for notification in heard] == list(range(50))
    stop()


def test_a_listener_that_fails_hears_the_next_notification(bus):
    heard: list[str] = []

    def receive(notification: Notification) -> None:
        heard.append(notification.event)
        raise LookupError("no page")

    stop = bus.listen(receive)
    for event in ("one", "two"):
        bus.notify(Notification(session="s1", event=event))
    eventually(lambda: heard == ["one", "two"])
    stop()


def test_a_stopped_listener_hears_nothing_more(bus):
    stopped: list[Notification] = []
    heard: list[Notification] = []
    bus.listen(stopped.append)()
    stop = bus.listen(heard.append)
    bus.notify(Notification(session="s2", event="closed"))
    eventually(lambda: heard)
    assert stopped == []
    stop()


def test_notifying_never_raises(bus):
    bus.notify(Notification(session="s1", event="task", data={"x": object()}))
    assert bus.call("probe", "echo", value=1) == 1
