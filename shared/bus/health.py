"""Whether a service can do its work, and how much it did: ``/healthz`` and ``/metrics`` on a port of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

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

    def up(self, part: str) -> None:
        self._parts[part] = None

    def down(self, part: str, reason: str) -> None:
        """`reason` is shown to whoever can reach the port: no addresses, no secrets."""
        self._parts[part] = reason

    @property
    def wrong(self) -> Mapping[str, str]:
        return {part: reason for part, reason in self._parts.items() if reason is not None}

    def wsgi(self, environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        if path == "/metrics":
            start_response("200 OK", [("Content-Type", prometheus_client.CONTENT_TYPE_LATEST)])
            return [prometheus_client.generate_latest()]
        if path != "/healthz":
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"only /healthz and /metrics\n"]
        wrong = self.wrong
        status = "503 Service Unavailable" if wrong else "200 OK"
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps({"ok": not wrong, "wrong": wrong}).encode() + b"\n"]
