"""A nameko shell has an entrypoint for everything that its service handles, and for nothing else. Nothing is started."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from services import running
from services.clock import service as clock
from services.interview import service as interview
from services.mail_ingest import service as mail_ingest
from services.process import SHELLS
from services.settings import Settings, load
from services.worker import service as worker
from shared.bus.messages import Job
from shared.bus.periodic import Background, Every
from shared.bus.queues import POLICIES
from shared.bus.receiving import Calls, JobConsumer
from shared.store.sqlite import SqliteStore
from shared.vault.plain import PlainVault
from shared.vault.store import VaultedStore
from tests.helpers.memory import memory_store
from tests.helpers.plainrunner import PlainRunner

NOW = datetime(2026, 1, 15, tzinfo=UTC)


def entrypoints(shell: type) -> Mapping[str, Any]:
    """The entrypoints that stand on methods of the shell, by the names of these."""
    return {
        name: entrypoint
        for name in vars(shell)
        for entrypoint in getattr(getattr(shell, name), "nameko_entrypoints", ())
    }


def nothing_runs(state: dict[str, Any], request: Any) -> Any:
    raise AssertionError("nothing was asked for")


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteStore]:
    made = memory_store()
    behind = VaultedStore(made, PlainVault())
    for module in (clock, mail_ingest):
        monkeypatch.setattr(module, "sealed_store", lambda settings: behind)
    for shell in (interview, worker):
        monkeypatch.setattr(shell, "ports", lambda settings, **how: (behind, PlainRunner(nothing_runs)))
    yield made
    made.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load({}, var=str(tmp_path), smtp_port=0)


def test_every_service_that_can_be_started_has_a_shell() -> None:
    for name, where in SHELLS.items():
        module, _, shell = where.partition(":")
        assert getattr(import_module(module), shell).name == name


@pytest.mark.parametrize("module", [interview, worker])
def test_each_queue_that_is_handled_is_listened_to(module: Any, store: SqliteStore, settings: Settings) -> None:
    (shell,) = (thing for name, thing in vars(module).items() if name.endswith("Shell"))
    assembled = module.assemble(settings, bus=None)
    queues = {one._queue for one in entrypoints(shell).values() if isinstance(one, JobConsumer)}
    assert queues == set(assembled.jobs) <= set(POLICIES)
    assert any(isinstance(one, Calls) for one in entrypoints(shell).values()) == bool(assembled.methods)
    assert assembled.watched["store"]() is None


def test_every_queue_has_a_service() -> None:
    shells = [interview.InterviewShell, worker.WorkerShell]
    queues = [one._queue for shell in shells for one in entrypoints(shell).values() if isinstance(one, JobConsumer)]
    assert sorted(queues) == sorted(POLICIES)


def called(shell: type, entrypoint: str, component: object, **given: object) -> object:
    one = shell()
    one.component = component  # type: ignore[attr-defined]
    return getattr(one, entrypoint)(**given)


def test_a_shell_hands_on_what_arrives() -> None:
    seen: list[object] = []

    def takes(name: str) -> Callable[..., object]:
        return lambda *given, **named: seen.append((name, *given, *named.values()))

    jobs = {queue: takes(queue) for queue in POLICIES}
    services = {"ticks": {"tick": takes("tick")}}
    component = SimpleNamespace(methods={"open": takes("open")}, jobs=jobs, services=services)
    job = Job(queue="x", id="1", body={})
    for shell, queues in ((interview.InterviewShell, ("mail",)), (worker.WorkerShell, ("task", "send"))):
        for queue in queues:
            called(shell, queue, component, job=job)
    called(interview.InterviewShell, "call", component, method="open", arguments={"a": 1})
    called(interview.InterviewShell, "tick", component, method="tick", arguments={"session": "s"})
    assert seen == [("mail", job), ("task", job), ("send", job), ("open", 1), ("tick", "s")]


def test_the_clock_goes_round_and_forgets_itself_at_its_end(store: SqliteStore, settings: Settings) -> None:
    assert [type(one) for one in entrypoints(clock.ClockShell).values()] == [Every, Every]
    bus: Any = SimpleNamespace(queues=dict, send=print, call=print)
    assembled = clock.assemble(settings, bus)
    called(clock.ClockShell, "look", assembled)
    called(clock.ClockShell, "sweep", assembled)
    assert len(store.schedule.notes("service/clock/")) == 1
    assembled.clock.close()
    assert store.schedule.notes("service/clock/") == {}


def test_mail_comes_in_until_the_service_stops(store: SqliteStore, settings: Settings) -> None:
    assert [type(one) for one in entrypoints(mail_ingest.MailIngestShell).values()] == [Background]
    seen: list[str] = []
    made = mail_ingest.assemble(settings, bus=None)  # type: ignore[arg-type]
    listening, end = made.mail_ingest._server, made.mail_ingest._server.stop
    assert listening.ports, "what cannot listen is not started"
    listening.stop = lambda: (seen.append("stop"), end())  # type: ignore[method-assign, assignment, return-value]
    called(mail_ingest.MailIngestShell, "serve", made, stopping=SimpleNamespace(wait=lambda: seen.append("wait")))
    assert seen == ["wait", "stop"]


def test_what_ends_a_service_ends_its_children_before_its_database() -> None:
    seen: list[str] = []
    store: Any = SimpleNamespace(close=lambda: seen.append("store"))
    runner: Any = SimpleNamespace(close=lambda: seen.append("runner"))
    running.Running(store=store, runner=runner).close()
    assert seen == ["runner", "store"]
