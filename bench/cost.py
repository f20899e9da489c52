"""Processor time of our own processes for one piece of work, by process: what travels between machines better than time by the clock does.

Counted are the processes of Parley (services, their templates and children), without broker, database and client.
"""

from __future__ import annotations

import time
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


def _spent(running: Running) -> dict[tuple[str, int], float]:
    """Seconds of processor time until now, of each process that lives."""
    found: dict[tuple[str, int], float] = {}
    for name, started in running.processes:
        process = psutil.Process(started.pid)
        # gunicorn's workers are the gateway; below all others are children
        below = name if name == "gateway" else "children"
        for label, member in ((name, process), *((below, one) for one in process.children(recursive=True))):
            try:
                found[label, member.pid] = time.clock_gettime(_clock(member.pid))
            except OSError:  # it ended meanwhile
                continue
    return found


def _clock(pid: int) -> int:
    """The clock of a process's processor time (clock_getcpuclockid(3)), to the nanosecond: /proc counts in steps of 10 ms."""
    return (~pid << 3) | 2


def times(count: int, work: Callable[[], object]) -> int:
    """Do it that often; how often."""
    for _ in range(count):
        work()
    return count


def of(running: Running, work: Callable[[], int]) -> Cost:
    """What `work` costs, which does something and says how often. What a process did that ended meanwhile is not seen."""
    before = _spent(running)
    times = work()
    after = _spent(running)
    parts = dict.fromkeys([*(name for name, _ in running.processes), "children"], 0.0)
    for (name, pid), seconds in after.items():
        parts[name] += (seconds - before.get((name, pid), 0.0)) * 1000 / times
    return Cost(parts)
