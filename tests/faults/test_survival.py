"""Services are killed while people answer and work runs: every acknowledged answer is there, every result, and each once.

The system is started as an operator starts it and spoken to over HTTP; SIGKILL is what it gets.
"""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from bench.browser import Client
from bench.system import Running, distributed, embedded, wait_for
from tests.helpers.embedded import until

INTERVIEWS = {"counter": "demos:actions.yml", "many": "demos:background-many.yml", "welcome": "demos:welcome.yml"}


@pytest.fixture(scope="module")
def embedded_system() -> Iterator[Running]:
    with embedded() as running:
        yield running


@pytest.fixture(scope="module")
def five_services() -> Iterator[Running]:
    with distributed(count={"interview": 2}) as running:
        yield running


@pytest.fixture(params=["embedded", pytest.param("distributed", marks=[pytest.mark.rabbitmq, pytest.mark.mongodb])])
def system(request: pytest.FixtureRequest) -> Running:
    name = "embedded_system" if request.param == "embedded" else "five_services"
    found: Running = request.getfixturevalue(name)
    return found


def kill(running: Running, name: str) -> None:
    """SIGKILL to one process of a service, and another one in its place."""
    process = running.of(name)[0]
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    running.processes.remove((name, process))
    arguments = ("start", name)
    if name == "embedded":
        arguments = tuple(str(part) for part in process.args[3:])  # type: ignore[index,union-attr]
    running.start(name, *arguments)


def test_eight_clients_on_one_session_lose_no_acknowledged_action(system: Running) -> None:
    first = Client(system.url, INTERVIEWS["counter"])
    first.answer({"name_of_voter": "Kim"})
    session, cookie = first.reply["session"], first.cookie
    acknowledged: list[int] = []
    problems: list[BaseException] = []

    def vote() -> None:
        try:
            client = Client(system.url, INTERVIEWS["counter"], session=session, cookie=cookie)
            for _ in range(10):
                client.post({"action": "vote", "arguments": {"weight": 1}})
                acknowledged.append(1)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=vote) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    first.get()
    assert first.screen["question"].strip() == f"The count stands at {len(acknowledged)}."
    assert len(acknowledged) == 80


@pytest.mark.timeout(240)
def test_a_hundred_tasks_survive_three_kills(system: Running) -> None:
    victim = "embedded" if system.of("embedded") else "worker"
    client = Client(system.url, INTERVIEWS["many"])
    client.answer({"how_many": 100})
    for _ in range(3):
        kill(system, victim)
        wait_for(system.url + "/interview?i=demos:welcome.yml&json=1", system)
        time.sleep(0.5)
    client = Client(system.url, INTERVIEWS["many"], session=client.reply["session"], cookie=client.cookie)

    def all_there() -> bool:
        client.get()
        return client.screen["question"].strip() == "All 100 results are here."

    until(all_there, "some results never came", seconds=180)
    assert "None came twice." in client.screen["subquestion"]
    assert f"The sum of the squares is {sum(n * n for n in range(100))}." in client.screen["subquestion"]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("victim", ["interview", "gateway"])
def test_acknowledged_answers_survive_kills(system: Running, victim: str) -> None:
    if system.of("embedded"):
        victim = "embedded"
    client = Client(system.url, INTERVIEWS["counter"])
    client.answer({"name_of_voter": "Kim"})
    session, cookie = client.reply["session"], client.cookie
    acknowledged, unknown = 0, 0
    for turn in range(60):
        if turn in (15, 30, 45):
            kill(system, victim)
        try:
            client.post({"action": "vote", "arguments": {"weight": 1}})
            acknowledged += 1
        except (OSError, RuntimeError, http.client.HTTPException):
            unknown += 1  # not acknowledged: it may have been saved, or not
            wait_for(system.url + "/interview?i=demos:welcome.yml&json=1", system)
            client = Client(system.url, INTERVIEWS["counter"], session=session, cookie=cookie)
    client = Client(system.url, INTERVIEWS["counter"], session=session, cookie=cookie)
    count = int(client.screen["question"].strip().removeprefix("The count stands at ").rstrip("."))
    assert acknowledged <= count <= acknowledged + unknown
    assert acknowledged >= 30
