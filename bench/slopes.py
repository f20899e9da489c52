"""How the cost of an answer grows: with the screens before it, with people at once, with interviews in use, with sessions in the store.

    python -m bench.slopes

Processor time of our own processes for one answer as JSON, as a multiple of what it is with few (or of another position, in the same sessions).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from bench import answers, cost
from bench.browser import Client
from bench.live import store_of
from bench.system import Running, distributed, embedded, modes

#: The interview of many screens, and where in it is measured: so many answers around each.
LONG, EARLY, LATE, AROUND = 400, 10, 380, 9
CLIENTS = (1, 4, 16, 64)
#: Answers of each client.
EACH = 20
INTERVIEWS = 20
SESSIONS = 20_000


class Slope(NamedTuple):
    """`ratio` says how much more of processor time one answer costs; `rate`: answers a second meanwhile."""

    what: str
    ratio: float
    rate: float
    cost: cost.Cost


def write_interviews(folder: Path) -> dict[str, str]:
    """Those of `bench.answers`, one of `LONG` screens, and `INTERVIEWS` alike."""
    names = answers.write_interviews(folder)
    questions = folder / "benchmarks" / "data" / "questions"
    screen = "mandatory: True\nquestion: Screen {0}\nfields:\n  - First: first_{0}\n  - Second: second_{0}\n    datatype: integer\n"
    for name, count in (("long", LONG), *((f"alike{number}", EACH + 1) for number in range(INTERVIEWS))):
        blocks = [screen.format(number) for number in range(count)]
        (questions / f"{name}.yml").write_text("---\n".join([*blocks, "mandatory: True\nquestion: Done\n"]), "utf-8")
        names[name] = f"benchmarks:{name}.yml"
    return names


def _answer(client: Client, numbers: Sequence[int]) -> int:
    for number in numbers:
        client.answer({f"first_{number}": "Sample text", f"second_{number}": number})
    return len(numbers)


def positions(running: Running, interview: str, rounds: int = 3) -> Slope:
    """Screen `LATE` to screen `EARLY`, the median of some sessions."""
    early, late, rates = [], [], []
    for _ in range(rounds):
        client, position = Client(running.url, interview), 0

        def walk(until: int, client: Client = client) -> int:
            nonlocal position
            numbers, position = range(position, until), until
            return _answer(client, numbers)

        walk(EARLY - AROUND)
        early.append(cost.of(running, lambda: walk(EARLY + AROUND)))
        walk(LATE - AROUND)
        begun = time.perf_counter()
        late.append(cost.of(running, lambda: walk(LATE + AROUND)))
        rates.append(2 * AROUND / (time.perf_counter() - begun))
    ratios = [last.total / first.total for first, last in zip(early, late, strict=True)]
    return Slope(f"screen {LATE} of {LONG}, to screen {EARLY}", statistics.median(ratios), max(rates), late[-1])


def _at_once(running: Running, clients: Sequence[Client]) -> tuple[cost.Cost, float]:
    """All of them answer `EACH` screens at the same time: what one answer costs, and answers a second."""
    with ThreadPoolExecutor(len(clients)) as pool:
        begun = time.perf_counter()
        spent = cost.of(running, lambda: sum(pool.map(lambda client: _answer(client, range(EACH)), clients)))
        return spent, len(clients) * EACH / (time.perf_counter() - begun)


def people(running: Running, interview: str) -> Iterator[Slope]:
    """1 to 64 at once. The clients share the machine, and what a child of a new session costs counts."""
    _at_once(running, [Client(running.url, interview)])
    first: float | None = None
    for count in CLIENTS:
        spent, rate = _at_once(running, [Client(running.url, interview) for _ in range(count)])
        first = first or spent.total
        yield Slope(f"{count} at once, to one", spent.total / first, rate, spent)


def interviews(running: Running, names: Sequence[str]) -> Slope:
    """Answers in turns in many interviews, to as many sessions of one."""

    def turns(clients: Sequence[Client]) -> int:
        return sum(_answer(client, [number]) for number in range(EACH) for client in clients)

    one = [Client(running.url, names[0]) for _ in names]
    many = [Client(running.url, name) for name in names]
    alone = cost.of(running, lambda: turns(one))
    begun = time.perf_counter()
    spent = cost.of(running, lambda: turns(many))
    rate = len(names) * EACH / (time.perf_counter() - begun)
    return Slope(f"{len(names)} interviews in turns, to one", spent.total / alone.total, rate, spent)


def sessions(running: Running, interview: str) -> Slope:
    """Beside many sessions in the store, to before; the others are copies of one that has been begun."""

    def one() -> cost.Cost:
        client = Client(running.url, interview)
        return cost.of(running, lambda: _answer(client, range(EACH)))

    before = _median_of(one)
    store = store_of(running)
    try:
        kept = store.sessions.load(str(Client(running.url, interview).reply["session"]))
        assert kept is not None
        for copy in range(SESSIONS):
            store.sessions.create(replace(kept, id=f"{kept.id}{copy}", version=0, step=0, top=None))
    finally:
        store.close()
    begun = time.perf_counter()
    after = _median_of(one)
    rate = 5 * EACH / (time.perf_counter() - begun)
    return Slope(f"beside {SESSIONS} sessions, to few", after.total / before.total, rate, after)


def _median_of(work: Callable[[], cost.Cost], rounds: int = 5) -> cost.Cost:
    return sorted((work() for _ in range(rounds)), key=lambda one: one.total)[rounds // 2]


def of(running: Running, names: dict[str, str], mode: str) -> Iterator[Slope]:
    """All of them. Filling the test server of MongoDB's protocol takes minutes: sessions in the store are SQLite's."""
    yield positions(running, names["long"])
    yield from people(running, names["plain"])
    yield interviews(running, [names[f"alike{number}"] for number in range(INTERVIEWS)])
    if mode == "embedded":
        yield sessions(running, names["plain"])


def main() -> int:
    for mode in modes():
        with tempfile.TemporaryDirectory() as folder:
            names = write_interviews(Path(folder))
            with (embedded if mode == "embedded" else distributed)(Path(folder)) as running:
                print(mode, flush=True)
                for one in of(running, names, mode):
                    print(f"  {one.what:36} {one.ratio:5.2f} x  {one.rate:5.0f} answers/s  {one.cost}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
