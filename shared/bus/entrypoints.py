"""What a service's shell is made of: the nameko entrypoints `calls`, `job`, `every` and `background`, and its one `Component`.

A shell looks like this::

    class InterviewService:
        name = "interview"
        component = Component(build)                # build(settings, bus) -> plain object, one per process

        @calls
        def call(self, method, arguments):     # every method in component.methods, by name
            return self.component.methods[method](**arguments)

        @job("mail")
        def mail(self, job):
            self.component.jobs["mail"](job)

        @every(seconds=60)
        def sweep(self):
            self.component.sweep()
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast

import eventlet
from nameko.extensions import DependencyProvider

from shared.bus.periodic import Background, Every
from shared.bus.rabbit import RabbitBus
from shared.bus.receiving import Calls, JobConsumer

log = logging.getLogger(__name__)

Method = TypeVar("Method", bound=Callable[..., object])


class Component(DependencyProvider):  # type: ignore[misc]
    """The object that does what the service does: made once per process by ``build(settings, bus)``, closed at its end.

    While `build` raises one of `wait_for` (the database is not there yet) the service is unwell and tries again. What it has
    in `watched` (by name: something to call for what is wrong, or None) counts for its health; `walls` (by name: whether it is up) are told.
    """

    def __init__(
        self, build: Callable[[Any, RabbitBus], object], *, wait_for: tuple[type[Exception], ...] = ()
    ) -> None:
        super().__init__()
        self._build = build
        self._wait_for = wait_for
        self.value: object = None

    def setup(self) -> None:
        config = self.container.config
        while self.value is None:
            try:
                self.value = self._build(config["settings"], config["bus"])
            except self._wait_for as error:
                config["health"].down("start", type(error).__name__)
                log.warning("start_delayed", extra={"error": type(error).__name__, "seconds": 2})
                eventlet.sleep(2)
        config["health"].up("start")
        for part, look in getattr(self.value, "watched", {}).items():
            config["health"].watch(part, look)
        config["health"].walls = getattr(self.value, "walls", {})
        # Entrypoints are set up at the same time; they find the component here when the first message comes.
        self.container.config["component"] = self.value

    def get_dependency(self, worker_ctx: object) -> object:
        return self.value

    def stop(self) -> None:
        close = getattr(self.value, "close", None)
        if close is not None:
            close()


def calls(method: Method) -> Method:
    """The method answers every call to the service: ``method(method=name, arguments=mapping)``."""
    return cast(Method, Calls.decorator(method))


def calls_to(service: str) -> Callable[[Method], Method]:
    """The method answers the calls to another name, ``component.services[service]``, at most ``config["workers"][service]`` at a time."""
    return cast(Callable[[Method], Method], Calls.decorator(service))


def job(queue: str) -> Callable[[Method], Method]:
    """The method handles the jobs of `queue`: ``method(job=Job)``. Returning settles it, raising brings it back later."""
    return cast(Callable[[Method], Method], JobConsumer.decorator(queue))


def every(*, seconds: float | Callable[[Any], float]) -> Callable[[Method], Method]:
    """The method runs every so many seconds (or as many as ``seconds(settings)`` says), the first time at once."""
    return cast(Callable[[Method], Method], Every.decorator(seconds=seconds))


def background(method: Method) -> Method:
    """The method runs for the life of the service: ``method(stopping)``."""
    return cast(Method, Background.decorator(method))
