"""How many open event streams one gateway process holds, what they cost, and how fast a notification reaches all of them.

Without a broker: the embedded system in a process of its own; a background action ends, and each stream hears of it.
With AMQP_URI and MONGO_URI: one gateway process of the distributed system (gunicorn) and an interview service; the
notification is sent over RabbitMQ.

    .venv/bin/python -m bench.streams [STREAMS]
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import http.client  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import re  # noqa: E402
import resource  # noqa: E402
import secrets  # noqa: E402
import socket  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402
from statistics import median  # noqa: E402
from typing import Any  # noqa: E402
from urllib.parse import urlsplit  # noqa: E402

import gevent  # noqa: E402
import psutil  # noqa: E402
from pymongo import MongoClient  # noqa: E402

from bench.browser import open_stream  # noqa: E402
from services.installation import Secrets  # noqa: E402
from shared.bus.messages import Notification  # noqa: E402
from shared.bus.rabbit import RabbitBus  # noqa: E402

ROOT = Path(__file__).parent.parent
INTERVIEW = "demos:background.yml"


class Client:
    """One browser: its cookie, its session."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.cookie = ""
        self.session = ""
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
        self.session = self.last.get("session", self.session)
        connection.close()
        return took


def stream(client: Client, heard: list[float], ready: list[int]) -> None:
    """Open one stream and note when the notification of the task comes."""
    with open_stream(f"http://{client.host}", client.session, client.cookie) as line:
        ready.append(1)
        got = b""
        while b"event: task" not in got:
            chunk = line.recv(4096)
            if not chunk:
                return
            got += chunk
        heard.append(time.perf_counter())


def open_all(client: Client, count: int, gateway: psutil.Process) -> tuple[list[gevent.Greenlet], list[float]]:
    """Open the streams and say what they cost."""
    before = gateway.memory_info().rss
    heard: list[float] = []
    ready: list[int] = []
    began = time.perf_counter()
    streams = [gevent.spawn(stream, client, heard, ready) for _ in range(count)]
    while len(ready) < count:
        gevent.sleep(0.05)
    opened = time.perf_counter() - began
    grown = gateway.memory_info().rss - before
    gateway.cpu_percent(None)
    gevent.sleep(2)
    print(f"{count} streams open after {opened:.1f} s, {grown / 1e6:.0f} MB more ({grown / count / 1e3:.1f} kB each)")
    print(f"CPU while all are silent: {gateway.cpu_percent(None):.1f} % of one core")
    return streams, heard


def say_heard(heard: list[float], count: int, sent: float) -> None:
    if not heard:
        raise SystemExit("no notification came")
    spread, last = max(heard) - min(heard), max(heard) - sent
    print(f"the notification reached {len(heard)} of {count}")
    print(f"the last {last * 1000:.0f} ms after it was asked for, {spread * 1000:.0f} ms after the first")


def embedded(count: int, var: str) -> None:
    command = [sys.executable, "-m", "services.cli.main", "run", "--port", "0", "--smtp-port", "0", "--var", var]
    environ = {**os.environ, "PYTHONUNBUFFERED": "1", "PARLEY_LOG_LEVEL": "WARNING"}
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environ)
    try:
        assert process.stdout is not None
        found = re.search(r"http://([^/\s]+)", process.stdout.readline())
        if found is None:
            raise SystemExit("parley run did not start")
        client, page = Client(found.group(1)), f"/interview?i={INTERVIEW}&json=1"
        client.ask("GET", page)
        alone = median(client.ask("GET", page) for _ in range(20))
        streams, heard = open_all(client, count, psutil.Process(process.pid))
        among = median(client.ask("GET", page) for _ in range(20))
        print(f"a screen as JSON: {alone * 1000:.1f} ms alone, {among * 1000:.1f} ms with the streams open (median)")
        token, sent = client.last["screen"]["token"], time.perf_counter()
        client.ask("POST", page, {"session": client.session, "token": token, "set": {"addend": 1}})
        gevent.joinall(streams, timeout=60)
        say_heard(heard, count, sent)
    finally:
        process.terminate()
        process.wait(15)


def distributed(count: int, uri: str, var: str) -> None:
    prefix = f"bench-{secrets.token_hex(4)}"
    database = urlsplit(os.environ["MONGO_URI"])._replace(path=f"/{prefix}").geturl()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {
        **os.environ,
        "PARLEY_SECRET": secrets.token_urlsafe(32),
        "PARLEY_VAR": var,
        "MONGO_URI": database,
        "PARLEY_PORT": str(port),
        "PARLEY_BUS_PREFIX": prefix,
        "WEB_CONCURRENCY": "1",
    }
    command = [sys.executable, "-m", "services.cli.main", "start"]
    environ["PARLEY_LOG_LEVEL"] = "WARNING"
    process, interview = (
        subprocess.Popen([*command, name], cwd=ROOT, env=environ) for name in ("gateway", "interview")
    )
    bus = RabbitBus(uri, prefix=prefix, name="bench", cover=Secrets(environ["PARLEY_SECRET"]).cover())
    try:
        client = Client(f"127.0.0.1:{port}")
        for _ in range(200):
            try:
                client.ask("GET", f"/interview?i={INTERVIEW}&json=1")
            except OSError:
                pass
            if client.session:
                break
            gevent.sleep(0.1)
        worker = max(psutil.Process(process.pid).children(), key=lambda one: one.create_time())
        streams, heard = open_all(client, count, worker)
        sent = time.perf_counter()
        bus.notify(Notification(session=client.session, event="task", data={"task": "t", "ui": None}))
        gevent.joinall(streams, timeout=60)
        say_heard(heard, count, sent)
    finally:
        for one in (process, interview):
            one.terminate()
        for one in (process, interview):
            one.wait(15)
        with MongoClient(database) as mongo:
            mongo.drop_database(prefix)
        bus.remove(["interview"])
        bus.close()


def main(count: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(count + 500, hard), hard))
    with tempfile.TemporaryDirectory() as var:
        if uri := os.environ.get("AMQP_URI"):
            distributed(count, uri, var)
        else:
            embedded(count, var)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
