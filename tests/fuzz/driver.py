"""What all drivers share: counting cases, catching what is wrong, stopping what hangs, watching memory."""

from __future__ import annotations

import random
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

import psutil

#: Seconds after which a case hangs.
PATIENCE = 20.0
#: Kept of what was wrong; more of it says nothing new.
MOST = 50


class Hangs(BaseException):
    """A case took longer than `PATIENCE`. Not an Exception: what is tested catches those."""


@dataclass(slots=True)
class Report:
    """`ended` counts how cases ended; `wrong` says of each that ended badly which it was and how."""

    cases: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0  #: seconds
    busiest: float = 0.0  #: seconds of processor time of this process for one case: what a busy machine changes less
    grown: int = 0  #: bytes of the tested process, in the second half of the cases

    def __str__(self) -> str:
        how = ", ".join(f"{name}: {number}" for name, number in self.ended.most_common())
        took = f"slowest {self.slowest:.2f} s, {self.busiest:.3f} s of processor time"
        lines = [f"{self.cases} cases ({how}); {took}; grown by {self.grown / 2**20:.1f} MB"]
        return "\n".join([*lines, *(f"WRONG {text}" for text in self.wrong)])


def drive(
    case: Callable[[random.Random], str], *, count: int, seed: int, first: int = 0, pid: int | None = None
) -> Report:
    """Run `case` so often; it returns how it ended, and raises AssertionError for what must not be. `pid`: whose memory counts."""
    report, process = Report(), psutil.Process(pid)
    half = 0
    for number in range(first, first + count):
        begun, busy = time.monotonic(), time.process_time()
        try:
            with _patience():
                report.ended[case(random.Random(f"{seed} {number}"))] += 1
        except (Exception, Hangs) as error:
            report.ended["wrong"] += 1
            if len(report.wrong) < MOST:
                said = "".join(traceback.format_exception_only(error)).strip()
                at = " < ".join(f"{one.name}:{one.lineno}" for one in traceback.extract_tb(error.__traceback__)[-4:])
                report.wrong.append(f"--seed {seed} --first {number} --count 1: {said[:600]} ({at})")
        report.slowest = max(report.slowest, time.monotonic() - begun)
        report.busiest = max(report.busiest, time.process_time() - busy)
        report.cases += 1
        if report.cases == max(1, count // 2):
            half = _memory(process)
    report.grown = _memory(process) - half
    return report


def _memory(process: psutil.Process) -> int:
    """Of the process itself: how many children it has, and how large they may be, is bounded by settings."""
    return int(process.memory_info().rss)


@contextmanager
def _patience() -> Iterator[None]:
    def hangs(number: int, frame: FrameType | None) -> None:
        raise Hangs(f"longer than {PATIENCE:g} s")

    before = signal.signal(signal.SIGALRM, hangs)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


ODD = [
    "", " ", "0", "-1", "1", "²", "é", "\0", "\n", "\r\n", "%00", "%", "%ff", "..", "/", "//", "\\", "'", '"', "<", "{", "[", "[0]", "a[0]", "a.b",
    "None", "null", "true", "NaN", "1e999", "9" * 400, "a" * 5000, "[" * 2000, "\ud7ff", "\U0001f600", "\u202e", "__class__", "${1}", "<% x %>",
]  # fmt: skip


def mangled(dice: random.Random, text: bytes) -> bytes:
    """`text` with some of it changed, doubled, moved or gone."""
    made = bytearray(text)
    for _ in range(dice.randint(1, 6)):
        at, size = dice.randrange(len(made) + 1), dice.choice([1, 1, 2, 5, 40])
        match dice.randrange(6):
            case 0:
                del made[at : at + size]
            case 1:
                made[at:at] = dice.randbytes(size)
            case 2:
                made[at:at] = dice.choice(ODD).encode("utf-8", "surrogatepass")
            case 3:
                made[at:at] = made[at : at + 10 * size]
            case 4:
                piece = made[at : at + size]
                del made[at : at + size]
                to = dice.randrange(len(made) + 1)
                made[to:to] = piece
            case _:
                made[at : at + size] = bytes(dice.choice(b"\x00\x7f\xff:{}[]\n -&*!|>'\"%@`") for _ in range(size))
    return bytes(made)
