"""What keeps a service from starting is one clear line each, and nothing else happens."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from services import process
from services.mail_ingest.service import assemble
from services.process import distributed, wrong_queues
from services.settings import SettingsError, load
from shared.bus.inprocess import InProcessBus
from tests.helpers.certificates import make

SECRET = "k3-9fA_q7Zt2LmX0vBnR5sWcYpD8hJgE1uT"


def test_a_service_is_not_run_over_sqlite():
    settings = load({"AMQP_URI": "amqp://h", "MONGO_URI": "sqlite:///x", "PARLEY_SECRET": SECRET})
    with pytest.raises(SettingsError, match="MONGO_URI"):
        distributed(settings)


def test_a_worker_serves_queues_that_there_are():
    settings = load({"PARLEY_TASK_QUEUES": "slow, gpu", "PARLEY_SECRET": SECRET})
    assert wrong_queues(["gpu", "default"], settings) is None
    assert wrong_queues(["slo"], settings) == "there is no queue 'slo': `task queues` has default, slow, gpu"


@pytest.mark.parametrize("given", ["default", "Slow", "a b/c"])
def test_names_of_queues_that_are_none(given):
    with pytest.raises(SettingsError, match="default is the one of all"):
        load({"PARLEY_TASK_QUEUES": given, "PARLEY_SECRET": SECRET})


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"CERTIFICATE": "{0}/none.pem"}, "{0}/none.pem: cannot be read: No such file or directory"),
        (
            {"CERTIFICATE": "{0}/cert.pem", "KEY": "{0}/other/key.pem"},
            "{0}/cert.pem, {0}/other/key.pem: the key is not that of the certificate",
        ),
        ({"PORT": "{1}"}, "Address already in use (smtp on 127.0.0.1:{1})"),
        ({"USER": "nobody-of-that-name"}, "smtp user: there is no user nobody-of-that-name on this machine"),
    ],
    ids=["no certificate", "the key of another", "a port that is taken", "no such user"],
)
def test_why_no_mail_can_come_in(given, told, taken, tmp_path: Path, monkeypatch, capsys):
    (tmp_path / "other").mkdir()
    make(tmp_path)
    make(tmp_path / "other")
    monkeypatch.setattr(process, "run_services", lambda *_, **__: pytest.fail("something was started"))
    monkeypatch.setattr(os, "environ", {"AMQP_URI": "amqp://h", "MONGO_URI": "mongodb://h", "PARLEY_SECRET": SECRET})
    os.environ["PARLEY_SMTP_PORT"] = "0"
    os.environ |= {f"PARLEY_SMTP_{name}": value.format(tmp_path, taken) for name, value in given.items()}
    assert process.main(["mail_ingest"]) == 2
    assert capsys.readouterr().err == f"parley: {told.format(tmp_path, taken)}\n"


def test_a_port_that_is_taken_in_between_ends_the_service_while_it_starts(taken, tmp_path: Path):
    """In a thread of its own it would go on, and hear nothing."""
    settings = load(
        {"PARLEY_SECRET": SECRET, "PARLEY_SMTP_PORT": str(taken), "MONGO_URI": f"sqlite:///{tmp_path}/x.sqlite"}
    )
    bus = InProcessBus()
    with pytest.raises(OSError, match="in use"):
        assemble(settings, bus)
    bus.close()
