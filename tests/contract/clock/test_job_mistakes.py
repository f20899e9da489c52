"""What is wrong with jobs is told at start, all at once, with file, line and key; the others run. And what befalls jobs while they run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from services.clock import declared
from shared.runner.ports import Limits
from tests.contract.clock.conftest import Hands
from tests.contract.clock.plant import Plant, plant
from tests.helpers.waiting import eventually

__all__ = ["plant"]

FILES = {
    "good.py": "from docassemble.Scheduler.scheduler_logger import log\n\ndef run(*args, **kwargs):\n    log(f'{args} {kwargs}')\n"
    "\nclass Job:\n    pass\n\nNUMBER = 7\n",
    "raises.py": "1/0\n",
    "ends.py": "import sys\nsys.exit(3)\n",
    "kills.py": "import os\nos._exit(0)\n",
    "half.py": "class Half:\n    def __enter__(self):\n        return self\n",
    "contexts.py": """
from docassemble.Scheduler.scheduler_logger import log

class Enters:
    def __enter__(self):
        raise LookupError('enters')
    def __exit__(self, *wrong):
        log('never')

class Leaves:
    def __enter__(self):
        return self
    def __exit__(self, *wrong):
        log(f'left with {wrong[0]}')
        raise LookupError('leaves')

class Swallows:
    def __enter__(self):
        return self
    def __exit__(self, kind, error, trace):
        log(f'swallowed {kind.__name__}: {error}')
        return True

def wrong():
    raise ValueError('it is wrong')

def handle(error, job):
    log(f'{type(error).__name__} in {job.name}: {job.type} {dict(job.params)} {job.pargs} {dict(job.kwargs)}')

def handles_badly(error, job):
    raise RuntimeError('me too')
""",
    "slow.py": "import os, time\nfrom docassemble.Scheduler.scheduler_logger import log\n\ndef run(name):\n    time.sleep(0.7)\n    log(name)\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "own"
    made.mkdir()
    for name, text in FILES.items():
        (made / name).write_text(text)
    return made


def configured(folder: Path, jobs: str, more: str = "") -> str:
    return f"tasks folder: {folder}\njob seconds: 20\n{more}scheduler:\n{jobs}"


def told(one: Plant) -> list[str]:
    return [mistake.partition("parley.yml, ")[2] for mistake in one.mistakes]


def test_what_cannot_be_called_is_told_at_start_and_the_others_run(
    plant: Callable[..., Plant], hands: Hands, folder: Path
) -> None:
    one = plant(
        configured(
            folder,
            """
  good.run: {type: interval, minutes: 1}
  good.nothing: {type: interval, minutes: 1}
  good.Job: {type: interval, minutes: 1}
  good.NUMBER: {type: interval, minutes: 1}
  missing.run: {type: interval, minutes: 1}
  no.such.package.run: {type: interval, minutes: 1}
  raises.run: {type: interval, minutes: 1}
  ends.run: {type: interval, minutes: 1}
  good.run 2: {type: interval, minutes: 1, contextmanager: half.Half}
  good.run 3: {type: interval, minutes: 1, contextmanager: half.Missing, error handler: good.missing}
""",
        )
    )
    found = told(one)
    for number, (key, words) in enumerate(
        [
            ("good.nothing", "nothing of that name"),
            ("good.Job", "is a class"),
            ("good.NUMBER", "a int, which cannot be called"),
            ("missing.run", "there is no module docassemble.Scheduler.tasks.missing"),
            ("no.such.package.run", "there is no module no.such.package"),
            ("raises.run", "ZeroDivisionError"),
            ("ends.run", "ends the process"),
            ("good.run 2: contextmanager", "expected a class with __enter__ and __exit__"),
            ("good.run 3: contextmanager", "nothing of that name"),
            ("good.run 3: error handler", "nothing of that name"),
        ]
    ):
        line = min(number, 8) + 7
        assert found[number].startswith(f"line {line}: scheduler: {key}: expected "), found[number]
        assert words in found[number]
    assert len(found) == 10
    hands.move(minutes=1)
    one.look()
    outcomes = {name.schedule.name: one.history(name.schedule.name)[0].outcome for name in one.scheduled}
    assert {name for name, outcome in outcomes.items() if outcome == "ran"} == {"good.run"}
    assert set(outcomes.values()) == {"ran", "failed"}


def test_one_that_ends_the_process_at_its_import_hides_no_other(
    plant: Callable[..., Plant], hands: Hands, folder: Path
) -> None:
    jobs = "".join(f"  {name}: {{type: interval, minutes: 1}}\n" for name in ("kills.run", "good.run", "missing.run"))
    one = plant(configured(folder, jobs))
    assert len(one.mistakes) == 2
    assert "kills.run: expected a function: importing it ends the process, or never ends" in one.mistakes[0]
    assert "missing.run" in one.mistakes[1]


@pytest.mark.parametrize(
    ("context", "function", "outcome", "reason", "said"),
    [
        ("Enters", "good.run", "failed", "raised: LookupError", []),
        ("Leaves", "good.run", "failed", "raised: LookupError", ["() {}", "left with None"]),
        ("Leaves", "contexts.wrong", "failed", "raised: LookupError", ["left with <class 'ValueError'>"]),
        ("Swallows", "contexts.wrong", "ran", "", ["swallowed ValueError: it is wrong"]),
    ],
)
def test_a_context_may_raise_and_may_swallow(
    plant: Callable[..., Plant],
    hands: Hands,
    folder: Path,
    context: str,
    function: str,
    outcome: str,
    reason: str,
    said: list[str],
) -> None:
    one = plant(
        configured(folder, f"  {function}: {{type: interval, minutes: 1, contextmanager: contexts.{context}}}\n")
    )
    hands.move(minutes=1)
    one.look()
    (entry,) = one.history(function)
    assert (entry.outcome, entry.reason) == (outcome, reason)
    assert [line.partition("): ")[2] for line in one.said(function)] == said


def test_arguments_of_every_form(plant: Callable[..., Plant], hands: Hands, folder: Path) -> None:
    one = plant(
        configured(
            folder,
            """
  good.run a:
    type: interval
    minutes: 1
    args: [1, 2.5, true, null, text, 2026-01-15, [db, data db], {deep: {er: [1]}}]
    kwargs: {optional_param: optional_value, list: [1], nothing: }
  good.run b:
    type: interval
    minutes: 1
    args:
    kwargs:
  good.run c: {type: interval, minutes: 1, args: [], kwargs: {}}
""",
        )
    )
    assert one.mistakes == ()
    hands.move(minutes=1)
    one.look()
    (line,) = one.said("good.run a")
    assert line.endswith(
        "): (1, 2.5, True, None, 'text', '2026-01-15', ['db', 'data db'], {'deep': {'er': [1]}}) "
        "{'optional_param': 'optional_value', 'list': [1], 'nothing': None}"
    )
    assert [one.said(name)[0].partition("): ")[2] for name in ("good.run b", "good.run c")] == ["() {}"] * 2


def test_an_error_handler_hears_of_errors_in_place_of_the_operator(
    plant: Callable[..., Plant], hands: Hands, folder: Path
) -> None:
    one = plant(
        configured(
            folder,
            """
  contexts.wrong 1: {type: interval, minutes: 1, error handler: contexts.handle}
  contexts.wrong 2: {type: interval, minutes: 1, error handler: contexts.handles_badly}
""",
        )
    )
    hands.move(minutes=1)
    one.look()
    assert [one.history(f"contexts.wrong {number}")[0].outcome for number in (1, 2)] == ["failed", "failed"]
    assert one.said("contexts.wrong 1")[0].endswith("ValueError in contexts.wrong 1: interval {'minutes': 1} () {}")
    assert (
        "error handler docassemble.Scheduler.tasks.contexts.handles_badly: RuntimeError"
        in one.said("contexts.wrong 2")[0]
    )
    eventually(lambda: len(one.sent) == 1, seconds=10)
    assert one.sent[0].body["subject"] == "Error in contexts.wrong 2"


def test_the_handler_for_all_jobs_goes_before_a_jobs_own(
    plant: Callable[..., Plant], hands: Hands, folder: Path
) -> None:
    one = plant(
        configured(
            folder,
            "  error handler: contexts.handle\n"
            "  contexts.wrong: {type: interval, minutes: 1, error handler: contexts.handles_badly}\n",
        )
    )
    hands.move(minutes=1)
    one.look()
    assert "ValueError in contexts.wrong" in one.said("contexts.wrong")[0]
    assert one.sent == []


def test_jobs_wait_for_room_and_none_fails_of_it(plant: Callable[..., Plant], hands: Hands, folder: Path) -> None:
    jobs = "".join(f"  slow.run {n}: {{type: interval, minutes: 1, args: [{n}]}}\n" for n in range(5))
    one = plant(configured(folder, jobs, more="job workers: 1\n"))
    one.calls()._busy_seconds = 0.1  # type: ignore[attr-defined]
    hands.move(minutes=1)
    one.look()
    assert [one.history(f"slow.run {n}")[0].outcome for n in range(5)] == ["ran"] * 5


@pytest.mark.parametrize(("retry", "outcome", "runs"), [(0, "failed", 0), (1, "ran", 1)])
def test_a_tick_whose_clock_was_killed_in_the_middle_is_run_again_only_with_retry(
    plant: Callable[..., Plant], hands: Hands, folder: Path, retry: int, outcome: str, runs: int
) -> None:
    one = plant(configured(folder, f"  good.run: {{type: interval, minutes: 1, retry: {retry}}}\n"))
    hands.move(minutes=1)
    one.noter.run()
    (entry,) = one.store.ledger.open()
    assert one.store.ledger.take(entry.schedule, entry.period, by="dead", was="")
    begun = replace(entry, by="dead", outcome="running", began=hands.now, detail={"tries": 1} if retry else {})
    assert one.store.ledger.save(begun)
    one.look()
    (ended,) = one.history("good.run")
    assert ended.outcome == outcome
    assert len(one.runs("good.run")) == runs
    assert ended.reason == ("killed" if outcome == "failed" else "")


TASK = "from scheduler.Task import Task\n\n\nclass {name}(Task):\n    run_every_minute = True\n\n    def handle(self):\n        print('{name}')\n"


@pytest.mark.parametrize("bad", ["while True:\n    pass\n", "import os\nos._exit(0)\n"])
def test_a_task_file_that_never_ends_or_ends_everything_takes_no_other_away(
    plant: Callable[..., Plant], hands: Hands, tmp_path: Path, bad: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(declared, "_DISCOVERY", Limits(seconds=2.0))
    monkeypatch.setattr(declared, "_EACH", Limits(seconds=2.0))
    folder = tmp_path / "project" / "app" / "tasks"
    folder.mkdir(parents=True)
    for name in ("Alpha", "Omega"):
        (folder / f"{name}.py").write_text(TASK.format(name=name))
    (folder / "Middle.py").write_text(bad)
    one = plant(f"application: {tmp_path / 'project'}\nautoload: [app/tasks]\n")
    assert one.mistakes == (f"{folder / 'Middle.py'}: importing it ends the process, or never ends",)
    hands.move(minutes=1)
    one.look()
    assert [one.said(name) for name in ("Alpha", "Omega")] == [["Alpha"], ["Omega"]]


PACKAGED = """
from docassemble.Scheduler.scheduler_logger import log
from docassemble.base.util import *

def run():
    log(f"{ordinal(2)} {get_config('greeting')} {get_config('nothing', 'default')}", "warning")
"""


def test_functions_of_packages_that_hold_nothing_else(
    plant: Callable[..., Plant], hands: Hands, tmp_path: Path
) -> None:
    """`import *` brings the log() of interviews with it, which writes to the job's log, too."""
    names = ("docassemble/mine", "docassemble/other/sub", "tools")
    for name in names:
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("")
        (folder / "jobs.py").write_text(PACKAGED)
    (tmp_path / "docassemble/other/__init__.py").write_text("")
    (tmp_path / "docassemble/mine/near.py").write_text("from .jobs import run as wanted\n\ndef run():\n    wanted()\n")
    functions = [f"{name.replace('/', '.')}.jobs.run" for name in names] + ["docassemble.mine.near.run"]
    listed = "".join(f"  {name}: {{type: interval, minutes: 1}}\n" for name in functions)
    one = plant(f"greeting: hello\nscheduler:\n{listed}")
    assert [mistake for mistake in one.mistakes if "scheduler" in mistake] == []
    hands.move(minutes=1)
    one.look()
    for name in functions:
        (line,) = one.said(name)
        assert line.startswith("WARNING (jobs.py, line ")
        assert line.endswith("): third hello default")
