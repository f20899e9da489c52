"""Processor time of our own processes for one piece of work, by process: what travels between machines better than time by the clock does.

Counted are the processes of Parley (services, their templates and children), without broker, database and client.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import psutil

from bench.system import Running


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of processor time for one piece of work: of each service itself, and of `children`, all processes below them."""

    parts: Mapping[str, float]

    @property
    def total(self) -> float:
        return sum(self.parts.values())

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {value:.2f}" for name, value in self.parts.items() if value >= 0.005)
        return f"{self.total:.2f} ms ({parts})"


def _spent(running: Running) -> dict[str, float]:
    """Seconds of processor time until now."""
    found = dict.fromkeys([*(name for name, _ in running.processes), "children"], 0.0)
    for name, started in running.processes:
        process = psutil.Process(started.pid)
        times = process.cpu_times()
        found[name] += times.user + times.system
        # A child that has ended counts for its parent from then on.
        found["children"] += times.children_user + times.children_system
        for member in process.children(recursive=True):
            try:
                times = member.cpu_times()
            except psutil.Error:
                continue
            served = name == "gateway"  # gunicorn's workers are the gateway
            found[name if served else "children"] += times.user + times.system
            found[name if served else "children"] += times.children_user + times.children_system
    return found


def of(running: Running, work: Callable[[], int]) -> Cost:
    """What `work` costs, which does something and says how often."""
    before = _spent(running)
    times = work()
    after = _spent(running)
    return Cost({name: (after[name] - before[name]) * 1000 / times for name in after})
