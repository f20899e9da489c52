"""Scheduled events by hand, through the running system and without one, and what an operator sees of schedules."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.cli import names
from services.cli.cron import cron
from services.cli.schedule import schedule
from services.embedded.lock import FolderLock
from services.logs import session_hash
from shared.store.open import open_store
from shared.store.records import OPERATOR, OutgoingMail, Task
from tests.helpers.embedded import Embedded
from tests.helpers.packs import write_pack

EVENTS = """
mandatory: True
code: |
  multi_user = True
  allow_cron = True
---
question: Name?
fields:
  - Name: name
---
mandatory: True
question: |
  ${ name }
subquestion: |
  ${ showifdef('greeted', 'not yet') }
buttons:
  Leave: leave
---
event: cron_greeting
code: |
  greeted = 'greeted'
  response('hello ' + name)
---
event: cron_daily
code: |
  if name == 'Bob':
    1/0
  response('daily ' + name)
"""


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Embedded]:
    for name in ("AMQP_URI", "MONGO_URI", "PARLEY_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    write_pack(tmp_path, "events", {"events": EVENTS})
    monkeypatch.setenv("PARLEY_PACKAGES", str(tmp_path))
    running = Embedded(tmp_path / "var", packages=tmp_path)
    for name in ("Ann", "Bob"):
        visit = running.visit("events:events.yml")
        visit.answer({"name": name})
        running.visits = [*getattr(running, "visits", []), visit]  # type: ignore[attr-defined]
    yield running
    running.stop()


def said(tmp_path: Path, name: str, *, again: bool = False) -> tuple[int, list[str]]:
    out = io.StringIO()
    status = cron(name, again=again, var=str(tmp_path / "var"), out=out)
    return status, out.getvalue().splitlines()


def shown(tmp_path: Path, *what: str) -> tuple[int, str]:
    out = io.StringIO()
    status = schedule(*what, var=str(tmp_path / "var"), out=out)
    return status, out.getvalue()


def test_through_the_running_system_and_without_one(system: Embedded, tmp_path: Path) -> None:
    hashes = {name: session_hash(visit.session) for name, visit in zip(("Ann", "Bob"), system.visits, strict=True)}  # type: ignore[attr-defined]
    lock = FolderLock(tmp_path / "var")  # as `parley run` holds it
    try:
        status, lines = said(tmp_path, "cron_greeting")
        assert status == 0
        assert sorted(lines[:2]) == sorted(f"{hashes[name]}  ran: hello {name}" for name in hashes)
        assert lines[2] == "cron_greeting: 2 sessions: 2 ran"
        assert said(tmp_path, "cron_greeting")[1][2] == "cron_greeting: 2 sessions: 2 ran", "no schedule: at each call"
        assert said(tmp_path, "cron_nobody") == (0, ["cron_nobody: 0 sessions"])

        status, lines = said(tmp_path, "cron_daily")
        assert status == 1
        assert f"{hashes['Ann']}  ran: daily Ann" in lines
        (failed,) = [line for line in lines if hashes["Bob"] in line]
        assert failed.startswith(f"{hashes['Bob']}  failed: ZeroDivisionError in ")
        assert failed.endswith(f"line {EVENTS.splitlines().index('    1/0') + 1}")
        status, lines = said(tmp_path, "cron_daily")
        assert (status, lines[-1]) == (0, "cron_daily: 2 sessions: 2 already")
        assert all("--again" in line for line in lines[:-1])
        assert said(tmp_path, "cron_daily", again=True)[1][-1] == "cron_daily: 2 sessions: 1 failed, 1 ran"
    finally:
        lock.release()

    status, text = shown(tmp_path, "show", "cron_daily")
    assert status == 0
    assert f"session {hashes['Bob']} failed 2 times in a row: ZeroDivisionError in events:" in text
    assert "daily" not in text.replace("cron_daily", "")

    system.stop()
    _left_behind(tmp_path)
    # By itself, and by the name that the reference's documents print.
    ended = as_printed("-m", "docassemble.webapp.cron", "-type", "cron_greeting", "--var", str(tmp_path / "var"))
    assert (ended.returncode, ended.stdout.splitlines()[-1:]) == (0, ["cron_greeting: 2 sessions: 2 ran"]), ended.stderr
    assert any(b"left behind" in mail.read_bytes() for mail in (tmp_path / "var" / "mail").glob("*.eml"))


def _left_behind(tmp_path: Path) -> None:
    """A mail that nobody sent, a task of tomorrow, and the note of a job: they are done, or left, and not waited for."""
    store, now = open_store(f"sqlite:///{tmp_path / 'var' / 'parley.sqlite'}"), datetime.now(UTC)
    body = {"to": ["left@example.org"], "subject": "left behind", "body": "x"}
    store.outgoing.add(OutgoingMail(id="left", session=OPERATOR, body=body, created=now, due=now))
    later = now + timedelta(days=1)
    store.tasks.add(Task(id="later", session="s", interview="a:b.yml", action="x", arguments=b"", created=later))
    store.schedule.note("job/task/gone", {"queue": "task", "id": "gone", "body": {"task": "gone"}})
    store.close()


def as_printed(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Also where this environment was made before it carried the name.
    environment = {**os.environ, "PYTHONPATH": str(Path(names.__path__[0]))}
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=120)


def test_scripts_import_the_documented_module() -> None:
    code = "from docassemble.base.util import ordinal; import docassemble.webapp.app_object; print(ordinal(2))"
    ended = as_printed("-c", code)
    assert (ended.stdout, ended.returncode) == ("third\n", 0), ended.stderr


def test_what_an_operator_sees_and_pauses(system: Embedded, tmp_path: Path) -> None:
    status, text = shown(tmp_path)
    assert status == 0
    for name in ("cron_hourly", "cron_daily", "cron_weekly", "cron_monthly"):
        assert f"{name}  (interviews, UTC)" in text
    assert "last: none yet" in text
    assert text.count("next: ") == 4
    assert shown(tmp_path, "pause", "cron_daily")[0] == 0
    assert "cron_daily  (interviews, UTC, paused)" in shown(tmp_path)[1]
    assert shown(tmp_path, "resume", "cron_daily")[0] == 0
    assert "paused" not in shown(tmp_path)[1]
    assert shown(tmp_path, "show", "cron_nothing")[0] == 2


def test_a_folder_without_a_system_is_a_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert schedule(var=str(tmp_path / "none")) == 2
    assert "there is no database" in capsys.readouterr().err
