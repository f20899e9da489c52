"""How many open event streams one gateway process holds, what they cost, and how fast news reach all of them.

Starts the embedded system in a process of its own, opens a session and STREAMS streams of it, then lets a background
action end and measures when each stream heard of it, and how long a page takes meanwhile.

    .venv/bin/python bench/streams.py [STREAMS]
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import http.client  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import re  # noqa: E402
import resource  # noqa: E402
import socket  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402
from statistics import median  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
import psutil  # noqa: E402

ROOT = Path(__file__).parent.parent
INTERVIEW = "demos:background.yml"


class Client:
    """One browser: its cookie, its session."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.cookie = ""
        self.last: dict[str, Any] = {}

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> float:
        """Send, keep the reply in `last`; returns the seconds it took."""
        headers = {"Cookie": self.cookie, "X-CSRF-Token": self.last.get("csrf", ""), "Content-Type": "application/json"}
        began = time.perf_counter()
        connection = http.client.HTTPConnection(self.host, timeout=60)
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        text = response.read()
        took = time.perf_counter() - began
        if given := response.headers.get("Set-Cookie"):
            self.cookie = given.split(";")[0]
        self.last = json.loads(text)
        connection.close()
        return took


def stream(client: Client, heard: list[float], ready: list[int]) -> None:
    """Open one stream and note when the news of the task come."""
    host, port = client.host.split(":")
    with socket.create_connection((host, int(port)), timeout=120) as line:
        path = f"/events?session={client.last['session']}"
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: {client.host}\r\nCookie: {client.cookie}\r\n\r\n".encode())
        got = b""
        while b"retry:" not in got:
            got += line.recv(4096)
        ready.append(1)
        got = b""
        while b"event: task" not in got:
            chunk = line.recv(4096)
            if not chunk:
                return
            got += chunk
        heard.append(time.perf_counter())


def start(var: str) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "services.cli.main", "run", "--port", "0", "--smtp-port", "0", "--var", var]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    assert process.stdout is not None
    found = re.search(r"http://([^/\s]+)", process.stdout.readline())
    if found is None:
        raise SystemExit("parley run did not start")
    return process, found.group(1)


def main(count: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(count + 500, hard), hard))
    with tempfile.TemporaryDirectory() as var:
        process, host = start(var)
        try:
            measure(process, host, count)
        finally:
            process.terminate()
            process.wait(15)


def measure(process: subprocess.Popen[str], host: str, count: int) -> None:
    gateway = psutil.Process(process.pid)
    client = Client(host)
    client.ask("GET", f"/interview?i={INTERVIEW}&json=1")
    page = f"/interview?i={INTERVIEW}&json=1"
    alone = median(client.ask("GET", page) for _ in range(20))
    before = gateway.memory_info().rss
    heard: list[float] = []
    ready: list[int] = []
    began = time.perf_counter()
    streams = [gevent.spawn(stream, client, heard, ready) for _ in range(count)]
    while len(ready) < count:
        gevent.sleep(0.05)
    opened = time.perf_counter() - began
    grown = gateway.memory_info().rss - before
    busy = gateway.cpu_percent(None)
    gevent.sleep(2)
    busy = gateway.cpu_percent(None)
    among = median(client.ask("GET", page) for _ in range(20))
    token = client.last["screen"]["token"]
    client.ask("POST", page, {"session": client.last["session"], "token": token, "set": {"addend": 1}})
    gevent.joinall(streams, timeout=60)
    print(f"{count} streams open after {opened:.1f} s, {grown / 1e6:.0f} MB more ({grown / count / 1e3:.1f} kB each)")
    print(f"CPU while all are silent: {busy:.1f} % of one core")
    print(f"a screen as JSON: {alone * 1000:.1f} ms alone, {among * 1000:.1f} ms with the streams open (median)")
    if heard:
        print(
            f"news reached {len(heard)} of {count}; from the first to the last {(max(heard) - min(heard)) * 1000:.0f} ms"
        )
    else:
        print("no news came")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
