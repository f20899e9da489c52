"""What the hop to a child costs: the same steps called directly and through the pool, alternating in one run.

The state is that of an ordinary interview in the middle: 100 scalars and 20 objects. Printed are median and p95, and the ratio of the
hop (pool minus direct call, which decodes, steps and encodes too) to the pure step. Processor time is printed as well: on a machine with
other work it says more than the clock.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from shared.contract.screen import DrawnScreen
from shared.engine.request import Answer, Request, Shown
from shared.runner import engine
from shared.runner.pool import ProcessPool
from shared.runner.ports import Limits
from shared.runner.results import result
from shared.state import codec
from shared.state.delta import reverse_delta
from shared.state.session import State

SCREENS = 50
ROUNDS = 6
NOW = datetime(2026, 1, 15, 10, tzinfo=UTC)


class Nothing:
    """An HostApi that is never asked."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def write_interview(folder: Path) -> str:
    questions = folder / "benchmarks" / "data" / "questions"
    questions.mkdir(parents=True)
    # The folder of a test is for its owner alone; children run as somebody else.
    for path in (folder, folder / "benchmarks"):
        path.chmod(0o755)
    blocks = [
        "objects:\n" + "".join(f"  - person_{n}: Individual\n" for n in range(10)),
        "mandatory: True\ncode: |\n"
        + "".join(f"  value_{n} = {['None', 'True', str(n), '1.5', repr('text ' * 4)][n % 5]}\n" for n in range(100))
        + "".join(f"  person_{n}.name.first = 'Ada'\n  person_{n}.name.last = 'Lovelace'\n" for n in range(10)),
    ]
    for number in range(SCREENS):
        blocks.append(
            f"mandatory: True\nquestion: Screen {number}\nsubquestion: |\n  Of ${{ {SCREENS} }} screens, ${{ person_0 }}.\nfields:\n"
            f"  - First: first_{number}\n  - Second: second_{number}\n    datatype: integer\n"
        )
    blocks.append("mandatory: True\nquestion: The end\n")
    (questions / "fifty.yml").write_text("---\n".join(blocks), "utf-8")
    return "benchmarks:fifty.yml"


def answers(number: int, shown: Any) -> Request:
    values = {f"first_{number}": "Sample text", f"second_{number}": number}
    return Request(now=NOW, seed=number, answer=Answer(shown=Shown(**shown), values=values))


class Direct:
    """The step in this process. `codec_too` also does what a child does around it."""

    def __init__(self, loaded: Any, *, codec_too: bool) -> None:
        self._loaded = loaded
        self._codec_too = codec_too
        self._state = State()
        self._bytes = b""

    def __call__(self, request: Request) -> Any:
        if not self._codec_too:
            return engine.run(self._loaded, self._state, request)
        state = codec.decode(self._bytes) if self._bytes else State()
        outcome = engine.run(self._loaded, state, request)
        new = codec.encode(state)
        reverse = reverse_delta(self._bytes, new) if self._bytes else None
        made = result(outcome, before=self._bytes or None, state=new, reverse=reverse, steps=0)
        self._bytes = new
        return made


class Hop:
    """The step in a child. `forget`: the child must decode the state, as when it served somebody else meanwhile."""

    def __init__(self, pool: ProcessPool, name: str, *, forget: bool) -> None:
        self._pool = pool
        self._name = name
        self._forget = forget
        self._state: bytes | None = None
        self.inside: list[float] = []
        self.processor: list[float] = []  #: seconds of this process

    def __call__(self, request: Request) -> Any:
        state = self._state
        if self._forget and state is not None:
            # The same state in other bytes: no child has it ready.
            live = codec.decode(state)
            live.internal["bench"] = len(self.inside)
            state = codec.encode(live)
        begun, used = time.perf_counter(), time.process_time()
        done = self._pool.step(self._name, state, request, host=Nothing(), limits=Limits(), session="one")
        self.processor.append(time.process_time() - used)
        self.inside.append(done.seconds)
        self.took = time.perf_counter() - begun
        self._state = done.state
        return done


def shown_of(screen: Any) -> Any:
    return msgspec.json.decode(screen.shown) if isinstance(screen, DrawnScreen) else screen.shown


def question_of(screen: Any) -> str:
    found = msgspec.json.decode(screen.json)["question"] if isinstance(screen, DrawnScreen) else screen.question
    return str(found)


def walk(step: Callable[[Request], Any]) -> list[float]:
    """Answer all screens; seconds of each answer."""
    outcome = step(Request(now=NOW, seed=0))
    times = []
    for number in range(SCREENS):
        request = answers(number, shown_of(outcome.screen))
        begun = time.perf_counter()
        outcome = step(request)
        times.append(getattr(step, "took", None) or time.perf_counter() - begun)
        assert outcome.failure is None, outcome.failure
    assert question_of(outcome.screen).strip() == "The end", outcome.screen
    return times


def line(what: str, times: list[float]) -> float:
    median = statistics.median(times) * 1000
    print(f"  {what:<58} median {median:6.2f} ms   p95 {statistics.quantiles(times, n=20)[-1] * 1000:6.2f} ms")
    return median


def once(function: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.perf_counter()
    result = function()
    return result, (time.perf_counter() - begun) * 1000


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        name = write_interview(Path(folder))
        engine.prepare()
        loaded = engine.load(name, [folder])
        pool, _ = once(lambda: ProcessPool(roots=[folder]))
        hops: dict[str, Hop] = {}
        first = Request(now=NOW, seed=0)
        _, cold = once(lambda: pool.step(name, None, first, host=Nothing(), limits=Limits()))
        for _ in range(2):
            pool._end(pool._crew.remove_all())  # what is measured next is a fork and a first step
            _, new = once(lambda: pool.step(name, None, first, host=Nothing(), limits=Limits()))
            time.sleep(0.5)
            _, fresh = once(lambda: pool.step(name, None, first, host=Nothing(), limits=Limits()))
        times: dict[str, list[float]] = {}
        inside: list[float] = []
        processor: list[float] = []
        for _ in range(ROUNDS):
            hops = {"warm": Hop(pool, name, forget=False), "cold": Hop(pool, name, forget=True)}
            steps: dict[str, Callable[[Request], Any]] = {
                "pure": Direct(loaded, codec_too=False),
                "direct": Direct(loaded, codec_too=True),
                **hops,
            }
            for key, step in steps.items():
                times.setdefault(key, []).extend(walk(step))
            inside += hops["warm"].inside
            processor += hops["warm"].processor
        print(f"runner: {ROUNDS} x {SCREENS} answers; pid {os.getpid()}")
        pure = line("the step alone", times["pure"])
        direct = line("decode, step, encode, reverse delta, in this process", times["direct"])
        warm = line("in a child that has the state ready", times["warm"])
        decoded = line("in a child that decodes the state", times["cold"])
        line("  with the state ready, clock inside of the child", inside)
        line("  with the state ready, processor time of the service", processor)
        print(f"  hop: {warm - direct:+.2f} ms with the state ready, {decoded - direct:+.2f} ms without: {(warm - direct) / pure:.2f} and "
              f"{(decoded - direct) / pure:.2f} times the pure step")  # fmt: skip
        print(
            f"  first step of all (zygote imports, template compiles): {cold:.0f} ms; of a new child: {new:.1f} ms, in stock: {fresh:.1f} ms"
        )
        print(f"  isolation: {pool.isolation()}")
        pool.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
