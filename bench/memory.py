"""What people in many interviews cost in memory: 64 of them, eight at a time, in 50 interviews, and what is there afterwards.

Printed for the bound that is the default and for none: the processes below this one, and their memory (proportional set size: what
several processes share counts once), at the end, when the last person has just been served. ``python -m bench.memory``
"""

from __future__ import annotations

import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.browser import Client
from bench.system import Running
from services.settings import Settings
from shared.engine.request import Request
from shared.runner.pool import ProcessPool
from shared.runner.ports import Limits

PEOPLE, INTERVIEWS, AT_ONCE, VISITS = 64, 50, 8, 4
NOW = datetime(2026, 1, 15, 10, tzinfo=UTC)


class Nothing:
    """A HostApi that is never asked."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def write_interviews(folder: Path) -> list[str]:
    """Interviews of forty screens each, as an ordinary one has."""
    questions = folder / "benchmarks" / "data" / "questions"
    questions.mkdir(parents=True)
    for path in (folder, folder / "benchmarks"):
        path.chmod(0o755)  # children run as somebody else
    names = []
    for number in range(INTERVIEWS):
        blocks = [
            "objects:\n  - person: Individual\n",
            "code: |\n  person.name.first = 'Sam'\n  person.name.last = 'Ple'\n",
        ] + [
            f"mandatory: True\nquestion: Screen {screen} of {number}\nsubquestion: |\n  For ${{ person }}.\nfields:\n"
            f"  - First: first_{screen}\n  - Second: second_{screen}\n    datatype: integer\n"
            for screen in range(40)
        ]
        (questions / f"interview{number}.yml").write_text("---\n".join(blocks))
        names.append(f"benchmarks:interview{number}.yml")
    return names


def below(pid: int) -> list[int]:
    """`pid`'s children, theirs, and so on."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            parents[int(name)] = int(Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it ended meanwhile
            continue
    found, new = [], [pid]
    while new:
        new = [child for child, parent in parents.items() if parent in new]
        found += new
    return found


def proportional(pid: int) -> int:
    """Bytes of memory of a process, its share of what it has in common with others."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def measure(folder: str, names: list[str], bound: int) -> None:
    # Nobody is idle for long here: what is kept is what the bounds keep.
    pool = ProcessPool(roots=[folder], max_templates=bound, idle_seconds=600)
    times: list[float] = []

    def visit(turn: int) -> None:
        begun = time.perf_counter()
        name = names[turn % PEOPLE % len(names)]
        done = pool.step(name, None, Request(now=NOW, seed=turn), host=Nothing(), limits=Limits(), session="one")
        assert done.screen is not None, done.failure
        times.append(time.perf_counter() - begun)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(visit, range(PEOPLE * VISITS)))
    processes = below(os.getpid())
    taken = sum(map(proportional, processes))
    times.sort()
    print(
        f"  at most {bound:4} kept ready: {len(processes):3} processes, {taken / 2**20:5.0f} MB; "
        f"a step median {times[len(times) // 2] * 1000:.0f} ms, slowest {times[-1] * 1000:.0f} ms"
    )
    pool.close()


def of_people(running: Running, names: list[str]) -> int:
    """Bytes of all processes of a system in which `PEOPLE` have answered `VISITS` screens each of `names`, `AT_ONCE` at a time."""

    def visit(number: int) -> None:
        client = Client(running.url, names[number % len(names)])
        for screen in range(VISITS):
            client.answer({f"first_{screen}": "Sample text", f"second_{screen}": number})

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(visit, range(PEOPLE)))
    return running.memory()


def main() -> int:
    print(f"memory: {PEOPLE} people in {INTERVIEWS} interviews, {AT_ONCE} at a time, {VISITS} steps each")
    with tempfile.TemporaryDirectory() as folder:
        names = write_interviews(Path(folder))
        for bound in (Settings().templates, 1000):
            measure(folder, names, bound)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
