"""How many instructions the embedded process runs for one piece of work: the same on any machine, whatever else that does.

    python -m bench.instructions [work …]      answer, form, check-in, session, healthz

Callgrind (Debian's package valgrind) counts those of the process itself, without the kernel and without children. They differ with the
version of Python and how it was built, so old and new are compared with the same one; what they take differs with how often
memory is waited for. Two runs differ by some thousandths.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import answers
from bench.browser import Client
from bench.cost import times
from bench.page import Page
from bench.system import Running, embedded

#: Seconds that the gateway waits for a step: everything takes fifty times as long here.
_PATIENCE = "300"
CHECK_INS, SESSIONS, LOOKS = 40, 10, 40


def counted(running: Running, work: Callable[[], int]) -> float:
    """Millions of instructions for one of what `work` does, which says how often."""
    ((_, process),) = running.processes

    def control(*arguments: str) -> None:
        subprocess.run(["callgrind_control", *arguments, str(process.pid)], check=True, capture_output=True)

    time.sleep(0.5)  # what came before has ended
    control("-z")
    control("-i", "on")
    done = work()
    control("-i", "off")
    control("-d")
    newest = max(
        Path(running.under[-1].partition("=")[2]).parent.glob("callgrind.*"), key=lambda path: path.stat().st_mtime_ns
    )
    found = re.search(r"^totals: (\d+)", newest.read_text("utf-8"), re.MULTILINE)
    assert found is not None, newest
    return int(found[1]) / done / 1e6


def by_json(running: Running, interview: str) -> Callable[[], int]:
    client = Client(running.url, interview)
    return lambda: answers.answers(client, [])


def by_form(running: Running, interview: str) -> Callable[[], int]:
    page = Page(running.url, interview)
    return lambda: answers.pages(page, [])


def check_in(running: Running, interview: str) -> Callable[[], int]:
    client = Client(running.url, interview)
    return lambda: times(CHECK_INS, client.check_in)


def session(running: Running, interview: str) -> Callable[[], int]:
    return lambda: times(SESSIONS, lambda: Page(running.url, interview))


def healthz(running: Running, interview: str) -> Callable[[], int]:
    return lambda: answers.healthz(running.url, [], LOOKS)


WORKS: dict[str, Callable[[Running, str], Callable[[], int]]] = {
    "answer": by_json,
    "form": by_form,
    "check-in": check_in,
    "session": session,
    "healthz": healthz,
}


def main(*asked: str) -> int:
    if shutil.which("callgrind_control") is None:
        print("callgrind is not here: apt-get install valgrind", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as counts:
        interviews = answers.write_interviews(Path(folder))
        under = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={counts}/callgrind.%p"]
        with embedded(Path(folder), under=under, PARLEY_CALL_SECONDS=_PATIENCE) as running:
            for name in asked or WORKS:
                for _ in range(3):  # what is kept of a page is made by the second session that shows it
                    WORKS[name](running, interviews["plain"])()
                print(f"{name}: {counted(running, WORKS[name](running, interviews['plain'])):.3f} million", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
