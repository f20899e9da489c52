"""What the documents of docassemble.Scheduler and of Masonite's task scheduling print, each example from its own file (`printed`), to the letter."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from services.cli.craft import main as craft
from services.cli.main import main as parley
from tests.contract.clock.conftest import Hands
from tests.contract.clock.plant import Plant, plant
from tests.helpers.waiting import eventually

__all__ = ["plant"]

PRINTED = Path(__file__).parent / "printed"
LINE = "pargs=('positional_value_1', 'positional_value_2') kwargs={'optional_param': 'optional_value'}"


def scheduler(name: str) -> str:
    return (PRINTED / "scheduler" / name).read_text()


def tasks(name: str) -> str:
    return (PRINTED / "tasks" / name).read_text()


# ------------------------------------------------------------------ docassemble.Scheduler


@pytest.mark.parametrize(
    ("name", "ran", "said"),
    [
        ("usage.yml", ["test.heartbeat", "test.test_arbitrary_params"], {"test.test_arbitrary_params": LINE}),
        ("package.yml", ["docassemble.demo.gettime.get_time"], {}),
        ("arguments.yml", ["test.test_arbitrary_params"], {"test.test_arbitrary_params": LINE}),
        ("context.yml", ["test.heartbeat"], {}),
    ],
)
def test_configurations(
    plant: Callable[..., Plant], hands: Hands, name: str, ran: list[str], said: dict[str, str]
) -> None:
    one = plant(scheduler(name))
    assert one.mistakes == ()
    hands.move(minutes=1)
    one.look()
    assert [each.schedule.name for each in one.scheduled if one.history(each.schedule.name)] == ran
    assert all(one.history(each)[0].outcome == "ran" for each in ran)
    assert {each: one.said(each)[0].partition("): ")[2] for each in ran if one.said(each)}.items() >= said.items()


def test_both_heartbeats_of_the_first_example(plant: Callable[..., Plant], hands: Hands) -> None:
    hands.now = hands.now.replace(month=1, day=31, hour=23, minute=59)
    one = plant(scheduler("usage.yml"))
    for _ in range(3):
        hands.move(minutes=1)
        one.look()
    due = {name: [f"{entry.due:%d %H:%M}" for entry in one.history(name) if entry.outcome == "ran"] for name in TWICE}
    assert due["test.heartbeat"] == ["01 00:00", "01 00:01", "01 00:02"]
    assert due["test.heartbeat (2)"] == ["01 00:01"]


TWICE = ("test.heartbeat", "test.heartbeat (2)")


def test_the_logger(plant: Callable[..., Plant], hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    body = "".join(f"    {line}\n" for line in scheduler("logging.py.txt").splitlines())
    (tmp_path / "own" / "mine.py").write_text(f"def run():\n{body}")
    one = plant(
        f"tasks folder: {tmp_path / 'own'}\nscheduler:\n  log level: Debug\n  mine.run: {{type: interval, minutes: 1}}\n"
    )
    hands.move(minutes=1)
    one.look()
    assert [line.split()[1] for line in one.lines("mine.run")] == [
        "INFO",
        "DEBUG",
        "INFO",
        "WARNING",
        "ERROR",
        "CRITICAL",
    ]
    assert all(line.endswith(": Hello World") for line in one.lines("mine.run"))
    eventually(lambda: len(one.sent) == 1, seconds=10)


# ------------------------------------------------------------------ Masonite


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("AMQP_URI", "MONGO_URI", "PARLEY_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PARLEY_VAR", str(tmp_path / "var"))
    folder = tmp_path / "project_name"
    (folder / "config").mkdir(parents=True)
    (folder / "app" / "tasks").mkdir(parents=True)
    providers = tasks("providers.txt").replace("    ...\n", "")
    (folder / "config" / "application.py").write_text(f"{providers}\n{tasks('autoload.txt')}")
    monkeypatch.chdir(folder)
    return folder


def said_to(command: str) -> list[str]:
    """The words after the name of the program in a printed line."""
    dollar, program, *words = command.split()
    assert (dollar, program) == ("$", "craft")
    return words


def test_craft_task_writes_what_is_printed(project: Path) -> None:
    for program in (craft, parley):
        assert program(said_to(tasks("craft_task.txt"))) == 0
        path = project / "app" / "tasks" / "SayHi.py"
        assert [line.rstrip() for line in path.read_text().splitlines()] == [
            line.rstrip() for line in tasks("boilerplate.py.txt").rstrip().splitlines()
        ]
        path.unlink()


@pytest.mark.parametrize(
    ("file", "output"),
    [("boilerplate.py.txt", ""), ("by_annotation.py.txt", ""), ("by_name.py.txt", ""), ("hi.py.txt", "Hi!\n")],
)
def test_schedule_run(project: Path, capfd: pytest.CaptureFixture[str], file: str, output: str) -> None:
    (project / "app" / "tasks" / "SayHi.py").write_text(tasks(file))
    words = said_to(tasks("schedule_run.txt"))
    for program in (craft, parley):
        assert program(words) == 0
        assert capfd.readouterr().out == output
        assert program([*words, "--task", "SayHi", "--force"]) == 0, "its constructor gets what it asks for"
        assert capfd.readouterr() == (output, "")


def test_the_crontab_line(project: Path) -> None:
    (project / "app" / "tasks" / "SayHi.py").write_text(tasks("hi.py.txt"))
    path, line = tasks("crontab.txt").strip().splitlines()
    place = project / "venv" / "bin"
    place.mkdir(parents=True)
    (place / "craft").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m services.cli.craft "$@"\n')
    (place / "craft").chmod(0o755)
    (place / "activate").write_text(f"export PATH='{place}':$PATH PYTHONPATH='{Path(__file__).parents[3]}'\n")
    command = line.removeprefix("* * * * * ").replace("/Users/Masonite/Programming/project_name", str(project))
    environment = {**os.environ, "PATH": path.removeprefix("PATH=")}
    ended = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout) == (0, "Hi!\n"), ended.stderr


class _Shop(BaseHTTPRequestHandler):
    """Stands in the way to url.com, as a proxy."""

    def do_POST(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    server = HTTPServer(("127.0.0.1", 0), _Shop)
    server.asked = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_port}")
    yield server.asked  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("file", "due"), [("handle.py.txt", []), ("complete.py.txt", ["15 17:00", "18 17:00"])])
def test_a_task_that_calls_an_api(
    plant: Callable[..., Plant], hands: Hands, project: Path, shop: list[str], file: str, due: list[str]
) -> None:
    (project / "app" / "tasks" / "SayHi.py").write_text(tasks(file))
    one = plant(f"application: {project}\njobs environment: [http_proxy]\n")
    assert one.mistakes == ()
    for day in range(15, 19):
        hands.now = hands.now.replace(day=day, hour=17, minute=0, second=5)
        one.look()
    assert [f"{entry.due:%d %H:%M}" for entry in one.history("SayHi") if entry.outcome == "ran"] == due
    assert shop == ["http://url.com/api/store"] * len(due)
    if not due:
        task = one.kind.named("SayHi")
        assert task is not None
        assert one.kind.call(task).failed is None
        assert shop == ["http://url.com/api/store"]
