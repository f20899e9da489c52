"""A service that cannot start says why, in a line each, and nothing else happens."""

from __future__ import annotations

import os
import subprocess
import sys

from services.process import SHELLS


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
