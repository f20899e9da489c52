"""What the gateway counts for Prometheus: requests by route and status, and open event streams."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache

from flask import Flask, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, Histogram, generate_latest

from services.gateway.http.current import asked, kept
from services.gateway.streams import Streams


def install(app: Flask, streams: Streams, *, walls: Mapping[str, bool]) -> None:
    """Count requests, and serve ``/metrics``. A registry of its own, so that one process may hold several gateways."""
    registry = CollectorRegistry()
    seconds = Histogram(
        "parley_http_seconds", "Requests by route and status", ["route", "method", "status"], registry=registry
    )
    Gauge("parley_gateway_streams", "Open event streams", registry=registry).set_function(lambda: streams.count)

    around = Gauge("parley_wall", "Whether a wall around author code is up: 1, or 0", ["wall"], registry=registry)
    for wall, up in walls.items():
        around.labels(wall).set(up)

    @lru_cache(maxsize=256)
    def of(route: str, method: str, status: int) -> Histogram:
        return seconds.labels(route, method, str(status))

    @app.before_request
    def begin() -> None:
        kept().began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        request, began = asked(), kept().get("began")
        route = request.url_rule.rule if request.url_rule is not None else "none"
        if route not in {"/events", "/healthz", "/metrics"} and began is not None:
            of(route, request.method, response.status_code).observe(time.perf_counter() - began)
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
