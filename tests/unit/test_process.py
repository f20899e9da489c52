"""What keeps a service from starting is one clear line each, and nothing else happens."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from services.process import SHELLS, distributed, wrong_queues
from services.settings import SettingsError, load

SECRET = "k3-9fA_q7Zt2LmX0vBnR5sWcYpD8hJgE1uT"


def start(name: str, **environment: str) -> subprocess.CompletedProcess[str]:
    environ = {key: value for key, value in os.environ.items() if key not in ("AMQP_URI", "MONGO_URI")}
    command = [sys.executable, "-m", "shared.bus.green", "services.process", name]
    return subprocess.run(command, env=environ | environment, capture_output=True, text=True, timeout=60)


def test_a_service_without_broker_and_database_says_what_it_needs(tmp_path):
    ended = start("worker", PARLEY_VAR=str(tmp_path))
    assert ended.returncode == 2
    assert [line.split(":")[:2] for line in ended.stderr.splitlines()] == [
        ["parley", " AMQP_URI"],
        ["parley", " MONGO_URI"],
    ]
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_service_is_told_which_there_are():
    ended = start("nosuch")
    assert ended.returncode == 2
    assert all(name in ended.stderr for name in SHELLS)


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
