"""The lines of the page on Task classes, as printed: craft task, craft schedule:run, and its output."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

from services.cli.craft import new_task, run_due
from shared.store.open import open_store
from shared.store.ports import Store

PRINTED = """from scheduler.Task import Task


class SayHi(Task):

    run_every = '1 minute'

    def __init__(self):
        pass
    
    def handle(self):
        print('Hi!')
"""  # noqa: W293  (as printed)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("AMQP_URI", "MONGO_URI", "PARLEY_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PARLEY_VAR", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def craft(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-m", "services.cli.craft", *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=60)


def database(project: Path) -> Store:
    """As `parley run` makes it."""
    (project / "var").mkdir()
    (project / "var" / "secret").write_text(secrets.token_urlsafe(40))
    return open_store(f"sqlite:///{project / 'var' / 'parley.sqlite'}")


def test_a_task_is_written_and_runs_as_the_page_prints_it(project: Path) -> None:
    assert craft(project, "task", "SayHi").returncode == 0
    written = project / "app" / "tasks" / "SayHi.py"
    assert "class SayHi(Task):" in written.read_text()
    (project / "config").mkdir()
    (project / "config" / "application.py").write_text("AUTOLOAD = [\n    'app',\n    'app/tasks'\n]\n")
    silent = craft(project, "schedule:run")
    assert (silent.returncode, silent.stdout) == (0, ""), silent.stderr
    written.write_text(PRINTED)
    ran = craft(project, "schedule:run")
    assert (ran.returncode, ran.stdout) == (0, "Hi!\n"), ran.stderr


def test_a_file_that_is_there_is_never_written_over(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new_task("SayHi") == 0
    path = project / "app" / "tasks" / "SayHi.py"
    path.write_text("mine")
    assert new_task("SayHi") == 2
    assert path.read_text() == "mine"
    assert new_task("../x") == 2
    assert "no name of a class" in capsys.readouterr().err


def test_only_what_is_due_and_what_is_asked_for(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app" / "tasks").mkdir(parents=True)
    (project / "app" / "tasks" / "late.py").write_text(
        "from scheduler.Task import Task\n\n\nclass Late(Task):\n    run_at = '17:00'\n\n"
        "    def handle(self):\n        print('late')\n\n\nclass Wrong(Task):\n    run_at = '18:00'\n\n"
        "    def handle(self):\n        1/0\n"
    )

    def at(hour: int, **options: object) -> tuple[int, str]:
        out = StringIO()
        status = run_due(now=datetime(2026, 1, 15, hour, 0, 30, tzinfo=UTC), out=out, **options)  # type: ignore[arg-type]
        return status, out.getvalue()

    assert at(16) == (0, "")
    assert at(17) == (0, "late\n")
    assert at(16, task="Late", force=True) == (0, "late\n")
    assert at(18) == (1, "")
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert at(16, task="Nobody") == (2, "")

    store = database(project)
    assert at(17) == (0, "late\n")
    assert at(17) == (0, ""), "once a tick, whoever runs it"
    (entry,) = store.ledger.page("Late").lines
    assert (entry.outcome, entry.period) == ("ran", "2026-01-15T17:00:00Z")
    store.close()


SENDS = """
from docassemble.Scheduler.scheduler_logger import log
from scheduler.Task import Task


class Sends(Task):
    run_every_minute = True

    def __init__(self, Mail, Upload):
        self.mail, self.upload = Mail, Upload

    def handle(self):
        log("it sends")
        self.mail.to("someone@example.org").subject("Hello").send("from a task")
        self.upload.store("content", "note.txt")
"""


def test_what_a_task_sends_is_kept_for_the_system_to_send(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app" / "tasks").mkdir(parents=True)
    (project / "app" / "tasks" / "sends.py").write_text(SENDS)
    assert run_due(out=StringIO()) == 0
    assert "Sends: mails, files not sent: there is no database" in capsys.readouterr().err
    store = database(project)
    assert run_due(force=True, out=StringIO()) == 0
    (mail,) = store.outgoing.due(now=datetime.now(UTC) + timedelta(minutes=1), limit=10)
    assert store.outgoing.counts()["queued"] == 1
    assert mail
    assert [one.filename for one in store.files.of_session("scheduler")] == ["note.txt"]
    assert len(store.runs.page("scheduler").lines) == 1
    store.close()
