"""The gateway over a stand-in interview service, asked by Flask's test client: no Chromium, no network, no process."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.gateway.app import Gateway, create_app
from services.gateway.options import Options
from shared.bus.messages import Notification, QueueState
from tests.helpers.standin import ASK, StandIn

HELLO = "/interview?i=demos:hello.yml"
JSON = f"{HELLO}&json=1"


@dataclass
class Person:
    """A browser without script: keeps its cookies, reads what forms hold."""

    client: FlaskClient

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers=_headers(headers))

    def listens(self, session: str, **headers: str) -> int:
        """The status of an event stream, which is closed at once."""
        with self.get(f"/events?session={session}", **headers) as answer:
            return answer.status_code

    def page(self, path: str = HELLO) -> dict[str, str]:
        """The hidden fields of the form on a page."""
        return form(self.get(path))

    def post(self, path: str, fields: Any, **headers: str) -> TestResponse:
        return self.client.post(path, data=fields, headers=_headers(headers))

    def json(self, path: str, body: Any, **headers: str) -> TestResponse:
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        return self.client.post(path, data=text, content_type="application/json", headers=_headers(headers))

    def state(self, path: str = HELLO) -> dict[str, Any]:
        """A screen as JSON."""
        return dict(self.get(f"{path}&json=1").get_json())

    @property
    def cookies(self) -> list[str]:
        return sorted(name for _, _, name in self.client._cookies or ())


def _headers(given: dict[str, str]) -> list[tuple[str, str]]:
    return [(name.replace("_", "-"), value) for name, value in given.items()]


def form(response: TestResponse) -> dict[str, str]:
    assert response.status_code in {200, 422}, response.text
    text = response.text[response.text.index('id="answer"') :]
    found = re.findall(r'<input type="hidden" name="(:[^"]+)" value="([^"]*)"', text)
    return {name: unescape(value) for name, value in found}


class Relay:
    """The bus of an app that many tests share: passes everything on to the service of the test."""

    def __init__(self) -> None:
        self.service = StandIn()

    def call(self, service: str, method: str, /, **given: Any) -> Any:
        return self.service.call(service, method, **given)

    def listen(self, receive: Callable[[Notification], None]) -> Callable[[], None]:
        return self.service.listen(receive)

    def queues(self, *, brief: bool = False) -> dict[str, QueueState]:
        return self.service.queues(brief=brief)


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    questions, static = folder / "demos/data/questions", folder / "demos/data/static"
    for one in (questions, static):
        one.mkdir(parents=True)
    (static / "a.css").write_text("a {}")
    (questions / "hello.yml").write_text("metadata:\n  title: Say hello\n---\nquestion: x\n")
    return folder


def options(packages: Path, **more: Any) -> Options:
    return Options(secret="a secret of this test", packages=(packages,), streams=10, heartbeat_seconds=0.01, **more)


@pytest.fixture(scope="session")
def shared_app(packages: Path) -> Iterator[tuple[Gateway, Relay]]:
    """Templates are compiled once: that is what takes time."""
    relay = Relay()
    made: Any = create_app(relay, options(packages))  # type: ignore[arg-type]
    yield made, relay
    made.close()


@pytest.fixture
def service() -> StandIn:
    done = {"kind": "end", "question": "Done"}
    return StandIn(hello=[ASK, {**ASK, "question": "How old?"}, done], other=[ASK, done])


@pytest.fixture
def app(shared_app: tuple[Gateway, Relay], service: StandIn) -> Gateway:
    app, relay = shared_app
    relay.service = service
    return app


@pytest.fixture
def person(app: Gateway) -> Person:
    return Person(app.test_client())


@pytest.fixture
def stranger(app: Gateway) -> Person:
    return Person(app.test_client())
