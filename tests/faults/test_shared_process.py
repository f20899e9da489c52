"""Several services in one process: they do together what they do apart, and end together."""

from __future__ import annotations

import json
import os
import signal
import smtplib
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from bench.browser import Client
from bench.system import Running, distributed, free_port, wait_for
from tests.faults.test_services_end import NOWHERE, environment
from tests.helpers import rabbit
from tests.helpers.waiting import eventually

pytestmark = [pytest.mark.rabbitmq, pytest.mark.mongodb, pytest.mark.timeout(240)]

FOUR = ("interview", "worker", "clock", "mail_ingest")


@pytest.fixture(scope="module")
def health_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def system(health_port: int) -> Iterator[Running]:
    # Only the shared process has a port for its health; the gateway answers for itself.
    with distributed(together=FOUR, PARLEY_HEALTH_PORT=str(health_port)) as running:
        yield running


def collect(system: Running, how_many: int) -> Client:
    client = Client(system.url, "demos:background-many.yml")
    client.answer({"how_many": how_many})
    return client


def all_came(system: Running, begun: Client, how_many: int) -> bool:
    session = begun.reply["session"]
    client = Client(system.url, "demos:background-many.yml", session=session, cookie=begun.cookie)
    client.get()
    if client.screen["question"].strip() != f"All {how_many} results are here.":
        return False
    assert "None came twice." in client.screen["subquestion"]
    return True


def test_four_services_of_one_process_do_their_work(system: Running, health_port: int) -> None:
    assert [name for name, _ in system.processes] == ["shared", "gateway"]
    begun = collect(system, 20)
    eventually(lambda: all_came(system, begun, 20), seconds=90)
    eventually(lambda: set(started(system)) == set(FOUR))
    with urllib.request.urlopen(f"http://127.0.0.1:{health_port}/healthz", timeout=5) as answer:
        health = json.load(answer)
    assert (health["ok"], health["wrong"]) == (True, {})
    with smtplib.SMTP("127.0.0.1", int(system.environment["PARLEY_SMTP_PORT"]), timeout=10) as server:
        assert server.ehlo()[0] == 250


def test_killed_and_started_again_it_goes_on_where_it_was(system: Running) -> None:
    begun = collect(system, 20)
    process = system.of("shared")[0]
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    system.processes.remove(("shared", process))
    system.start("shared", "start", *FOUR)
    wait_for(system.url + "/interview?i=demos:welcome.yml&json=1", system)
    eventually(lambda: all_came(system, begun, 20), seconds=120)


def test_sigterm_ends_all_of_it_in_time(system: Running) -> None:
    collect(system, 20)
    process = system.of("shared")[0]
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    system.processes.remove(("shared", process))
    assert "stopped" in events(system)
    system.start("shared", "start", *FOUR)
    wait_for(system.url + "/interview?i=demos:welcome.yml&json=1", system)


def test_sigterm_ends_services_that_found_neither_broker_nor_database(tmp_path) -> None:
    with rabbit.process("services.cli.main", "start", "worker", "clock", **(environment(tmp_path) | NOWHERE)) as both:
        eventually(lambda: both.log().count("start_delayed") >= 2 or both.poll() is not None, seconds=60)
        assert both.poll() is None, both.log()
        both.send_signal(signal.SIGTERM)
        assert both.wait(10) == 0


def test_health_names_the_service_that_is_not_well(tmp_path) -> None:
    port = free_port()
    given = environment(tmp_path) | NOWHERE | {"PARLEY_HEALTH_PORT": str(port)}

    def wrong() -> dict[str, str]:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
        except urllib.error.HTTPError as answer:
            found: dict[str, str] = json.load(answer)["wrong"]
            return found
        except OSError:
            pass
        return {}

    with rabbit.process("services.cli.main", "start", "worker", "clock", **given):
        eventually(lambda: {part.split(":")[0] for part in wrong()} == {"worker", "clock"}, seconds=60)


def events(system: Running) -> list[str]:
    lines = [line for path in system.folder.glob("shared-*.log") for line in path.read_text().splitlines()]
    return [str(json.loads(line).get("event")) for line in lines if line.startswith("{")]


def started(system: Running) -> list[str]:
    lines = [line for path in system.folder.glob("shared-*.log") for line in path.read_text().splitlines()]
    found = [json.loads(line) for line in lines if line.startswith("{")]
    return [str(line.get("service")) for line in found if line.get("event") == "started"]
