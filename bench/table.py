"""`make bench`: every line of docs/performance.md that is measured in some minutes, with its goal and its ratio to ``/healthz`` of the same run.

    python -m bench.table [file]      the table in Markdown as well, into that file

What counts is processor time of our own processes for one piece of work: it travels between machines, and a machine that others use as well
gives about the same. Goals in milliseconds are those of two quiet cores; the ratio is what tells on another machine.
"""

from __future__ import annotations

import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench import answer, answers, background, cost, cron, documents, idling, mail, memory, slopes
from bench.browser import Client
from bench.page import Page
from bench.system import Running, distributed, embedded, modes
from shared.runner.making import Making
from tests.helpers.smtp_sink import Sink, sink

#: The unit of what is not processor time (that is "ms"): what somebody waits.
CLOCK = "ms by the clock"
#: Seconds in which nobody does anything.
IDLE = 20.0
SESSIONS, CHECK_INS = 20, 200
#: Background actions and mails of one kind.
TASKS, MAILS = 20, 50
#: Sessions of a tick with its goal in seconds, of another in milliseconds a session, and such as are kept when none is idle.
TICKED, MANY, KEPT = 500, 20_000, 1_000_000
#: Seconds after the first page when a system has come to rest.
SETTLED = 6.0


#: Goals of what grows.
_SLOPES = {f"screen {slopes.LATE} of {slopes.LONG}, to screen {slopes.EARLY}": (1.03, 1.03)}


class Line(NamedTuple):
    """`goals` are those of the embedded and of the distributed system."""

    work: str
    value: float
    unit: str
    goals: tuple[float, float] | None = None
    detail: str = ""


def begun(running: Running, interview: str) -> tuple[cost.Cost, float]:
    """A new session, by its page: processor time, and the median of milliseconds by the clock."""
    Page(running.url, interview)
    return _both(running, SESSIONS, lambda: Page(running.url, interview))


def checked_in(running: Running, interview: str) -> tuple[cost.Cost, float]:
    """A check-in with nothing to say, likewise."""
    client = Client(running.url, interview)
    client.check_in()
    return _both(running, CHECK_INS, client.check_in)


def _both(running: Running, count: int, work: Callable[[], object]) -> tuple[cost.Cost, float]:
    times: list[float] = []

    def once() -> float:
        begun = time.perf_counter()
        work()
        return time.perf_counter() - begun

    found = cost.of(running, lambda: _noted(times, count, once))
    return found, statistics.median(times) * 1000


def idle(running: Running) -> float:
    """Percent of a core while nobody does anything; what was begun before has come to its end."""
    time.sleep(IDLE / 2)
    found = cost.of(running, lambda: cost.times(1, lambda: time.sleep(IDLE)))
    return found.total / IDLE / 10


def worked(running: Running) -> Iterator[Line]:
    """Background actions."""
    background.one_task(running.url)
    times: list[float] = []
    found = cost.of(running, lambda: _noted(times, TASKS, lambda: background.one_task(running.url)))
    yield Line("a background action, start to ready", statistics.median(times) * 1000, CLOCK, (8.0, 15.0))
    yield Line("the same, with the pages that look for it", found.total, "ms", None, str(found))


def mailed(running: Running, taken: Sink, mode: str) -> Iterator[Line]:
    port = int(running.environment["PARLEY_SMTP_PORT"])
    one = Client(running.url, "mail:in.yml")
    mail.to_effect(one, port)
    times: list[float] = []
    found = cost.of(running, lambda: _noted(times, 10, lambda: mail.to_effect(one, port)))
    goals = float(mail.GOAL_EFFECT), float(mail.GOAL_EFFECT)
    yield Line("a mail, from 250 to what came of it", statistics.median(times) * 1000, CLOCK, goals, str(found))
    rates: list[float] = []
    found = cost.of(running, lambda: _noted(rates, 1, lambda: 1 / mail.out(running.url, taken, MAILS)) * MAILS)
    yield Line("mails out", 1 / rates[0], "a second", (mail.GOAL_OUT,) * 2, str(found))
    addresses = [mail.address_of(Client(running.url, "mail:kept.yml")) for _ in range(4)]
    rates.clear()
    time.sleep(2.0)  # what came of those before has ended
    found = cost.of(
        running, lambda: _noted(rates, 1, lambda: 1 / mail.accepted(port, addresses, MAILS * 20)) * MAILS * 20
    )
    kept = mail.GOAL_IN["embedded"], mail.GOAL_IN["distributed"]
    yield Line("mails in, kept and durable", 1 / rates[0], "a second", kept, str(found))


def made() -> Iterator[Line]:
    """Documents, by the processes that make them; the same in both systems."""
    making = Making(most=1)
    try:
        for name, make in (
            ("Markdown to PDF, 2 pages", lambda number: making.make(documents.letter(2, number))),
            ("a DOCX template of 40 paragraphs", documents.template()),
            ("a PDF form of 100 fields", lambda number: making.make(documents.form(number))),
        ):
            yield Line(name, documents.median(make), CLOCK)
    finally:
        making.close()


def _noted(times: list[float], count: int, work: Callable[[], float]) -> int:
    times += [work() for _ in range(count)]
    return count


def lines(running: Running, interviews: dict[str, str]) -> Iterator[Line]:
    yield Line("first page after start", running.seconds_to_first_page, "s", (0.8, 2.5))
    Client(running.url, interviews["plain"])
    time.sleep(SETTLED)
    yield Line("memory of all processes, a page after start", running.memory() / 2**20, "MB", (140.0, 300.0))
    health, median = answers.measured(running, 3, lambda: lambda times: answers.healthz(running.url, times))
    yield Line("`/healthz`", health.total, "ms", None, str(health))
    yield Line("`/healthz`", median, CLOCK)
    yield from _of_one(
        "an answer, JSON on an open connection", answers.by_json(running, interviews["plain"], 3), (1.6, 2.4)
    )
    found, median = answers.by_page(running, interviews["plain"], 3)
    yield Line("an answer, the page's form", found.total, "ms", (2.2, 3.0), str(found))
    yield Line("an answer, the page's form", median, CLOCK, (2.5, 4.0))
    sizes = [answers.by_page(running, interviews[str(size)], 1)[0] for size in answers.SIZES]
    for size, one in zip(answers.SIZES[1:], sizes[1:], strict=True):
        ratio = one.total / sizes[0].total
        yield Line(f"an answer beside {size // 1_000_000} MB, to one beside 10 kB", ratio, "x", (1.3, 1.3), str(one))
    beside = answers.by_page(running, interviews["persons"], 1)
    yield from _of_one(f"an answer beside {answers.PERSONS} persons", beside, (4.0, 6.0))
    yield from _of_one("a check-in with nothing to say", checked_in(running, interviews["plain"]), (0.8, 1.5))
    yield from _of_one("a new session", begun(running, interviews["plain"]), (5.0, 9.0))
    yield from worked(running)
    _, rate = answer.throughput(running.url, interviews["plain"], 4)
    yield Line("answers as JSON, 4 clients at once", rate, "a second", (450.0, 300.0))
    yield Line("idle", idle(running), "% of a core", (0.1, 0.5))


def _of_one(work: str, found: tuple[cost.Cost, float], goals: tuple[float, float]) -> Iterator[Line]:
    """Both measures of one piece of work, which have the same goal."""
    spent, median = found
    yield Line(work, spent.total, "ms", goals, str(spent))
    yield Line(work, median, CLOCK, goals)


def table(mode: str, found: list[Line]) -> Iterator[str]:
    health = {line.unit: line.value for line in found if line.work == "`/healthz`"}
    yield f"| {mode} | value | goal | x `/healthz` |"
    yield "|---|---|---|---|"
    for line in found:
        goal = "" if line.goals is None else f"{line.goals[mode != 'embedded']:g} {line.unit}"
        ratio = f"{line.value / health[line.unit]:.1f}" if line.unit in health else ""
        yield f"| {line.work} | {line.value:.2f} {line.unit} | {goal} | {ratio} |"


def of_mode(mode: str) -> Iterator[Line]:
    """All lines of one system."""
    with tempfile.TemporaryDirectory() as folder, sink() as taken, mail.system(mode, taken, Path(folder)) as running:
        yield from lines(running, answers.write_interviews(Path(folder)))
        yield from mailed(running, taken, mode)
    start = embedded if mode == "embedded" else distributed
    with tempfile.TemporaryDirectory() as folder, start(Path(folder)) as running:
        for one in slopes.of(running, slopes.write_interviews(Path(folder)), mode):
            yield Line(f"an answer: {one.what}", one.ratio, "x", _SLOPES.get(one.what), str(one.cost))
    with tempfile.TemporaryDirectory() as folder, start(Path(folder)) as running:
        taken_up = memory.of_people(running, memory.write_interviews(Path(folder)))
        what = f"memory, {memory.PEOPLE} people in {memory.INTERVIEWS} interviews"
        yield Line(what, taken_up / 2**20, "MB", (400.0, 400.0) if mode == "embedded" else None)
    if mode == "embedded":
        yield from of_many()
        yield from made()


def of_many() -> Iterator[Line]:
    """What happens to many sessions; the clock's part, with SQLite."""
    yield Line(f"a tick over {TICKED} sessions, 5 % of them listen", cron.measure(TICKED), "s", (0.5, 0.8))
    spent = cron.measure(MANY) * 1000 / MANY
    yield Line(f"a tick over {MANY}, for one session", spent, CLOCK, (1.5, 1.5))
    spent, _ = idling.measure(KEPT)
    yield Line(f"a look for idle sessions, {KEPT} kept", spent, CLOCK, (5.0, 5.0))


def pace() -> float:
    """Milliseconds of processor time of a fixed loop: tells how fast the machine is just now."""
    took = []
    for _ in range(9):
        begun = time.thread_time()
        total = 0
        for number in range(300_000):
            total += number * number % 7
        took.append((time.thread_time() - begun) * 1000)
    return statistics.median(took)


def main(file: str | None = None) -> int:
    texts = [f"Python {platform.python_version()}; a loop of 300,000 turns takes {pace():.1f} ms."]
    print(texts[0], file=sys.stderr, flush=True)
    for mode in modes():
        found = []
        for line in of_mode(mode):
            found.append(line)
            print(f"{mode}: {line.work}: {line.value:.2f} {line.unit}  {line.detail}", file=sys.stderr, flush=True)
        text = "\n".join(table(mode, found))
        print(text, flush=True)
        texts.append(text)
    if file is not None:
        Path(file).write_text("\n\n".join(texts) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
