"""``parley queues``: what waits, what failed, and putting failed jobs back; over the RabbitMQ at AMQP_URI.

Without options, a line for each queue. ``--dead QUEUE`` lists its dead letters (ids and the kind of the last error, never
what is in them); ``--revive QUEUE`` puts them back. Exit status: 0, 1 if there are dead letters or jobs that nobody serves, 2 if it cannot tell.
"""

from __future__ import annotations

import sys
from typing import TextIO

from services.cli.buses import named_bus
from services.settings import Settings, SettingsError, load
from shared.bus.messages import BusAdmin, BusError
from shared.bus.rabbit import RabbitBus


def queues(*, dead: str | None = None, revive: str | None = None, out: TextIO | None = None) -> int:
    out = sys.stdout if out is None else out
    try:
        settings = load(need_secret=False)
        bus = _bus(settings)
    except SettingsError as problem:
        print(f"parley: {problem}", file=sys.stderr)
        return 2
    try:
        if revive is not None:
            print(f"{bus.revive(revive)} jobs are back on {revive}", file=out)
            return 0
        return _list_dead(bus, dead, out) if dead is not None else _overview(bus, out)
    except BusError as problem:
        print(f"parley: {problem}", file=sys.stderr)
        return 2
    finally:
        bus.close()


def _bus(settings: Settings) -> RabbitBus:
    bus = named_bus(settings, name="parley queues", covered=bool(settings.secret))
    if bus is None:
        raise SettingsError("AMQP_URI is not set: the queues of `parley run` are in its own process")
    return bus


def _overview(bus: BusAdmin, out: TextIO) -> int:
    states = bus.queues()
    width = max(10, *(len(name) + 2 for name in states))
    print(f"{'queue':{width}}{'ready':>8}{'delayed':>9}{'dead':>8}", file=out)
    for name, state in states.items():
        nobody = "" if state.served else "  nobody serves it"
        print(f"{name:{width}}{state.ready:8}{state.delayed:9}{state.dead:8}{nobody}", file=out)
    return 1 if any(state.dead or (state.ready and not state.served) for state in states.values()) else 0


def _list_dead(bus: BusAdmin, queue: str, out: TextIO) -> int:
    letters = bus.dead(queue)
    for letter in letters:
        print(f"{letter.job.id}  {letter.error}", file=out)
    return 1 if letters else 0
