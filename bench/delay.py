"""What 0.2 s more on every packet between the services and RabbitMQ and MongoDB cost: ``python -m bench.delay [seconds]``.

A round trip then takes twice as long, so what an operation takes tells how many it needs one after the other. The browser has no delay.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from bench.browser import Client
from bench.system import distributed
from tests.helpers.proxy import Proxy

TIMES = 5
INTERVIEW = "demos:welcome.yml"


def behind(uri: str) -> tuple[Proxy, str]:
    parts = urlsplit(uri)
    proxy = Proxy(parts.port or 0, parts.hostname or "127.0.0.1")
    user, at, _ = parts.netloc.rpartition("@")
    return proxy, parts._replace(netloc=f"{user}{at}127.0.0.1:{proxy.port}").geturl()


def timed(act: Callable[[], object]) -> float:
    begun = time.monotonic()
    act()
    return time.monotonic() - begun


def report(name: str, seconds: list[float], delay: float) -> None:
    median = statistics.median(seconds)
    print(f"{name}: {median:.2f} s (longest {max(seconds):.2f}), {median / (2 * delay):.1f} round trips", flush=True)


def main(delay: float) -> None:
    proxies = []
    uris = {}
    for name in ("AMQP_URI", "MONGO_URI"):
        proxy, uris[name] = behind(os.environ[name])
        proxies.append(proxy)
    os.environ["MONGO_URI"] = uris["MONGO_URI"]  # which `distributed` names a database of its own in
    with distributed(None, AMQP_URI=uris["AMQP_URI"]) as running:
        clients = [Client(running.url, INTERVIEW) for _ in range(TIMES)]
        for proxy in proxies:
            proxy.delay = delay
        report("a new session", [timed(lambda: Client(running.url, INTERVIEW)) for _ in range(TIMES)], delay)
        report("a screen again", [timed(one.get) for one in clients], delay)
        report("an answer", [timed(lambda one=one: one.answer(first(one))) for one in clients], delay)  # type: ignore[misc]
        report("Back", [timed(lambda one=one: one.post({"back": True})) for one in clients], delay)  # type: ignore[misc]
        for proxy in proxies:
            proxy.delay = 0.0


def first(client: Client) -> dict[str, object]:
    return {field["variable"]: "x" for field in client.screen["fields"]}


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.2)
