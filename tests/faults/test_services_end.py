"""SIGTERM ends every service within ten seconds: without a broker, and without broker and database (at work: tests/faults/bus)."""

from __future__ import annotations

import secrets
import signal
from pathlib import Path

import pytest

from services.cli.main import SERVICES
from tests.helpers import rabbit
from tests.helpers.proxy import free_port
from tests.helpers.waiting import eventually

NOWHERE = {
    "AMQP_URI": "amqp://127.0.0.1:1/",
    "MONGO_URI": "mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=500&connectTimeoutMS=500",
}
#: What a service says when it has come as far as it can.
SIGNS = {
    "no broker": ("broker_lost", "started", "listener_disconnected"),
    "nothing": ("start_delayed", "broker_lost", "listener_disconnected"),
}


def environment(folder: Path) -> dict[str, str]:
    return {
        "PARLEY_SECRET": secrets.token_urlsafe(40),
        "PARLEY_PORT": str(free_port()),
        "PARLEY_SMTP_PORT": str(free_port()),
        "PARLEY_VAR": str(folder),
        "PARLEY_BUS_PREFIX": "test-end",
        "PARLEY_PACKAGES": str(rabbit.ROOT),
    }


@pytest.mark.parametrize("name", SERVICES)
def test_sigterm_ends_a_service_that_found_neither_broker_nor_database(name, tmp_path):
    ends_at_sigterm(name, SIGNS["nothing"], environment(tmp_path) | NOWHERE)


@pytest.mark.mongodb
@pytest.mark.parametrize("name", SERVICES)
def test_sigterm_ends_a_service_that_waits_for_the_broker(name, tmp_path):
    ends_at_sigterm(name, SIGNS["no broker"], environment(tmp_path) | {"AMQP_URI": NOWHERE["AMQP_URI"]})


def ends_at_sigterm(name: str, signs: tuple[str, ...], environ: dict[str, str]) -> None:
    with rabbit.process("services.cli.main", "start", name, **environ) as service:
        eventually(lambda: any(sign in service.log() for sign in signs) or service.poll() is not None, seconds=60)
        assert service.poll() is None, service.log()
        service.send_signal(signal.SIGTERM)
        assert service.wait(10) == 0
