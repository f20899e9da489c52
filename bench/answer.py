"""What one answer costs: each screen of a 50-screen interview (two fields each), by 1 and by 4 clients, over HTTP.

Clients are processes of their own and share the machine with what they measure. ``/healthz`` of the same gateway in the same run is
the yardstick: an answer is printed as milliseconds and as so many of those.
"""

from __future__ import annotations

import multiprocessing
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from bench.browser import Client
from bench.system import Running, distributed, embedded, modes

SCREENS = 50


def write_interview(folder: Path) -> str:
    """A package with one interview of `SCREENS` screens; returns its name."""
    questions = folder / "benchmarks" / "data" / "questions"
    questions.mkdir(parents=True)
    blocks = ["metadata:\n  title: Fifty screens\n"]
    for number in range(SCREENS):
        blocks.append(
            f"mandatory: True\nquestion: |\n  Screen {number}\nsubquestion: |\n  Of ${{ {SCREENS} }} screens.\nfields:\n"
            f"  - First: first_{number}\n  - Second: second_{number}\n    datatype: integer\n"
        )
    blocks.append("mandatory: True\nquestion: |\n  ${ first_0 } and ${ second_49 }\n")
    (questions / "fifty.yml").write_text("---\n".join(blocks), "utf-8")
    return "benchmarks:fifty.yml"


def one_client(url: str, interview: str, rounds: int, results: multiprocessing.Queue[list[float]]) -> None:
    times = []
    for _ in range(rounds):
        client = Client(url, interview)
        for number in range(SCREENS):
            begun = time.perf_counter()
            client.answer({f"first_{number}": "Sample text", f"second_{number}": number})
            times.append(time.perf_counter() - begun)
        assert client.screen["question"].strip() == "Sample text and 49", client.reply
    results.put(times)


def measure(url: str, interview: str, clients: int, rounds: int) -> tuple[list[float], float]:
    results: multiprocessing.Queue[list[float]] = multiprocessing.Queue()
    workers = [
        multiprocessing.Process(target=one_client, args=(url, interview, rounds, results)) for _ in range(clients)
    ]
    begun = time.perf_counter()
    for worker in workers:
        worker.start()
    times = [value for _ in workers for value in results.get(timeout=600)]
    took = time.perf_counter() - begun
    for worker in workers:
        worker.join()
    return times, took


def throughput(url: str, interview: str, clients: int, rounds: int = 2) -> tuple[list[float], float]:
    """Seconds of each answer by `clients` at once, after a round that warms up, and answers a second."""
    measure(url, interview, clients, 1)
    times, took = measure(url, interview, clients, rounds)
    return times, len(times) / took


def yardstick(url: str) -> float:
    """Milliseconds of one ``/healthz``, as a new connection each."""
    times = []
    for _ in range(200):
        begun = time.perf_counter()
        urllib.request.urlopen(url + "/healthz").read()
        times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1000


def report(mode: str, running: Running, interview: str, rounds: int) -> None:
    one = yardstick(running.url)
    measure(running.url, interview, 1, 1)  # warm: children are there, caches filled
    print(f"{mode}: first page {running.seconds_to_first_page:.2f} s after start; /healthz {one:.2f} ms")
    for clients in (1, 4):
        times, took = measure(running.url, interview, clients, rounds)
        median, p95 = statistics.median(times) * 1000, statistics.quantiles(times, n=20)[-1] * 1000
        print(
            f"  {clients} client{'s' if clients > 1 else ' '}: median {median:6.2f} ms  p95 {p95:6.2f} ms"
            f"  {len(times) / took:6.0f} answers/s  ({median / one:.1f} x /healthz)"
        )
    print(f"  memory of all processes: {running.memory() / 2**20:.0f} MB")


def main(rounds: int = 6) -> int:
    for mode in modes():
        with tempfile.TemporaryDirectory() as folder:
            interview = write_interview(Path(folder))
            system = embedded if mode == "embedded" else distributed
            with system(Path(folder)) as running:
                report(mode, running, interview, rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
