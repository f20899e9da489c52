"""A clock over each store, a bus that notes what arrives, and a time that the test moves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared.bus.inprocess import InProcessBus
from shared.bus.messages import BusUnavailable, Job, QueueState
from shared.bus.queues import with_task_queues
from shared.contract.errors import BadInterview
from shared.contract.ticks import Offered, Ticked
from shared.store.open import open_store
from shared.store.ports import Store
from tests.contract.store.conftest import store, store_uri
from tests.helpers.hands import Hands

__all__ = ["Hands", "store", "store_uri"]


class NotingBus(InProcessBus):
    """The bus of the embedded system; it notes what is sent and called, and may be cut."""

    def __init__(self) -> None:
        super().__init__(policies=with_task_queues(["slow"]))
        self.sent: list[Job] = []
        self.looked: list[bool] = []  #: whether each look at its queues was a brief one
        self.called: list[tuple[str, dict[str, Any]]] = []
        self.works_for = 10**9  #: messages until it is cut
        self.refuses: set[str] = set()  #: sessions for which the interview service fails
        self.offers: dict[str, tuple[str, ...]] = {}  #: events by interview; of those that are not here none loads
        self.on_tick: Callable[[str, str], Ticked] = lambda session, event: Ticked(outcome="ran")
        self.ticked: list[tuple[str, str, str]] = []  #: event, period, session
        self._guard = threading.Lock()
        self.serve("ticks", {"events": self._events, "tick": self._tick}, workers=16)

    def send(self, job: Job) -> None:
        self._use()
        super().send(job)
        self.sent.append(job)

    def call(self, service: str, method: str, /, *, timeout: float = 40.0, **arguments: Any) -> Any:
        self._use()
        if service == "interview":
            self.called.append((f"{service}.{method}", {k: v for k, v in arguments.items() if k != "returns"}))
            if arguments["session"] in self.refuses:
                raise BadInterview("does not load")
        return super().call(service, method, timeout=timeout, **arguments)

    def queues(self, *, brief: bool = False) -> dict[str, QueueState]:
        self.looked.append(brief)
        return super().queues(brief=brief)

    def _use(self) -> None:
        self.works_for -= 1
        if self.works_for < 0:
            raise BusUnavailable("cut by the test")

    def _events(self, *, interview: str) -> Offered:
        if interview not in self.offers:
            raise BadInterview("does not load")
        return Offered(events=self.offers[interview], digest="d")

    def _tick(self, *, session: str, event: str, period: str, step: float, again: bool) -> Ticked:
        with self._guard:
            if (event, period, session) in self.ticked:
                return Ticked(outcome="already")  # as the session itself knows
        ticked = self.on_tick(session, event)
        with self._guard:
            self.ticked.append((event, period, session))
        return ticked


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def alone(store_uri: str) -> Iterator[Store]:
    """The store itself, whose questions can be counted."""
    made = open_store(store_uri)
    yield made
    made.close()


@pytest.fixture
def bus(store: Store) -> Iterator[NotingBus]:
    one = NotingBus()

    def publish(*, session: str) -> None:
        found = store.sessions.load(session)
        assert found is not None
        store.sessions.publish_done(session, [entry.id for entry in found.outbox])

    def delete(*, session: str, **_: Any) -> None:
        store.sessions.delete(session)

    one.serve("interview", {"publish": publish, "delete": delete, "expire": delete}, workers=1)
    yield one
    one.close()
