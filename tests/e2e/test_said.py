"""One failing screen, check-in, scheduled event, background action and received mail each, run by the whole embedded system: what
the user, the author, the log, the metric and `parley log` say of it. The table of docs/operators.md is made here.

    PARLEY_WRITE_DOCS=1 python -m pytest tests/e2e/test_said.py     writes it anew
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.cli.log import log
from services.embedded.system import System
from services.gateway.app import create_app
from services.gateway.options import Options
from services.logs import JsonLines, session_hash
from services.runs import reports
from services.runs.reports import RUNS, WHATS
from services.settings import load
from tests.helpers.embedded import until
from tests.helpers.hands import Hands

PAGE = Path(__file__).parents[2] / "docs" / "operators.md"
MARKS = ("<!-- said: made by tests/e2e/test_said.py -->\n", "<!-- /said -->")
ANSWER = "PLANTED-ANSWER"
NAME = "office:failing.yml"

INTERVIEW = """
mandatory: True
code: |
  multi_user = True
  allow_cron = True
---
mandatory: True
question: Your name
fields:
  - Name: name
---
id: starts the task
mandatory: True
code: |
  task = background_action('job', None)
  address = interview_email()
---
mandatory: True
question: ${ address }
subquestion: |
  ${ task.result().error_type if task.failed() else 'working' }, ${ len(get_emails()[0].emails) } mails
check in: looking
continue button field: ready
---
mandatory: True
id: last screen
question: |
  The number is ${ number_of(name) }
---
modules:
  - .numbers
---
event: looking
id: the check-in
code: |
  log('looking at ' + name)
  background_response(number_of(name))
---
event: job
id: the task
code: |
  log('working for ' + name)
  background_response(number_of(name))
---
event: cron_hourly
id: the event
code: |
  log('an hour has passed')
  number_of(name)
---
event: incoming_email
id: the mail
code: |
  log('mail has come')
  number_of(name)
"""
MODULE = """
def number_of(text):
    raise ValueError('no number: ' + text)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What everybody was told of one failure."""

    user: str
    author: str
    log: str
    metric: str
    command: str


class Office:
    """One system with the interview in it, one session, and everything that is said."""

    def __init__(self, folder: Path) -> None:
        questions = folder / "office" / "data" / "questions"
        questions.mkdir(parents=True)
        (folder / "office" / "__init__.py").write_text("")
        (folder / "office" / "numbers.py").write_text(MODULE)
        (questions / "failing.yml").write_text(INTERVIEW)
        self.var, self.logs = folder / "var", folder / "logs"
        self.hands = Hands()
        settings = load(
            {}, var=str(self.var), packages=str(folder), log=str(self.logs), smtp_port=0, port=0, log_level="WARNING"
        )
        self.system = System(settings, clock=self.hands)
        self.system.start()
        options = Options.from_settings(settings)
        self.apps = [create_app(self.system.bus, replace(options, author=author)) for author in (False, True)]
        self.lines = io.StringIO()
        self._handler = logging.StreamHandler(self.lines)
        self._handler.setFormatter(JsonLines())
        logging.getLogger(reports.__name__).addHandler(self._handler)
        self.heard: list[str] = []
        self.system.bus.listen(lambda notification: self.heard.append(notification.event))
        self.client = self.apps[0].test_client()
        self.state = self._json(self.client.get("/interview", query_string={"i": NAME, "json": "1"}))
        self.csrf = self.state["csrf"]

    def stop(self) -> None:
        logging.getLogger(reports.__name__).removeHandler(self._handler)
        for app in self.apps:
            app.close()
        self.system.stop()

    @property
    def session(self) -> str:
        return str(self.state["session"])

    def _json(self, response: Any) -> dict[str, Any]:
        return dict(response.get_json())

    def post(self, path: str, body: dict[str, Any], client: FlaskClient | None = None) -> Any:
        token = {"X-CSRF-Token": self.csrf}
        whole = {"session": self.session, "token": self.state["screen"]["token"], **body}
        return (client or self.client).post(path, query_string={"i": NAME, "json": "1"}, json=whole, headers=token)

    def show(self) -> str:
        """The author's text on the screen as it is now."""
        self.state = self._json(self.client.get("/interview", query_string={"i": NAME, "json": "1"}))
        return str(self.state["screen"]["subquestion"]).strip()

    def answer(self, values: dict[str, Any]) -> None:
        self.state = self._json(self.post("/interview", {"set": values}))

    @contextmanager
    def said(self, what: str) -> Iterator[dict[str, str]]:
        """Waits until one run of kind `what` has failed in it, then has what log, metric and command say of that."""
        before = {(one, ended): _count(one, ended) for one in WHATS for ended in ("well", "failed")}
        begin = self.lines.tell()
        told: dict[str, str] = {}
        yield told
        until(lambda: _count(what, "failed") > before[what, "failed"], f"no {what} has failed")
        kind = {"step": "interview", "check_in": "interview", "tick": "cron", "task": "worker", "mail": "mail"}[what]
        until(lambda: what in self.command(kind).split(), f"parley log {kind} says nothing of it")
        lines = [line for line in self.lines.getvalue()[begin:].splitlines() if f'"kind": "{what}"' in line]
        assert len(lines) == 1
        told["log"] = lines[0]
        told["metric"] = f'what="{what}"'
        assert _count(what, "failed") == before[what, "failed"] + 1
        told["command"] = self.command(kind)
        told["kind"] = kind

    def command(self, kind: str) -> str:
        """What `parley log kind` prints first: the newest run."""
        out = io.StringIO()
        assert log(kind, var=str(self.var), limit=1, out=out) == 0
        return out.getvalue().partition("More: ")[0]


def _count(what: str, ended: str) -> float:
    return float(RUNS.labels(what, ended)._value.get())


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(tmp_path_factory.mktemp("office"))
    yield made
    made.stop()


def _task(office: Office) -> Told:
    with office.said("task") as told:
        office.answer({"name": ANSWER})
    until(lambda: "task" in office.heard, "no page hears of the task's end")
    assert office.show() == "ValueError, 0 mails"
    author = "`task.failed()`, and `task.result()` says type, message and trace"
    return _row("nothing that the author does not say: the page hears that the task ended", author, told)


def _check_in(office: Office) -> Told:
    with office.said("check_in") as told:
        reply = office.post("/checkin", {"action": "looking", "values": {}})
    assert (reply.status_code, reply.get_json()["commands"]) == (200, [])
    return _row("nothing: the page stays as it is", "nothing on the page", told)


def _tick(office: Office) -> Told:
    with office.said("tick") as told:
        office.hands.now += timedelta(hours=1)
        office.system._clock.round()
    return _row("nothing", "nothing on the page", told)


def _mail(office: Office) -> Told:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "ann@example.org", _address(office), ANSWER
    message.set_content(ANSWER)
    with office.said("mail") as told, smtplib.SMTP("127.0.0.1", office.system.smtp_port) as client:
        assert client.send_message(message) == {}
    assert office.show() == "ValueError, 1 mails"
    return _row("the sender: accepted, the mail is kept", "`get_emails()` has the mail", told)


def _address(office: Office) -> str:
    return str(office.state["screen"]["question"]).strip()


def _step(office: Office) -> Told:
    author = office.apps[1].test_client()
    for cookie in office.client._cookies.values():  # type: ignore[union-attr]
        author.set_cookie(cookie.key, cookie.value)
    seen = author.post(
        "/interview",
        query_string={"i": NAME, "json": "1"},
        json={"session": office.session, "token": office.state["screen"]["token"], "set": {"ready": True}},
        headers={"X-CSRF-Token": office.csrf},
    ).get_json()
    [place] = seen["error"]["author"]["places"]
    assert ANSWER in place["message"]
    with office.said("step") as told:
        reply = office.post("/interview", {"set": {"ready": True}})
    assert reply.status_code == 500
    error = reply.get_json()["error"]
    assert error.keys() == {"kind", "message", "reference"}
    assert office.command("interview").splitlines()[0].endswith(f"session {error['reference']}")
    user = f"status 500, “{error['message']}” and the number of the session; the answers stay as they were"
    return _row(
        user, f"in author mode, on the page: the message, {place['block']}, line {place['line']}, the trace", told
    )


def _row(user: str, author: str, told: dict[str, str]) -> Told:
    line = json.loads(told["log"])
    assert (line["event"], line["interview"]) == ("interview_failed", NAME)
    assert line["source"] == "office:data/questions/failing.yml"
    shown = {name: line[name] for name in ("kind", "error", "block", "line")}
    return Told(
        user=user,
        author=author,
        log=", ".join(f"{name} `{value}`" for name, value in shown.items()),
        metric=f"`{told['metric']}`",
        command=f"`parley log {told['kind']}`<br>" + _quoted(told["command"]),
    )


def _quoted(text: str) -> str:
    """The head without time and session, what was logged, and what it failed of."""
    head, *lines = text.splitlines()
    head = re.sub(r"^\S+ ", "", head)
    head = re.sub(r"session \w+$", "session …", head)
    kept = [line.strip() for line in lines if not line.startswith("      ") and "while seeking" not in line]
    return "<br>".join(f"`{line.replace(ANSWER, '…')}`" for line in (head, *kept))


FAILURES: dict[str, Callable[[Office], Told]] = {
    "background action": _task,
    "check-in": _check_in,
    "scheduled event": _tick,
    "received mail": _mail,
    "screen": _step,
}


def _table(rows: dict[str, Told]) -> str:
    made = ["| what fails | the user | the author | the log | the metric | the command |", "|---|---|---|---|---|---|"]
    for name, told in rows.items():
        made.append(f"| {name} | {told.user} | {told.author} | {told.log} | {told.metric} | {told.command} |")
    return "\n".join(made) + "\n"


def test_what_is_said_of_each_failure(office: Office) -> None:
    table = _table({name: fail(office) for name, fail in FAILURES.items()})
    # The answer was said to those who may read the session, and to nobody else.
    assert ANSWER not in office.lines.getvalue()
    assert office.session not in office.lines.getvalue()
    assert session_hash(office.session) in office.lines.getvalue()
    assert ANSWER in office.command("worker")
    # What `log:` asks for has the same.
    files = {path.name: path.read_text("utf-8") for path in office.logs.glob("*.log")}
    assert files.keys() == {"worker.log", "cron.log"}
    assert office.command("worker") in files["worker.log"]
    assert office.command("mail") in files["worker.log"]
    assert office.command("cron") in files["cron.log"]
    page = PAGE.read_text("utf-8")
    before, rest = page.split(MARKS[0])
    written, after = rest.split(MARKS[1])
    if os.environ.get("PARLEY_WRITE_DOCS"):
        PAGE.write_text(before + MARKS[0] + table + MARKS[1] + after, "utf-8")
        written = table
    assert written == table
