"""What ``parley start`` refuses: it says so in one line, and nothing is started."""

from __future__ import annotations

import pytest

from services.cli.start import start


@pytest.mark.parametrize(
    ("services", "told"),
    [
        (["gateway", "worker"], "the gateway is a process of its own"),
        (["worker", "gateway"], "the gateway is a process of its own"),
        (["gateway", "gateway"], "the gateway is a process of its own"),
        (["worker", "clock", "worker"], "a service is in a process once"),
        (["worker", "nosuch"], "expected names of services"),
        ([], "expected names of services"),
    ],
)
def test_services_that_cannot_share_a_process(
    services: list[str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.execv", lambda *_: pytest.fail("something was started"))
    assert start(services) == 2
    assert capsys.readouterr().err.startswith(f"parley: {told}")


@pytest.mark.parametrize(
    ("services", "queues", "command"),
    [
        (["gateway"], None, ["services.gateway.service"]),
        (["worker"], None, ["shared.bus.green", "services.process", "worker"]),
        (["worker"], "slow,default", ["shared.bus.green", "services.process", "worker", "--queue=slow,default"]),
        (["worker", "clock"], None, ["shared.bus.green", "services.process", "worker", "clock"]),
    ],
)
def test_each_set_of_services_gets_a_process_that_is_right_for_it(
    services: list[str], queues: str | None, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda path, arguments: seen.append(arguments[2:]))
    start(services, queues)
    assert seen == [command]


def test_queues_are_those_of_a_worker(capsys: pytest.CaptureFixture[str]) -> None:
    assert start(["clock"], "slow") == 2
    assert capsys.readouterr().err.startswith("parley: --queue is about a worker")
