"""What one answer costs of processor time, by what the session holds and by how it is asked: JSON or the page's form.

    python -m bench.answers

The interviews are written here: screens of two fields; the same beside a state of 10 kB, 1 MB and 5 MB of which an answer changes some 60
bytes; the same beside a list of 115 persons that was gathered.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from bench import cost
from bench.browser import Client
from bench.page import Page
from bench.system import Running, distributed, embedded, modes

SCREENS = 50
#: Bytes of what a session holds beside its answers.
SIZES = (10_000, 1_000_000, 5_000_000)
PERSONS = 115

#: Half of what is held are rows as they come from a table, half texts of a page each.
_HELD = """
mandatory: True
code: |
  rows = [dict(number=n, name='Name %d' % n, note='x' * 120, amount=n * 1.5) for n in range(int({size} / 2 / 190))]
  texts = ['%d ' % n + 'text ' * 500 for n in range(int({size} / 2 / 2515))]
"""
_PERSONS = """
objects:
  - people: DAList.using(object_type=Individual, there_are_any=True, there_is_another=False)
---
mandatory: True
code: |
  for n in range({persons}):
    people.appendObject()
    people[n].name.first = 'First %d' % n
    people[n].name.last = 'Last %d' % n
    people[n].birthdate = '1970-01-%02d' % (n % 28 + 1)
  people.gathered = True
"""


def write_interviews(folder: Path) -> dict[str, str]:
    """Packages with the interviews; their names by what they are."""
    questions = folder / "benchmarks" / "data" / "questions"
    questions.mkdir(parents=True)
    before = {
        "plain": "",
        **{str(size): _HELD.format(size=size) + "---\n" for size in SIZES},
        "persons": _PERSONS.format(persons=PERSONS) + "---\n",
    }
    for name, text in before.items():
        blocks = [
            f"mandatory: True\nquestion: |\n  Screen {number}\nsubquestion: |\n  Of ${{ {SCREENS} }} screens.\nfields:\n"
            f"  - First: first_{number}\n  - Second: second_{number}\n    datatype: integer\n"
            for number in range(SCREENS)
        ]
        end = "mandatory: True\nquestion: |\n  ${ first_0 } and ${ second_49 }\n"
        (questions / f"{name}.yml").write_text(text + "---\n".join([*blocks, end]), "utf-8")
    return {name: f"benchmarks:{name}.yml" for name in before}


def answers(client: Client, times: list[float]) -> int:
    """All screens, by JSON; how many. `times` gets the milliseconds of each."""
    for number in range(SCREENS):
        begun = time.perf_counter()
        client.answer({f"first_{number}": "Sample text", f"second_{number}": number})
        times.append((time.perf_counter() - begun) * 1000)
    assert client.screen["question"].strip() == "Sample text and 49", client.reply
    return SCREENS


def pages(page: Page, times: list[float]) -> int:
    """The same by the form."""
    for number in range(SCREENS):
        begun = time.perf_counter()
        page.answer({f"first_{number}": "Sample text", f"second_{number}": str(number)})
        times.append((time.perf_counter() - begun) * 1000)
    assert "Sample text and 49" in page.text, page.text
    return SCREENS


def healthz(url: str, times: list[float], count: int = 200) -> int:
    for _ in range(count):
        begun = time.perf_counter()
        urllib.request.urlopen(url + "/healthz").read()
        times.append((time.perf_counter() - begun) * 1000)
    return count


def measured(
    running: Running, rounds: int, begin: Callable[[], Callable[[list[float]], int]]
) -> tuple[cost.Cost, float]:
    """Processor time of one, and the median of milliseconds by the clock.

    Two rounds warm up, for what is kept of a page is made by the second session that shows it; and beginning a session does not count.
    """
    for _ in range(2):
        begin()([])
    costs, times = [], list[float]()
    for _ in range(rounds):
        work = begin()
        costs.append(cost.of(running, lambda work=work: work(times)))  # type: ignore[misc]
    return _median(costs), statistics.median(times)


def by_json(running: Running, interview: str, rounds: int) -> tuple[cost.Cost, float]:
    def begin() -> Callable[[list[float]], int]:
        client = Client(running.url, interview)
        return lambda times: answers(client, times)

    return measured(running, rounds, begin)


def by_page(running: Running, interview: str, rounds: int) -> tuple[cost.Cost, float]:
    return measured(running, rounds, begin_page(running, interview))


def begin_page(running: Running, interview: str) -> Callable[[], Callable[[list[float]], int]]:
    def begin() -> Callable[[list[float]], int]:
        page = Page(running.url, interview)
        return lambda times: pages(page, times)

    return begin


def in_turns(
    running: Running, rounds: int, works: dict[str, Callable[[], Callable[[list[float]], int]]]
) -> dict[str, tuple[cost.Cost, float]]:
    """As `measured`, a round of each and then the next of each: what else the machine does falls on all of them alike."""
    found: dict[str, list[tuple[cost.Cost, float]]] = {label: [] for label in works}
    for _ in range(rounds):
        for label, begin in works.items():
            found[label].append(measured(running, 1, begin))
    return {
        label: (_median([one for one, _ in all_]), statistics.median(ms for _, ms in all_))
        for label, all_ in found.items()
    }


def _median(costs: list[cost.Cost]) -> cost.Cost:
    return cost.Cost({name: statistics.median(one.parts[name] for one in costs) for name in costs[0].parts})


def main(rounds: int = 5) -> int:
    for mode in modes():
        with tempfile.TemporaryDirectory() as folder:
            interviews = write_interviews(Path(folder))
            with (embedded if mode == "embedded" else distributed)(Path(folder)) as running:
                print(mode, flush=True)
                held = {f"page, {size} bytes": str(size) for size in SIZES} | {f"page, {PERSONS} persons": "persons"}
                for label, found in {
                    "healthz": measured(running, rounds, lambda: lambda times: healthz(running.url, times)),
                    "JSON": by_json(running, interviews["plain"], rounds),
                    **in_turns(
                        running,
                        rounds,
                        {
                            label: begin_page(running, interviews[name])
                            for label, name in {"page": "plain", **held}.items()
                        },
                    ),
                }.items():
                    print(f"  {label:20} {found[1]:7.2f} ms by the clock; processor {found[0]}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
