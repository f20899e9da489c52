"""What one step of the engine costs, without services, store or child process.

    python bench/engine.py [--rounds N]

Prints the median time of answering one screen (two fields) of interviews of 50, 400 and 2,000 screens, near the
beginning and near the end, in two shapes: one mandatory block for each screen, and one code block that names them all;
and the time of showing a list of 10, 100 and 1,000 gathered items. The goal is growth of at most 1.1 from screen 10 to
screen 380 of 400.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from services.cli.replay import MemoryFiles
from shared.contract.screen import Screen
from shared.engine.request import Answer, Request, Shown
from shared.engine.step import step
from shared.language.library import Library
from shared.language.model import Interview
from shared.language.sources import Sources
from shared.state.session import State

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WINDOW = 10  #: screens measured around a position


def interview(folder: Path, name: str, blocks: Iterable[str]) -> Interview:
    questions = folder / "bench" / "data" / "questions"
    questions.mkdir(parents=True, exist_ok=True)
    (questions / name).write_text("\n---\n".join(blocks), encoding="utf-8")
    return Library(Sources([folder])).load(f"bench:{name}")


def screen_block(number: int, *, mandatory: bool) -> str:
    head = "mandatory: True\n" if mandatory else ""
    return (
        f"{head}question: |\n  Question {number} of ${{ total }}\nfields:\n"
        f"  - First: a{number}\n  - Second: b{number}\n    datatype: integer\n    min: 1"
    )


def mandatory_screens(count: int) -> list[str]:
    blocks = [f"code: |\n  total = {count}"]
    blocks.extend(screen_block(number, mandatory=True) for number in range(count))
    return [*blocks, "mandatory: True\nquestion: Done"]


def outlined_screens(count: int) -> list[str]:
    lines = "\n".join(f"  a{number}" for number in range(count))
    blocks = [f"code: |\n  total = {count}", f"mandatory: True\ncode: |\n{lines}"]
    blocks.extend(screen_block(number, mandatory=False) for number in range(count))
    return [*blocks, "mandatory: True\nquestion: Done"]


class Walk:
    """A session answered to its end; keeps how long each answer took, in milliseconds."""

    def __init__(self, subject: Interview) -> None:
        self.interview = subject
        self.state = State()
        self.steps = 0
        self.times: list[float] = []

    def request(self, answer: Answer | None = None) -> Request:
        self.steps += 1
        return Request(now=NOW, seed=self.steps, answer=answer, files=MemoryFiles(), browser={"client": "bench"})

    def run(self) -> list[float]:
        screen = self._step(self.request())
        while screen.kind == "fields":
            values = {
                field.variable: 7 if field.datatype == "integer" else "text"
                for field in screen.fields
                if field.variable
            }
            request = self.request(Answer(shown=Shown(**screen.shown), values=values))
            begin = time.perf_counter()
            screen = self._step(request)
            self.times.append((time.perf_counter() - begin) * 1000)
        return self.times

    def _step(self, request: Request) -> Screen:
        outcome = step(self.interview, self.state, request)
        if outcome.screen is None:
            raise SystemExit(f"the step failed: {outcome.failure or outcome.rejection}")
        return outcome.screen


def around(times: list[float], position: int) -> float:
    begin = max(0, position - WINDOW // 2)
    return statistics.median(times[begin : begin + WINDOW])


def screens(folder: Path, rounds: int) -> None:
    print("one answer, in ms (median over rounds)")
    print(f"{'shape':<12}{'screens':>8}{'near 10':>10}{'near the end':>14}{'growth':>9}")
    for shape, make in (("mandatory", mandatory_screens), ("outline", outlined_screens)):
        for count in (50, 400, 2000):
            subject = interview(folder, f"{shape}{count}.yml", make(count))
            runs = [Walk(subject).run() for _ in range(rounds)]
            first = statistics.median(around(times, 10) for times in runs)
            last = statistics.median(around(times, int(count * 0.95)) for times in runs)
            print(f"{shape:<12}{count:>8}{first:>10.3f}{last:>14.3f}{last / first:>9.2f}")


LIST = """
objects:
  - thing: DAList.using(object_type=Thing, complete_attribute='size')
---
mandatory: True
code: |
  for number in range({count}):
    thing.appendObject(size=number)
  thing.gathered = True
---
mandatory: True
question: |
  ${{ thing.number() }} things
subquestion: |
  % for item in thing:
  ${{ item.size }}
  % endfor
continue button field: seen
---
mandatory: True
question: StepResult
"""


def lists(folder: Path, rounds: int) -> None:
    print("\nshowing a gathered list, in ms")
    for count in (10, 100, 1000):
        subject = interview(folder, f"list{count}.yml", [LIST.format(count=count)])
        walk = Walk(subject)
        walk._step(walk.request())
        times = []
        for _ in range(rounds * 10):
            request = walk.request()
            begin = time.perf_counter()
            walk._step(request)
            times.append((time.perf_counter() - begin) * 1000)
        print(f"{count:>6} items{statistics.median(times):>10.3f}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=3)
    rounds = arguments.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        screens(Path(folder), rounds)
        lists(Path(folder), rounds)


if __name__ == "__main__":
    main()
