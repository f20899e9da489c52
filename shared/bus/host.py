"""One service as a process: a nameko container, its signals and its exit code. Imported only where eventlet has patched.

SIGTERM: take nothing new, let what runs end for `stop_seconds`, then end whatever runs. What was not settled the broker
delivers again. The process is gone within 10 s in any case, with or without a broker: an alarm of the kernel sees to it.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FrameType, MappingProxyType
from typing import Any

import eventlet
import eventlet.wsgi
from eventlet.event import Event
from nameko.containers import ServiceContainer

from shared.bus import wire
from shared.bus.consumers import CLAIMED_SECONDS
from shared.bus.health import Health
from shared.bus.queues import POLICIES, Policy
from shared.bus.rabbit import RabbitBus

log = logging.getLogger(__name__)

#: SIGTERM to the end of the process, at the latest.
END_SECONDS = 9.0


@dataclass(frozen=True, kw_only=True)
class Process:
    """How a service runs. `settings` is handed to the service's `Part`; `workers` says how many of what at a time."""

    amqp_uri: str
    prefix: str = "parley"
    settings: Any = None
    workers: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    policies: Mapping[str, Policy] = field(default_factory=lambda: POLICIES)
    health: tuple[str, int] | None = None
    stop_seconds: float = 6.0
    heartbeat: int = 20
    claimed_seconds: float = CLAIMED_SECONDS


def run(service: type, process: Process) -> int:
    """Run a service until SIGTERM or SIGINT (0), or until it cannot go on (1)."""
    # nameko logs arguments and the texts of errors; what is worth knowing is logged by the entrypoints.
    logging.getLogger("nameko").setLevel(logging.CRITICAL)
    name = str(getattr(service, "name", service.__name__))
    bus = RabbitBus(process.amqp_uri, prefix=process.prefix, name=name, policies=process.policies)
    health = Health()
    config = {
        "AMQP_URI": process.amqp_uri,
        "bus": bus,
        "health": health,
        "settings": process.settings,
        "workers": process.workers,
        "heartbeat": process.heartbeat,
        "claimed_seconds": process.claimed_seconds,
        # What runs at a time is bounded by each subscription; a second bound would only block the thread that receives.
        "max_workers": 1_000_000,
    }
    ends = Event()
    _on_signals(ends)
    container = ServiceContainer(service, config)
    server = _serve_health(health, process.health) if process.health else None
    # In a greenthread, because SIGTERM counts while we wait for a database, too.
    starting = eventlet.spawn(container.start)
    starting.link(_started, ends, name)
    eventlet.spawn(container.wait).link(_ended, ends)
    error: BaseException | None = ends.wait()
    if error is None and starting.dead:
        _stop(container, process.stop_seconds)
    bus.close()
    if server is not None:
        server.kill()
    if error is not None:
        log.critical("ended", extra={"service": name, "error": type(error).__name__, "where": wire.where(error)})
        return 1
    log.info("stopped", extra={"service": name})
    return 0


def _on_signals(ends: Event) -> None:
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        if not asked:
            signal.setitimer(signal.ITIMER_REAL, END_SECONDS)  # SIGALRM's default is to end the process
        asked.append(number)

    def watch() -> None:
        # A signal handler may not touch the hub, and the hub does not wake up for it.
        while not asked:
            eventlet.sleep(0.1)
        if not ends.ready():
            ends.send(None)

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    eventlet.spawn(watch)


def _started(starter: Any, ends: Event, name: str) -> None:
    try:
        starter.wait()
    except Exception as error:
        if not ends.ready():
            ends.send(error)
    else:
        log.info("started", extra={"service": name})


def _ended(waiter: Any, ends: Event) -> None:
    """The container died (a managed thread raised)."""
    try:
        waiter.wait()
    except Exception as error:
        if not ends.ready():
            ends.send(error)


def _stop(container: ServiceContainer, seconds: float) -> None:
    log.info("stopping", extra={"seconds": seconds})
    with eventlet.Timeout(seconds, False):
        container.stop()
        return
    log.warning("stopping_now", extra={"running": len(container._worker_threads)})
    with eventlet.Timeout(1.0, False):
        container.kill()


def _serve_health(health: Health, address: tuple[str, int]) -> Any:
    listener = eventlet.listen(address, reuse_port=False)
    return eventlet.spawn(eventlet.wsgi.server, listener, health.wsgi, log_output=False)
