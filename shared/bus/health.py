"""Whether a service can do its work, and how much it did: ``/healthz`` and ``/metrics`` on a port of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

import prometheus_client

CALLS = prometheus_client.Histogram(
    "parley_call_seconds", "Calls answered, by method and kind of error", ["method", "error"]
)
JOBS = prometheus_client.Histogram("parley_job_seconds", "Jobs handled, by queue and outcome", ["queue", "outcome"])
RUNNING = prometheus_client.Gauge("parley_running", "Calls and jobs being handled now", ["queue"])


class Health:
    """The parts of a service and what is wrong with each; a service is well when nothing is."""

    def __init__(self) -> None:
        self._parts: dict[str, str | None] = {}
        self._watched: dict[str, Callable[[], str | None]] = {}
        self.walls: Mapping[str, bool] = {}  #: around the author code that the service runs, and whether they are up

    def up(self, part: str) -> None:
        self._parts[part] = None

    def down(self, part: str, reason: str) -> None:
        """`reason` is shown to whoever can reach the port: no addresses, no secrets."""
        self._parts[part] = reason

    def watch(self, part: str, look: Callable[[], str | None]) -> None:
        """`look` is called whenever somebody asks: None, or what is wrong (in words as for `down`)."""
        self._watched[part] = look

    @property
    def wrong(self) -> Mapping[str, str]:
        parts = {**self._parts, **{part: look() for part, look in self._watched.items()}}
        return {part: reason for part, reason in parts.items() if reason is not None}


def serving(services: Mapping[str, Health]) -> Callable[[Mapping[str, object], Callable[..., object]], Iterable[bytes]]:
    """A WSGI app that tells of these services. With more than one, what is wrong is told with the service's name."""

    def wrong() -> dict[str, str]:
        named = len(services) > 1
        return {
            f"{name}: {part}" if named else part: reason
            for name, health in services.items()
            for part, reason in health.wrong.items()
        }

    def app(environ: Mapping[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        if path == "/metrics":
            start_response("200 OK", [("Content-Type", prometheus_client.CONTENT_TYPE_LATEST)])
            return [prometheus_client.generate_latest()]
        if path != "/healthz":
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"only /healthz and /metrics\n"]
        found = wrong()
        start_response("503 Service Unavailable" if found else "200 OK", [("Content-Type", "application/json")])
        walls = {wall: up for health in services.values() for wall, up in health.walls.items()}
        told = {"ok": not found, "wrong": found, **({"walls": walls} if walls else {})}
        return [json.dumps(told).encode() + b"\n"]

    return app
