"""What mail costs: accepted and durable a second, from 250 to what the interview made of it, and out a second.

Beside each figure stand the goal and the processor time of our processes for one mail, which a busy machine changes less.
"""

from __future__ import annotations

import re
import smtplib
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.browser import Client
from bench.cost import of
from bench.system import Running, distributed, embedded, modes
from tests.helpers.smtp_sink import Sink, sink

UNLIMITED = {f"PARLEY_SMTP_{name}": "0" for name in ("PER_MINUTE", "PER_SENDER", "PER_SESSION")}
INTERVIEW = """
mandatory: True
code: |
  multi_user = True
  heard = 0
---
mandatory: True
question: ${ interview_email() }
subquestion: |
  ${ heard }
buttons:
  - Again: refresh
---
event: incoming_email
code: |
  background_response_action('hear')
---
event: hear
code: |
  heard += 1
  background_response()
"""
OUT = """
question: How many?
fields:
  - Number: number
    datatype: integer
---
mandatory: True
code: |
  for one in range(number):
    send_email(to=f'user{one}@example.com', subject=f'Mail {one}', body='Good day')
---
mandatory: True
question: Done
"""
#: Mails that are only kept and listed: what an interview makes of them costs what it costs, and is measured apart.
KEPT = """
mandatory: True
question: ${ interview_email() }
buttons:
  - Again: refresh
"""
AT_ONCE = 4
#: Mails accepted and durable a second, by mode; milliseconds from 250 to the effect; mails out a second.
GOAL_IN = {"embedded": 600, "distributed": 300}
GOAL_EFFECT, GOAL_OUT = 100, 50


def address_of(client: Client) -> str:
    return re.sub(r"\s", "", client.screen["question"])


def accepted(port: int, addresses: list[str], number: int) -> float:
    """Mails a second, over connections that stay open."""

    def work(first: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as connection:
            for mail in range(first, number, AT_ONCE):
                content = f"Message-ID: <{time.time_ns()}.{mail}@example.org>\r\nSubject: x\r\n\r\nText\r\n"
                connection.sendmail("a@example.org", addresses[mail % len(addresses)], content)

    threads = [threading.Thread(target=work, args=(first,)) for first in range(AT_ONCE)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return number / (time.perf_counter() - begun)


def to_effect(client: Client, port: int) -> float:
    """Seconds from 250 until the interview has heard of the mail."""
    client.get()
    before = int(client.screen["subquestion"])
    with smtplib.SMTP("127.0.0.1", port) as connection:
        content = f"Message-ID: <{time.time_ns()}@example.org>\r\nSubject: x\r\n\r\nText\r\n"
        connection.sendmail("a@example.org", address_of(client), content)
        begun = time.perf_counter()
    while int(client.screen["subquestion"]) == before:
        time.sleep(0.002)
        client.get()
    return time.perf_counter() - begun


def out(url: str, taken: Sink, number: int) -> float:
    """Mails a second, from the answer that sends them until the server has them all."""
    client = Client(url, "mail:out.yml")
    before = len(taken.mails)
    begun = time.perf_counter()
    client.answer({"number": number})
    while len(taken.mails) < before + number:
        time.sleep(0.005)
    return number / (time.perf_counter() - begun)


@contextmanager
def system(mode: str, taken: Sink, folder: Path) -> Iterator[Running]:
    """A system that sends its mail to `taken`; its packages are those in `folder`, where the interviews of this module come."""
    questions = folder / "mail" / "data" / "questions"
    questions.mkdir(parents=True)
    (questions / "in.yml").write_text(INTERVIEW, "utf-8")
    (questions / "kept.yml").write_text(KEPT, "utf-8")
    (questions / "out.yml").write_text(OUT, "utf-8")
    start = embedded if mode == "embedded" else distributed
    with start(folder, PARLEY_OUTGOING_SMTP=taken.address, **UNLIMITED) as running:
        yield running


def report(mode: str, running: Running, taken: Sink) -> None:
    port = int(running.environment["PARLEY_SMTP_PORT"])
    one = Client(running.url, "mail:in.yml")
    to_effect(one, port)  # warm
    effects: list[float] = []
    cost = of(running, lambda: counted(effects, [to_effect(one, port) * 1000 for _ in range(20)]))
    print(
        f"{mode}: from 250 to the effect, median {statistics.median(effects):.0f} ms ({max(effects):.0f} at most; goal: {GOAL_EFFECT}); {cost}"
    )
    a_second: list[float] = []
    cost = of(running, lambda: counted(a_second, [out(running.url, taken, 100)]) * 100)
    print(f"  out: {a_second.pop():.0f} a second (goal: {GOAL_OUT}); {cost}")
    others = [address_of(Client(running.url, "mail:kept.yml")) for _ in range(20)]
    cost = of(running, lambda: counted(a_second, [accepted(port, others, 400)]) * 400)
    print(
        f"  in, kept and durable: {a_second.pop():.0f} a second over {AT_ONCE} connections (goal: {GOAL_IN[mode]}); {cost}"
    )


def counted(into: list[float], found: list[float]) -> int:
    """Keep what was `found`; how many that is."""
    into += found
    return len(found)


def main() -> int:
    for mode in modes():
        with (
            tempfile.TemporaryDirectory() as folder,
            sink() as taken,
            system(mode, taken, Path(folder)) as running,
        ):
            report(mode, running, taken)
    return 0


if __name__ == "__main__":
    sys.exit(main())
