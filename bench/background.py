"""What a background action costs: from the answer that starts it to the moment its result can be shown, one and 100 tasks."""

from __future__ import annotations

import statistics
import sys
import time

from bench.browser import Client
from bench.system import Running, distributed, embedded, modes


def one_task(url: str) -> float:
    client = Client(url, "demos:background.yml")
    begun = time.perf_counter()
    client.answer({"addend": 2})
    while "553" in client.screen["question"] or "Adding" in client.screen["question"]:
        time.sleep(0.001)
        client.get()
    assert client.screen["question"].strip() == "The sum is 555.", client.reply
    return time.perf_counter() - begun


def many_tasks(url: str, number: int) -> float:
    client = Client(url, "demos:background-many.yml")
    begun = time.perf_counter()
    client.answer({"how_many": number})
    while not client.screen["question"].startswith("All"):
        time.sleep(0.01)
        client.get()
    assert "None came twice" in client.screen["subquestion"], client.reply
    return time.perf_counter() - begun


def report(mode: str, running: Running) -> None:
    one_task(running.url)  # warm
    singles = [one_task(running.url) * 1000 for _ in range(30)]
    p95 = statistics.quantiles(singles, n=20)[-1]
    print(f"{mode}: one task median {statistics.median(singles):.1f} ms  p95 {p95:.1f} ms")
    hundreds = [many_tasks(running.url, 100) for _ in range(3)]
    print(
        f"  100 tasks, each saving its result: {statistics.median(hundreds):.2f} s ({min(hundreds):.2f} to {max(hundreds):.2f})"
    )


def main() -> int:
    for mode in modes():
        with (embedded if mode == "embedded" else distributed)() as running:
            report(mode, running)
    return 0


if __name__ == "__main__":
    sys.exit(main())
