"""What ``/healthz`` and ``/metrics`` of a process answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.bus.health import Health, serving


def asked(path: str, **services: Health) -> tuple[str, bytes]:
    told: list[str] = []

    def start(status: str, headers: Any) -> None:
        told.append(status)

    body = b"".join(serving(services)({"PATH_INFO": path}, start))
    return told[0], body


def test_a_service_is_well_when_nothing_is_wrong() -> None:
    health = Health()
    health.down("broker", "ConnectionRefusedError")
    health.watch("store", lambda: "takes no writes")
    status, body = asked("/healthz", worker=health)
    assert status == "503 Service Unavailable"
    assert json.loads(body) == {"ok": False, "wrong": {"broker": "ConnectionRefusedError", "store": "takes no writes"}}
    health.up("broker")
    health.watch("store", lambda: None)
    assert asked("/healthz", worker=health) == ("200 OK", b'{"ok": true, "wrong": {}}\n')


def test_of_several_services_each_is_named() -> None:
    well, unwell = Health(), Health()
    unwell.down("store", "away")
    status, body = asked("/healthz", clock=well, worker=unwell)
    assert status.startswith("503")
    assert json.loads(body)["wrong"] == {"worker: store": "away"}


@pytest.mark.parametrize(
    ("path", "status"), [("/metrics", "200 OK"), ("/", "404 Not Found"), ("/etc", "404 Not Found")]
)
def test_there_is_nothing_else_but_metrics(path: str, status: str) -> None:
    told, body = asked(path, worker=Health())
    assert told == status
    assert (b"parley_running" in body) == (path == "/metrics")
