"""Faults, and the processes that suffer them: killed, stopped, cut off, or come back on a machine whose clock is wrong."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field

from bench.system import Running
from tests.helpers import skewed
from tests.helpers.proxy import Proxy

SERVICES = ("interview", "worker", "gateway", "clock", "mail_ingest")

#: Each kind with a seed of its own; those that found something stay.
SEEDS = {"kill": 11, "stop": 12, "cut": 13, "stall": 14, "delay": 15, "skew": 17}

ALL = 16

#: By how much (seconds) a clock is wrong.
SKEW = 3600.0


@dataclass(frozen=True)
class Fault:
    kind: str
    service: str
    number: int  #: which of the two
    after: float  #: seconds after the one before
    lasts: float


def planned(seed: int, kinds: tuple[str, ...], *, many: int, seconds: float) -> list[Fault]:
    """`many` faults in `seconds`, each service with each of the `kinds` as often. Links have trouble only where there is a proxy: at the second."""
    dice = random.Random(seed)
    # The gateway keeps nothing that another judges by its time.
    pairs = [pair for pair in itertools.product(kinds, SERVICES) if pair != ("skew", "gateway")]
    order: list[tuple[str, str]] = []
    while len(order) < many:
        dice.shuffle(pairs)
        order += pairs
    faults = []
    for kind, service in order[:many]:
        number = dice.randrange(2) if kind in ("kill", "stop", "skew") else 1
        wait = seconds / many * dice.uniform(0.5, 1.5)
        faults.append(Fault(kind, service, number, wait, dice.uniform(0.5, 6.0)))
    return faults


def this_storm() -> list[Fault]:
    asked = os.environ.get("PARLEY_STORM", "")
    if asked == "long":
        return planned(ALL, tuple(SEEDS), many=50, seconds=150)
    if asked:
        return planned(SEEDS[asked], (asked,), many=12, seconds=30)
    return planned(ALL, tuple(SEEDS), many=len(SEEDS) * len(SERVICES) - 1, seconds=60)


@dataclass
class Victim:
    """One process of a service, which may have other process numbers in time."""

    running: Running
    service: str
    process: subprocess.Popen[bytes]
    proxies: tuple[Proxy, ...] = ()
    lock: threading.Lock = field(default_factory=threading.Lock)

    def killed(self, *, after: float = 0.0, ahead: float = 0.0) -> None:
        """And `after` seconds started again, on a machine whose clock is ahead by so many."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.running.processes.remove((self.service, self.process))  # else it counts as one that ended by itself
        time.sleep(after)
        self.process = skewed.start(self.running, self.service, ahead=ahead)

    def suffer(self, fault: Fault) -> None:
        with self.lock:  # one after the other where they meet the same process
            print(f"{time.strftime('%H:%M:%S')} {fault.kind} {fault.service} {fault.number} for {fault.lasts:.1f} s")
            if fault.kind == "kill":
                self.killed(after=fault.lasts / 6)
            elif fault.kind == "skew":
                self.killed(ahead=SKEW)
                time.sleep(fault.lasts)
                self.killed()
            elif fault.kind == "stop":
                self.process.send_signal(signal.SIGSTOP)
                time.sleep(fault.lasts)
                self.process.send_signal(signal.SIGCONT)
            elif fault.kind == "cut":
                for proxy in self.proxies:
                    proxy.cut()
            elif fault.kind == "stall":
                for proxy in self.proxies:
                    proxy.stall()
                time.sleep(fault.lasts)
                for proxy in self.proxies:
                    proxy.flow()
            else:
                for proxy in self.proxies:
                    proxy.delay = 0.2
                time.sleep(fault.lasts)
                for proxy in self.proxies:
                    proxy.delay = 0.0


def storm_over(victims: dict[tuple[str, int], Victim]) -> int:
    """Every fault of the storm at its time, and all of them borne; how many it were."""
    suffering = []
    for fault in this_storm():
        time.sleep(fault.after)
        suffering.append(threading.Thread(target=victims[fault.service, fault.number].suffer, args=(fault,)))
        suffering[-1].start()
    for one in suffering:
        one.join()
    return len(suffering)
