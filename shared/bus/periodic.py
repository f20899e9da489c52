"""Entrypoints that need no message: `Every` so many seconds, and `Background` for the life of the service."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from eventlet.event import Event
from eventlet.timeout import Timeout
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint

from shared.bus import wire
from shared.bus.brokertypes import ExcInfo, Thread

log = logging.getLogger(__name__)


class _Lasting(Entrypoint):  # type: ignore[misc]
    """A thread of its own beside the container's; `_stopping` is sent when the service stops."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._stopping = Event()
        self._thread: Thread | None = None

    def stop(self) -> None:
        if not self._stopping.ready():
            self._stopping.send(None)
        if self._thread is not None:
            self._thread.wait()

    def kill(self) -> None:
        if self._thread is not None:
            self._thread.kill()


class Every(_Lasting):
    """Calls the method every so many seconds, the first time at once, never twice at the same time. Errors are logged."""

    def __init__(self, seconds: float | Callable[[Any], float], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._seconds = seconds

    def start(self) -> None:
        self._thread = self.container.spawn_managed_thread(self._run, identifier=f"every-{self.method_name}")

    def _run(self) -> None:
        seconds = self._seconds(self.container.config["settings"]) if callable(self._seconds) else self._seconds
        while not self._stopping.ready():
            self._once()
            with Timeout(seconds, False):
                self._stopping.wait()

    def _once(self) -> None:
        ended = Event()

        def handle_result(worker_ctx: object, result: object, exc_info: ExcInfo) -> tuple[object, ExcInfo]:
            if exc_info is not None:
                extra = {"method": self.method_name, "error": exc_info[0].__name__, "where": wire.where(exc_info[1])}
                log.error("periodic_failed", extra=extra)
            ended.send(None)
            return result, exc_info

        try:
            self.container.spawn_worker(self, (), {}, handle_result=handle_result)
        except ContainerBeingKilled:
            return
        ended.wait()


class Background(_Lasting):
    """Runs the method once, for the life of the service, with a `stopping` event; if it ends before that, the service does."""

    def start(self) -> None:
        self._thread = self.container.spawn_managed_thread(self._run, identifier=self.method_name)

    def _run(self) -> None:
        service = self.container.service_cls()
        for provider in self.container.dependencies:
            setattr(service, provider.attr_name, provider.get_dependency(None))
        getattr(service, self.method_name)(self._stopping)
        if not self._stopping.ready():
            raise RuntimeError(f"{self.container.service_name}.{self.method_name} ended by itself")
