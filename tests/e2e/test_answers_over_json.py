"""Programs that answer are told why a screen comes again, and whose answer they replaced; over the whole embedded system."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.embedded.system import System
from services.gateway.app import create_app
from services.gateway.options import Options
from services.settings import load
from tests.helpers.packs import write_pack

INTERVIEWS = {
    "name": """
mandatory: True
question: |
  Hello ${ first }${ middle }${ last }${ ', adult' if adult else '' }.
---
question: Your name
fields:
  - First: first
  - Middle: middle
    required: False
  - Last: last
  - Adult: adult
    datatype: yesnoradio
    required: False
""",
    "again": """
mandatory: True
question: |
  ${ color } and ${ size }
---
question: Which color?
fields:
  - Which: color
---
sets: size
question: Size?
fields:
  - Number: number
""",
    "color": """
mandatory: True
question: Which color?
fields:
  - Color: color
---
mandatory: True
question: How large?
fields:
  - Size: size
---
mandatory: True
question: ${ color } and ${ size }
""",
}


class Program:
    """Speaks docs/http.md."""

    def __init__(self, client: FlaskClient, name: str) -> None:
        self._client = client
        self._query = {"i": f"said:{name}.yml", "json": "1"}
        self.status, self.told = 200, dict(client.get("/interview", query_string=self._query).get_json())
        self._csrf = self.told["csrf"]

    @property
    def question(self) -> str:
        return str(self.told["screen"]["question"]).strip()

    def answer(self, values: dict[str, Any], *, token: str | None = None) -> None:
        body = {"set": values, "token": token or self.told["screen"]["token"], "session": self.told["session"]}
        given = {"X-CSRF-Token": self._csrf}
        reply = self._client.post("/interview", query_string=self._query, json=body, headers=given)
        self.status, self.told = reply.status_code, dict(reply.get_json())


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    root = tmp_path_factory.mktemp("said")
    write_pack(root, "said", INTERVIEWS)
    settings = load({}, var=str(root / "var"), packages=str(root), smtp_port=0, port=0, log_level="ERROR")
    system = System(settings)
    system.start()
    app = create_app(system.bus, Options.from_settings(settings))
    yield app.test_client
    app.close()
    system.stop()


@pytest.mark.parametrize(
    "empty", [{}, {"middle": None, "adult": None}, {"middle": ""}], ids=["left out", "null", "empty"]
)
def test_an_optional_field_that_is_left_out_is_empty(client: Any, empty: dict[str, Any]) -> None:
    program = Program(client(), "name")
    program.answer({"first": "Ada", "last": "Lovelace", **empty})
    assert program.question == "Hello AdaLovelace."
    assert "notices" not in program.told


def test_a_required_field_that_is_left_out_is_named(client: Any) -> None:
    program = Program(client(), "name")
    program.answer({"first": "Ada"})
    assert (program.status, program.told["rejected"]["fields"].keys()) == (422, {"last"})
    assert program.question == "Your name"


def test_a_stale_answer_is_taken_and_says_that_it_replaced_a_newer_one(client: Any) -> None:
    program = Program(client(), "color")
    stale = program.told["screen"]["token"]
    program.answer({"color": "red"})
    assert "notices" not in program.told
    program.answer({"size": 3})
    program.answer({"color": "blue"}, token=stale)
    assert program.question == "blue and 3"
    [notice] = program.told["notices"]
    assert (notice["kind"], notice["variables"]) == ("replaced", ["color"])
    assert "color" in notice["message"]
    assert "blue" not in notice["message"]


def test_an_answer_that_does_not_answer_what_is_sought_says_so(client: Any) -> None:
    program = Program(client(), "again")
    program.answer({"color": "red"})
    assert program.question == "Size?"
    program.answer({"number": 3})
    assert program.question == "Size?"
    [notice] = program.told["notices"]
    assert (notice["kind"], notice["variables"]) == ("repeated", ["size"])
