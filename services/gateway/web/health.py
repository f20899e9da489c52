"""/healthz: whether this gateway could answer anybody. Counters for Prometheus: metrics.py."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from flask import Blueprint, Response, jsonify

from services.gateway.client.off_loop import off_the_loop
from shared.bus.messages import BusAdmin, BusUnavailable

#: The broker is asked at most this often (seconds), however often probes come.
_REMEMBERED = 2.0


class Health:
    """`watched`: what else counts in this process, by name: something to call for what is wrong, or None.

    `walls`: those around the author code that this process runs, and whether they are up; empty if it runs none.
    """

    def __init__(
        self,
        bus: BusAdmin,
        *,
        watched: Mapping[str, Callable[[], str | None]] = MappingProxyType({}),
        walls: Mapping[str, bool] = MappingProxyType({}),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bus = bus
        self._watched = watched
        self.walls = walls
        self._clock = clock
        self._asked = float("-inf")
        self._reachable = False

    def blueprint(self) -> Blueprint:
        made = Blueprint("health", __name__)
        made.add_url_rule("/healthz", view_func=self.show)
        return made

    def show(self) -> Response:
        """503 while something is wrong that lets nothing be answered: the bus cannot be reached, the store takes no writes."""
        found = {part: off_the_loop(look) for part, look in self._watched.items()}
        found["bus"] = None if self._bus_answers() else "cannot be reached"
        wrong = {part: reason for part, reason in found.items() if reason is not None}
        response = jsonify(ok=not wrong, wrong=wrong, **({"walls": dict(self.walls)} if self.walls else {}))
        response.status_code = 503 if wrong else 200
        return response

    def _bus_answers(self) -> bool:
        now = self._clock()
        if now - self._asked >= _REMEMBERED:
            try:
                off_the_loop(partial(self._bus.queues, brief=True))
                self._reachable = True
            except BusUnavailable:
                self._reachable = False
            self._asked = now
        return self._reachable
