"""Entrypoints that need no message, and the one component of a service. The container is the test's."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import eventlet
import pytest
from nameko.exceptions import ContainerBeingKilled

from shared.bus.brokertypes import ExcInfo
from shared.bus.entrypoints import Component
from shared.bus.health import Health
from shared.bus.messages import BusUnavailable
from shared.bus.periodic import Background, Every


class Container:
    """Runs a worker at once; its threads are greenthreads."""

    service_name = "probe"

    def __init__(self, method: Callable[..., object], **config: Any) -> None:
        self.method = method
        self.config: dict[str, Any] = {
            "settings": SimpleNamespace(seconds=60),
            "bus": "the bus",
            "health": Health(),
            **config,
        }
        self.shared_extensions: dict[Any, Any] = {}
        self.dependencies = [SimpleNamespace(attr_name="component", get_dependency=lambda worker: "the component")]
        self.being_killed = False

    def service_cls(self) -> Any:
        service = SimpleNamespace()
        service.run = lambda stopping: self.method(service, stopping)
        return service

    def spawn_managed_thread(self, run: Callable[[], None], identifier: str) -> Any:
        self.thread = eventlet.spawn(run)
        return self.thread

    def spawn_worker(
        self,
        entrypoint: object,
        args: object,
        kwargs: object,
        *,
        handle_result: Callable[[object, object, ExcInfo], object],
    ) -> None:
        if self.being_killed:
            raise ContainerBeingKilled
        try:
            result, error = self.method(), None
        except Exception:
            result, error = None, sys.exc_info()
        handle_result(None, result, error)  # type: ignore[arg-type]


def test_it_runs_at_once_and_again_until_the_service_stops(caplog: pytest.LogCaptureFixture) -> None:
    ran: list[int] = []

    def method() -> None:
        ran.append(1)
        if len(ran) == 2:
            raise LookupError("once")
        if len(ran) == 4:
            eventlet.spawn(every.stop)
            eventlet.sleep(0)

    container = Container(method)
    every = Every(seconds=0).bind(container, "sweep")
    with caplog.at_level(logging.ERROR):
        every.start()
        container.thread.wait()
    assert len(ran) == 4, "an error is no end"
    ((record),) = caplog.records
    assert (record.message, record.method, record.error) == ("periodic_failed", "sweep", "LookupError")  # type: ignore[attr-defined]


def test_how_often_may_stand_in_the_settings_and_a_service_that_is_killed_runs_nothing() -> None:
    ran: list[int] = []
    asked: list[object] = []

    def seconds(settings: Any) -> float:
        asked.append(settings)
        return float(settings.seconds)

    container = Container(lambda: ran.append(1))
    container.being_killed = True
    every = Every(seconds=seconds).bind(container, "sweep")
    every.start()
    eventlet.sleep(0)
    every.kill()
    assert ran == []
    assert asked == [container.config["settings"]]


def test_what_runs_for_the_life_of_a_service_has_its_component_and_hears_of_the_end() -> None:
    seen: list[object] = []

    def method(service: Any, stopping: Any) -> None:
        seen.append(service.component)
        stopping.wait()
        seen.append("stopped")

    container = Container(method)
    background = Background().bind(container, "run")
    background.start()
    eventlet.sleep(0)
    background.stop()
    assert seen == ["the component", "stopped"]


def test_a_service_does_not_outlive_what_it_is_for() -> None:
    container = Container(lambda service, stopping: None)
    background = Background().bind(container, "run")
    background.start()
    with pytest.raises(RuntimeError, match=r"probe\.run ended by itself"):
        container.thread.wait()


def component(build: Callable[[Any, Any], object], **how: Any) -> tuple[Component, Container]:
    container = Container(lambda: None)
    made = Component(build, **how).bind(container, "component")
    return made, container


def test_the_component_is_made_of_settings_and_bus_and_closed_at_the_end() -> None:
    closed: list[int] = []
    made = SimpleNamespace(watched={"store": lambda: "full"}, close=lambda: closed.append(1))
    provider, container = component(lambda settings, bus: made if (settings.seconds, bus) == (60, "the bus") else None)
    provider.setup()
    assert provider.get_dependency(None) is made
    assert container.config["component"] is made
    assert container.config["health"].wrong == {"store": "full"}
    provider.stop()
    assert closed == [1]


def test_a_database_that_is_not_there_yet_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    provider, container = component(lambda settings, bus: build(), wait_for=(BusUnavailable,))

    def build() -> object:
        if len(seen) < 2:
            raise BusUnavailable("not yet")
        return SimpleNamespace()

    monkeypatch.setattr(eventlet, "sleep", lambda seconds: seen.append(dict(container.config["health"].wrong)))
    provider.setup()
    assert seen == [{"start": "BusUnavailable"}] * 2
    assert container.config["health"].wrong == {}
    provider.stop()


def test_any_other_error_ends_the_start() -> None:
    provider, _ = component(lambda settings, bus: 1 / 0, wait_for=(BusUnavailable,))
    with pytest.raises(ZeroDivisionError):
        provider.setup()
