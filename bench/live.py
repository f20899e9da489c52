"""Open pages that wait, one finished task each: from the end of a task to the word at its page, what silent pages ask, what a check-in costs.

    .venv/bin/python -m bench.live [PAGES]

On the embedded system, and with AMQP_URI and MONGO_URI on five services. Pages are event streams, as Chromium opens them. The end of a task is its
row's `finished`, by the clock of the same machine, in milliseconds; what is idle is counted by the gateway's own metrics.
"""

from __future__ import annotations

import json
import os
import resource
import selectors
import socket
import statistics
import sys
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

from bench.browser import Client, open_stream
from bench.system import Running, distributed, embedded, modes
from shared.store.open import open_store
from shared.store.ports import Store

INTERVIEW = "demos:background.yml"
#: Seconds that silent pages are watched.
IDLE = 10.0


def store_of(running: Running) -> Store:
    environment = running.environment
    uri = environment.get("MONGO_URI") if environment.get("AMQP_URI") else None
    return open_store(uri or f"sqlite:///{running.folder / 'parley.sqlite'}")


def told(pages: list[Client], lines: list[socket.socket], store: Store) -> list[float]:
    """Milliseconds from the end of each page's task to its event, one page after the other answering."""
    chooser = selectors.DefaultSelector()
    for number, line in enumerate(lines):
        chooser.register(line, selectors.EVENT_READ, number)
    heard: dict[str, float] = {}
    for number, page in enumerate(pages):
        page.answer({"addend": number})
        listen(chooser, heard, until=time.time() + 0.005)
    end = time.time() + 60
    while len(heard) < len(pages) and time.time() < end:
        listen(chooser, heard, until=time.time() + 0.2)
    took = []
    for task, moment in heard.items():
        row = store.tasks.get(task)
        if row is not None and row.finished is not None:
            took.append((moment - row.finished.timestamp()) * 1000)
    return sorted(took)


def listen(chooser: selectors.BaseSelector, heard: dict[str, float], *, until: float) -> None:
    while (left := until - time.time()) > 0:
        for key, _ in chooser.select(left):
            assert isinstance(key.fileobj, socket.socket)
            text = key.fileobj.recv(65536)
            for part in text.decode("utf-8", "replace").split("event: task\n")[1:]:
                data = part.partition("data: ")[2].partition("\n")[0]
                heard.setdefault(json.loads(data)["task"], time.time())


def requests(url: str) -> float:
    import urllib.request  # noqa: PLC0415

    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith("parley_http_seconds_count"))


def check_ins(url: str, page: Client, many: int = 200) -> float:
    """Median milliseconds of a check-in that has nothing to say, less those of ``/healthz``."""
    import http.client  # noqa: PLC0415

    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    body = json.dumps({"session": page.reply["session"], "values": {}, "ack": []})
    headers = {"Cookie": page.cookie, "Content-Type": "application/json", "X-CSRF-Token": page.reply["csrf"]}

    def median(method: str, path: str, body: str | None) -> float:
        times = []
        for _ in range(many):
            began = time.perf_counter()
            connection.request(method, path, body, headers)
            connection.getresponse().read()
            times.append((time.perf_counter() - began) * 1000)
        return statistics.median(times)

    return median("POST", "/checkin", body) - median("GET", "/healthz", None)


def measure(mode: str, count: int) -> None:
    with ExitStack() as stack:
        running = stack.enter_context(embedded() if mode == "embedded" else distributed())
        pages = [Client(running.url, INTERVIEW) for _ in range(count)]
        lines = [open_stream(running.url, page.reply["session"], page.cookie) for page in pages]
        for line in lines:
            stack.callback(line.close)
            line.setblocking(False)
        before = requests(running.url)
        time.sleep(IDLE)
        idle = (requests(running.url) - before) / IDLE
        store = store_of(running)
        stack.callback(store.close)
        took = told(pages, lines, store)
        cost = check_ins(running.url, pages[0])
    p99 = took[min(len(took) - 1, round(0.99 * len(took)))]
    print(
        f"{mode}: {len(took)} of {count} pages heard; end to event {statistics.median(took):.0f} ms, p99 {p99:.0f} ms, last {took[-1]:.0f} ms"
    )
    print(
        f"{mode}: {idle:.1f} requests per second while all are silent; a check-in costs {cost:.1f} ms more than /healthz"
    )


def main(count: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(3 * count + 500, hard), hard))
    os.environ.setdefault("PARLEY_STREAMS", str(count + 100))
    for mode in modes():
        measure(mode, count)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
