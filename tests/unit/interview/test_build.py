"""What the interview service answers, and that nothing about a session is answered to whoever has no key to it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.gateway.client.secret import BrowserSecret
from services.interview.access import first_fields
from services.interview.build import InterviewService, build
from services.settings import load
from shared.bus.inprocess import InProcessBus
from shared.contract.entry import Entry
from shared.contract.errors import NoSession
from shared.store.records import Session
from tests.helpers.memory import memory_store
from tests.helpers.plainrunner import PlainRunner

NOW = datetime(2026, 1, 15, tzinfo=UTC)
MINE, THEIRS = BrowserSecret(b"\1" * 32), BrowserSecret(b"\2" * 32)
CALLER = {"client": "c", "user": {}, "browser": {}}
#: Asked by services, which hold no key of a browser.
BY_SERVICES = {"other", "mail_failed", "publish", "respond", "delete", "rewrap", "reseal", "expire"}
#: Whose answer depends on the browsers that ask, rather than on a session that is named.
OF_BROWSERS = {"follow", "shared_file", "open", "find", "whose"}


def entry(secret: BrowserSecret) -> dict[str, Any]:
    return {"session": "session-1", "browsers": [secret.browser], "keys": [secret.key("session-1")]}


def nothing_runs(state: dict[str, Any], request: Any) -> Any:
    raise AssertionError("nobody may get this far")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[InterviewService]:
    store, bus = memory_store(), InProcessBus()
    times = {"created": NOW, "modified": NOW, "accessed": NOW}
    mine = Entry.parse(entry(MINE))
    store.sessions.create(
        Session(id="session-1", version=0, interview="a:b.yml", state=b"", step=0, **times, **first_fields(mine))
    )
    settings = load({}, var=str(tmp_path))
    runner = PlainRunner(nothing_runs)
    yield build(settings, store=store, bus=bus, runner=runner, clock=lambda: NOW, dissect=lambda raw: {"problems": []})
    bus.close()
    store.close()


def test_every_call_and_job_of_the_contract_is_there(service: InterviewService) -> None:
    documented = Path(__file__).parents[3].joinpath("docs", "architecture.md").read_text(encoding="utf-8")
    table = documented.partition("| method | arguments | result")[2].partition("\n\n")[0]
    assert {name for name in service.methods if f"`{name}`" not in table} == set()
    assert set(service.jobs) == {"mail"}
    assert set(service.ticks) == {"tick", "events"}


def given(method: Any, secret: BrowserSecret) -> dict[str, Any]:
    """Arguments for `method` that are right, but for the key."""
    values: dict[str, Any] = {"session": "session-1", "caller": CALLER, "request_id": "r1", "entry": entry(secret)}
    parameters = inspect.signature(method).parameters
    for name, parameter in parameters.items():
        if name not in values and parameter.default is parameter.empty and parameter.kind is parameter.KEYWORD_ONLY:
            values[name] = {"values": {}, "arguments": {}, "number": 1, "offset": 0, "length": 1, "last": True}.get(
                name, "x"
            )
    return {name: value for name, value in values.items() if name in parameters or name == "entry"}


def test_nothing_of_a_session_is_told_or_done_without_its_key(service: InterviewService) -> None:
    asked = set(service.methods) - BY_SERVICES - OF_BROWSERS
    assert len(asked) >= 10
    for name in asked:
        with pytest.raises(NoSession):
            service.methods[name](**given(service.methods[name], THEIRS))


def test_what_may_be_told_to_its_own_browser_is(service: InterviewService) -> None:
    told = service.methods["enter"](**given(service.methods["enter"], MINE))
    assert told.interview == "a:b.yml"
