"""`make bench`: every line of docs/performance.md that is measured in some minutes, with its goal and its ratio to ``/healthz`` of the same run.

    python -m bench.table [file]      the table in Markdown as well, into that file

What counts is processor time of our own processes for one piece of work: it travels between machines, and a machine that others use as well
gives about the same. Goals in milliseconds are those of two quiet cores; the ratio is what tells on another machine.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench import answers, cost
from bench.browser import Client
from bench.page import Page
from bench.system import Running, distributed, embedded, modes

#: Seconds in which nobody does anything.
IDLE = 20.0
SESSIONS, CHECK_INS = 20, 200


class Line(NamedTuple):
    """`goals` are those of the embedded and of the distributed system."""

    work: str
    value: float
    unit: str
    goals: tuple[float, float] | None = None
    detail: str = ""


def _times(count: int, work: Callable[[], object]) -> int:
    for _ in range(count):
        work()
    return count


def begun(running: Running, interview: str) -> cost.Cost:
    """A new session, by its page."""
    Page(running.url, interview)
    return cost.of(running, lambda: _times(SESSIONS, lambda: Page(running.url, interview)))


def checked_in(running: Running, interview: str) -> cost.Cost:
    """A check-in with nothing to say."""
    client = Client(running.url, interview)
    client.check_in()
    return cost.of(running, lambda: _times(CHECK_INS, client.check_in))


def idle(running: Running) -> float:
    """Percent of a core while nobody does anything; what was begun before has come to its end."""
    time.sleep(IDLE / 2)
    found = cost.of(running, lambda: _times(1, lambda: time.sleep(IDLE)))
    return found.total / IDLE / 10


def lines(running: Running, interviews: dict[str, str]) -> Iterator[Line]:
    health, _ = answers.measured(running, 3, lambda: lambda times: answers.healthz(running.url, times))
    yield Line("`/healthz`", health.total, "ms", None, str(health))
    found, _ = answers.by_json(running, interviews["plain"], 3)
    yield Line("an answer, JSON on an open connection", found.total, "ms", (1.6, 2.4), str(found))
    found, _ = answers.by_page(running, interviews["plain"], 3)
    yield Line("an answer, the page's form", found.total, "ms", (2.2, 3.0), str(found))
    sizes = [answers.by_page(running, interviews[str(size)], 1)[0] for size in answers.SIZES]
    for size, one in zip(answers.SIZES[1:], sizes[1:], strict=True):
        ratio = one.total / sizes[0].total
        yield Line(f"an answer beside {size // 1_000_000} MB, to one beside 10 kB", ratio, "x", (1.3, 1.3), str(one))
    found, _ = answers.by_page(running, interviews["persons"], 1)
    yield Line(f"an answer beside {answers.PERSONS} persons", found.total, "ms", (4.0, 6.0), str(found))
    found = checked_in(running, interviews["plain"])
    yield Line("a check-in with nothing to say", found.total, "ms", (0.8, 1.5), str(found))
    found = begun(running, interviews["plain"])
    yield Line("a new session", found.total, "ms", (5.0, 9.0), str(found))
    yield Line("first page after start", running.seconds_to_first_page, "s", (0.8, 2.5))
    yield Line("memory of all processes", running.memory() / 2**20, "MB", (140.0, 400.0))
    yield Line("idle", idle(running), "% of a core", (0.1, 0.5))


def table(mode: str, found: list[Line]) -> Iterator[str]:
    health = found[0].value
    yield f"| {mode} | value | goal | x `/healthz` |"
    yield "|---|---|---|---|"
    for line in found:
        goal = "" if line.goals is None else f"{line.goals[mode != 'embedded']:g} {line.unit}"
        ratio = f"{line.value / health:.1f}" if line.unit == "ms" else ""
        yield f"| {line.work} | {line.value:.2f} {line.unit} | {goal} | {ratio} |"


def main(file: str | None = None) -> int:
    texts: list[str] = []
    for mode in modes():
        with tempfile.TemporaryDirectory() as folder:
            interviews = answers.write_interviews(Path(folder))
            with (embedded if mode == "embedded" else distributed)(Path(folder)) as running:
                found = []
                for line in lines(running, interviews):
                    found.append(line)
                    print(
                        f"{mode}: {line.work}: {line.value:.2f} {line.unit}  {line.detail}", file=sys.stderr, flush=True
                    )
        text = "\n".join(table(mode, found))
        print(text, flush=True)
        texts.append(text)
    if file is not None:
        Path(file).write_text("\n\n".join(texts) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
