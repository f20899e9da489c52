"""Services as a process: a nameko container for each, signals and exit code. Imported only where eventlet has patched.

SIGTERM: take nothing new, let what runs end for `stop_seconds`, then end whatever runs. What was not settled the broker
delivers again. The process is gone within 10 s in any case, with or without a broker: an alarm of the kernel sees to it.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType, MappingProxyType
from typing import Any

import eventlet
import eventlet.hubs
import eventlet.wsgi
from eventlet.event import Event
from nameko.containers import ServiceContainer

from shared.bus import wire
from shared.bus.brokertypes import Thread
from shared.bus.consumers import CLAIMED_SECONDS
from shared.bus.covers import NO_COVER, Cover
from shared.bus.health import Health, serving
from shared.bus.queues import POLICIES, Policy
from shared.bus.rabbit import RabbitBus

log = logging.getLogger(__name__)

#: SIGTERM to the end of the process, at the latest.
END_SECONDS = 9.0
#: How long a stopping service waits for a broker that is not there: what it cannot tell it then, others tell it later.
BROKER_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Process:
    """How a service runs. `settings` is handed to the service's `Component`; `workers` says how many of what at a time.

    Heartbeats are in seconds. A connection that is silent for two to three of them the broker gives up, and what it held goes
    to others: at once for calls, for which somebody waits; late for jobs, whose attempts are counted.
    """

    amqp_uri: str
    prefix: str = "parley"
    settings: object = None
    workers: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    policies: Mapping[str, Policy] = field(default_factory=lambda: POLICIES)
    #: The queues that stand for one in a shell: background actions have several.
    serves: Mapping[str, Sequence[str]] = field(default_factory=lambda: MappingProxyType({}))
    cover: Cover = NO_COVER
    health: tuple[str, int] | None = None
    stop_seconds: float = 6.0
    heartbeat: int = 10
    call_heartbeat: int = 1
    claimed_seconds: float = CLAIMED_SECONDS
    #: Called each time a service of the process has started.
    ready: Callable[[], None] = lambda: None


def run(services: Sequence[type], process: Process) -> int:
    """Run services side by side until SIGTERM or SIGINT (0), or until one of them cannot go on (1): then all of them end."""
    # nameko logs arguments and the texts of errors; what is worth knowing is logged by the entrypoints.
    logging.getLogger("nameko").setLevel(logging.CRITICAL)
    hosted = [_Hosted(service, process) for service in services]
    ends = Event()
    _on_signals(ends)
    server = _serve_health(hosted, process.health) if process.health else None
    for one in hosted:
        one.start(ends)
    error: BaseException | None = ends.wait()
    for one in hosted:
        one.bus.hurry(BROKER_SECONDS)
    if error is None:
        _stop([one.container for one in hosted if one.starting.dead], process.stop_seconds)
    for one in hosted:
        one.bus.close()
    if server is not None:
        server.kill()
    names = "+".join(one.name for one in hosted)
    if error is not None:
        log.critical("ended", extra={"service": names, "error": type(error).__name__, "where": wire.where(error)})
        return 1
    log.info("stopped", extra={"service": names})
    return 0


class _Hosted:
    """One service of this process: its container, its connections, what is wrong with it."""

    starting: Thread  #: the greenthread that starts it

    def __init__(self, service: type, process: Process) -> None:
        self.name = str(getattr(service, "name", service.__name__))
        self.bus = RabbitBus(
            process.amqp_uri, prefix=process.prefix, name=self.name, policies=process.policies, cover=process.cover
        )
        self.health = Health()
        self._ready = process.ready
        config = {
            "AMQP_URI": process.amqp_uri,
            "bus": self.bus,
            "health": self.health,
            "settings": process.settings,
            "workers": process.workers,
            "serves": process.serves,
            "heartbeat": {"calls": process.call_heartbeat, "jobs": process.heartbeat},
            "claimed_seconds": process.claimed_seconds,
            # What runs at a time is bounded by each subscription; a second bound would only block the thread that receives.
            "max_workers": 1_000_000,
        }
        self.container = ServiceContainer(service, config)

    def start(self, ends: Event) -> None:
        # In a greenthread, because SIGTERM counts while we wait for a database, too.
        self.starting = eventlet.spawn(self.container.start)
        self.starting.link(_started, ends, self.name, self._ready)
        eventlet.spawn(self.container.wait).link(_ended, ends)


def _on_signals(ends: Event) -> None:
    asked: list[int] = []
    told, tell = os.pipe()
    for end in (told, tell):
        os.set_blocking(end, False)

    def ask(number: int, frame: FrameType | None) -> None:
        if not asked:
            signal.setitimer(signal.ITIMER_REAL, END_SECONDS)  # SIGALRM's default is to end the process
        asked.append(number)

    def watch() -> None:
        # A signal handler may not touch the hub, which wakes up for what the interpreter writes when there is a signal.
        while not asked:
            eventlet.hubs.trampoline(told, read=True)
            os.read(told, 512)
        if not ends.ready():
            ends.send(None)

    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    eventlet.spawn(watch)


def _started(starter: Thread, ends: Event, name: str, ready: Callable[[], None]) -> None:
    try:
        starter.wait()
    except Exception as error:
        if not ends.ready():
            ends.send(error)
    else:
        ready()
        log.info("started", extra={"service": name})


def _ended(waiter: Thread, ends: Event) -> None:
    """The container died (a managed thread raised)."""
    try:
        waiter.wait()
    except Exception as error:
        if not ends.ready():
            ends.send(error)


def _stop(containers: Sequence[ServiceContainer], seconds: float) -> None:
    """All at once: each may take all of the time."""
    log.info("stopping", extra={"seconds": seconds})
    stopping = [eventlet.spawn(container.stop) for container in containers]
    with eventlet.Timeout(seconds, False):
        for one in stopping:
            one.wait()
        return
    log.warning("stopping_now", extra={"running": sum(map(_at_work, containers))})
    with eventlet.Timeout(1.0, False):
        for container in containers:
            container.kill()


def _at_work(container: ServiceContainer) -> int:
    """Messages being handled; what comes by time is not counted."""
    return sum(getattr(entrypoint, "running", 0) for entrypoint in container.entrypoints)


def _serve_health(hosted: Sequence[_Hosted], address: tuple[str, int]) -> Any:
    listener = eventlet.listen(address, reuse_port=False)
    app = serving({one.name: one.health for one in hosted})
    return eventlet.spawn(eventlet.wsgi.server, listener, app, log_output=False)
