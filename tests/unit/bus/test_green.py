"""A process of eventlet's: what it loads, and that nobody waits while it asks whose address a name is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

LOADED = """
import socket, sys
print("dns" in sys.modules, socket.create_connection.__module__, socket.getaddrinfo("localhost", 80)[0][4][1])
"""

SLOW = """
from eventlet import patcher
really, Barrier = patcher.original("time").sleep, patcher.original("threading").Barrier
import socket
import eventlet
both, ticks = Barrier(2), []
def slow(host, *args):
    both.wait(20)  # until the other is being asked as well
    for _ in range(2000):
        if len(ticks) > 20:
            return [host]
        really(0.01)
    return ["nobody else went on"]
socket.getaddrinfo = slow
from shared.bus import green
def tick():
    while True:
        ticks.append(1)
        eventlet.sleep(0.01)
eventlet.spawn(tick)
waiting = [eventlet.spawn(socket.getaddrinfo, name, 80) for name in ("one.example", "two.example")]
print([one.wait() for one in waiting])
"""


def ran(code: str, tmp_path: Path) -> str:
    (tmp_path / "module_to_run.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "-m", "shared.bus.green", "module_to_run"],
        cwd=ROOT, env={"PYTHONPATH": f"{ROOT}:{tmp_path}"}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_the_resolver_of_eventlet_is_not_loaded(tmp_path: Path) -> None:
    assert ran(LOADED, tmp_path) == "False eventlet.green.socket 80"


@pytest.mark.timeout(60)
def test_nobody_waits_for_a_name(tmp_path: Path) -> None:
    assert ran(SLOW, tmp_path) == "[['one.example'], ['two.example']]"


@pytest.mark.parametrize("service", ["interview", "worker", "clock"])
def test_no_service_loads_what_only_mail_needs(service: str, tmp_path: Path) -> None:
    code = f"""
import sys
from importlib import import_module
from services.process import SHELLS
import_module(SHELLS["{service}"].partition(":")[0])
print(sorted({{"dns", "aiosmtpd"}} & {{name.partition(".")[0] for name in sys.modules}}))
"""
    assert ran(code, tmp_path) == "[]"
