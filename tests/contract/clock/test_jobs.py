"""The documents' own jobs and Task classes, in real children: what they log, print and send, and what is wrong with others."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.store.records import LedgerEntry
from tests.contract.clock.conftest import Hands
from tests.contract.clock.plant import Plant, plant
from tests.helpers.scheduler import SEED
from tests.helpers.waiting import eventually

__all__ = ["plant"]


def test_the_documents_first_example(plant: Callable[..., Plant], hands: Hands) -> None:
    one = plant(SEED)
    assert one.mistakes == ()
    hands.move(minutes=1)
    one.look()
    assert [entry.outcome for entry in one.history("test.heartbeat")] == ["ran"]
    assert one.history("test.heartbeat (2)") == []
    assert [line.partition(": ")[2] for line in one.said("test.heartbeat")] == ["heartbeat"]
    (line,) = one.lines("test.test_arbitrary_params")
    expected = "pargs=('positional_value_1', 'positional_value_2') kwargs={'optional_param': 'optional_value'}"
    said = re.fullmatch(r"(\S+) INFO test\.test_arbitrary_params \(test\.py, line \d+\): (.*)", line)
    assert said is not None, line
    assert (said[1][:17], said[2]) == (f"{hands.now:%Y-%m-%dT%H:%M:}", expected)
    hands.now = hands.now.replace(month=2, day=1, hour=0, minute=1)
    one.look()
    assert [entry.outcome for entry in one.history("test.heartbeat (2)")] == ["ran"]


def test_a_level_below_the_configured_one_is_not_kept(plant: Callable[..., Plant], hands: Hands) -> None:
    one = plant("scheduler:\n  test.heartbeat: {type: interval, minutes: 1}\n")
    hands.move(minutes=1)
    one.look()
    assert [entry.outcome for entry in one.history("test.heartbeat")] == ["ran"]
    assert one.runs("test.heartbeat") == []


def test_a_job_of_another_package_and_a_context(plant: Callable[..., Plant], hands: Hands) -> None:
    one = plant(
        """
scheduler:
    log level: debug
    docassemble.demo.gettime.get_time:
        type: interval
        minutes: 1
    test.heartbeat:
        type: interval
        contextmanager: test_context.SchedulerContext
        minutes: 1
    test.heartbeat 2:
        type: interval
        contextmanager: docassemble.Scheduler.tasks.test_context.SchedulerContext
        minutes: 1
"""
    )
    hands.move(minutes=1)
    one.look()
    assert [entry.outcome for entry in one.history("docassemble.demo.gettime.get_time")] == ["ran"]
    for name in ("test.heartbeat", "test.heartbeat 2"):
        assert [line.partition(": ")[2] for line in one.said(name)] == ["before the job", "heartbeat", "after the job"]


JOBS = """
import os, sys
from docassemble.Scheduler.scheduler_logger import log
from docassemble.base.util import user_info

def levels():
    log("Hello World")
    for level in ("debug", "info", "warning", "error", "critical"):
        log("Hello World", level)
    log("again", level="warning")

def wrong():
    log("before")
    raise ValueError("it is wrong")

def bad_level():
    log("x", "loud")

def asks():
    user_info()

def killed():
    os.kill(os.getpid(), 9)

def endless():
    while True:
        log("x" * 5000)

def forks():
    try:
        if os.fork() == 0:
            os._exit(0)
    except OSError as error:
        log(type(error).__name__)

def environment():
    log(" ".join(sorted(name for name in os.environ if name.startswith("MY_"))))

def returns():
    return object()

def mails():
    from docassemble.base.util import send_email
    log(repr(send_email(to=["A <a@example.org>", "b@example.org"], subject="Report", body="all is well")))
    log(repr(send_email(to="", subject="nobody", body="x")))

def mails_task():
    from docassemble.base.util import send_email
    send_email(to="a@example.org", subject="x", body="x", task="reported")

class Job:
    pass
"""


def own(tmp_path: Path, *functions: str, more: str = "") -> str:
    folder = tmp_path / "own"
    folder.mkdir(exist_ok=True)
    (folder / "mine.py").write_text(JOBS)
    listed = "\n".join(f"  mine.{name}: {{type: interval, minutes: 1}}" for name in functions)
    return f"tasks folder: {folder}\njob seconds: 5\n{more}scheduler:\n  log level: DEBUG\n{listed}\n"


def test_the_five_levels_and_a_mail_for_what_is_critical(
    plant: Callable[..., Plant], hands: Hands, tmp_path: Path
) -> None:
    one = plant(own(tmp_path, "levels"))
    for _ in range(3):
        hands.move(minutes=1)
        one.look()
    first = one.runs("mine.levels")[0]
    assert [line.split()[1] for line in first.lines] == [
        "INFO", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "WARNING",
    ]  # fmt: skip
    eventually(lambda: len(one.sent) == 1, seconds=10)
    hands.now = hands.now.replace(minute=59, second=30)  # in a minute it is another hour, and not an hour later
    hands.move(minutes=1)
    one.look()
    assert len(one.sent) == 1
    assert one.sent[0].body["to"] == ["ops@example.org"]
    assert "Hello World" in str(one.sent[0].body["body"])
    hands.move(hours=1)
    one.look()
    eventually(lambda: len(one.sent) == 2, seconds=10)


def test_errors_may_be_kept_quiet(plant: Callable[..., Plant], hands: Hands, tmp_path: Path) -> None:
    one = plant(own(tmp_path, "wrong", more="suppress error notificiations: true\n"))
    hands.move(minutes=1)
    one.look()
    assert one.history("mine.wrong")[0].outcome == "failed"
    assert one.sent == []


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("wrong", "raised: ValueError"),
        ("bad_level", "raised: ValueError"),
        ("asks", "raised: NoStepRunning"),
        ("mails_task", "raised: ValueError"),
        ("killed", "killed"),
        ("missing", "no function"),
        ("Job", "raised: BadJob"),
        ("endless", "time limit"),
    ],
)
def test_what_goes_wrong_is_recorded_with_its_reason(
    plant: Callable[..., Plant], hands: Hands, tmp_path: Path, function: str, reason: str
) -> None:
    one = plant(own(tmp_path, function))
    hands.move(minutes=1)
    one.look()
    (entry,) = one.history(f"mine.{function}")
    assert (entry.outcome, entry.reason) == ("failed", reason)
    eventually(lambda: len(one.sent) == 1, seconds=10)
    if function == "wrong":
        assert entry.detail["file"].endswith("mine.py")
        assert one.said("mine.wrong")[0].endswith(": before"), "what it said before is kept"


def test_a_job_that_returns_anything_or_forks_ends_well(
    plant: Callable[..., Plant], hands: Hands, tmp_path: Path
) -> None:
    one = plant(own(tmp_path, "returns", "forks"))
    hands.move(minutes=1)
    one.look()
    assert [one.history(f"mine.{name}")[0].outcome for name in ("returns", "forks")] == ["ran", "ran"]


def test_a_job_may_mail(plant: Callable[..., Plant], hands: Hands, tmp_path: Path) -> None:
    one = plant(own(tmp_path, "mails"))
    hands.move(minutes=1)
    one.look()
    assert [line.rpartition(": ")[2] for line in one.said("mine.mails")] == ["True", "False"]
    eventually(lambda: len(one.sent) == 1, seconds=10)
    body = one.sent[0].body
    assert (body["to"], body["subject"], body["body"]) == (
        ["A <a@example.org>", "b@example.org"],
        "Report",
        "all is well",
    )


def test_environment_variables_are_granted_by_name(
    plant: Callable[..., Plant], hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_ONE", "1")
    monkeypatch.setenv("MY_SECRET", "2")
    one = plant(own(tmp_path, "environment", more="jobs environment: [MY_ONE]\n"))
    hands.move(minutes=1)
    one.look()
    assert one.said("mine.environment")[0].endswith(": MY_ONE")


def test_a_killed_job_is_tried_again_only_where_it_says_so(
    plant: Callable[..., Plant], hands: Hands, tmp_path: Path
) -> None:
    text = own(tmp_path, "killed").replace("{type: interval, minutes: 1}", "{type: interval, minutes: 1, retry: 2}")
    one = plant(text)
    hands.move(minutes=1)
    one.look()
    assert len(one.runs("mine.killed")) == 3


def test_a_job_that_a_dead_clock_left_is_not_run_again(plant: Callable[..., Plant], hands: Hands) -> None:
    one = plant(SEED)
    hands.move(minutes=1)
    one.noter.run()
    (entry,) = [one_ for one_ in one.store.ledger.open() if one_.schedule == "test.heartbeat"]
    assert one.store.ledger.take(entry.schedule, entry.period, by="dead", was="")
    assert one.store.ledger.save(
        LedgerEntry(**{**_fields(entry), "by": "dead", "outcome": "running", "began": hands.now})
    )
    one.look()
    (ended,) = one.history("test.heartbeat")
    assert (ended.outcome, ended.reason) == ("failed", "killed")
    assert one.said("test.heartbeat") == []


def _fields(entry: LedgerEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.__dataclass_fields__}


# ------------------------------------------------------------------ Task classes

TASKS = {
    "app/tasks/SayHi.py": """
from scheduler.Task import Task


class SayHi(Task):

    run_every = '1 minute'

    def __init__(self):
        pass

    def handle(self):
        print('Hi!')
""",
    "app/tasks/asks.py": """
from scheduler.task import Task
from masonite.request import Request


class ByAnnotation(Task):
    run_every_minute = True

    def __init__(self, request: Request):
        self.request = request

    def handle(self):
        print(type(self.request).__name__, self.request.input('x', 'none'))


class ByName(Task):
    run_every_minute = True

    def __init__(self, Request, Mail, Upload, Broadcast):
        self.mail, self.upload, self.broadcast = Mail, Upload, Broadcast

    def handle(self):
        self.mail.to('someone@example.org').subject('Hello').send('from a task')
        self.upload.store('content', 'note.txt')
        self.broadcast.channel('s1', {'message': 'hello'})
""",
    "app/tasks/never.py": """
from scheduler.tasks import Task


class Never(Task):
    def handle(self):
        print('never')
""",
    "app/tasks/wrong.py": """
from scheduler.Task import Task


class Soon(Task):
    run_every = 'soon'


class Late(Task):
    run_at = '25:00'


class Unknown(Task):
    run_every_minute = True

    def __init__(self, something):
        pass
""",
    "app/tasks/broken.py": "import nothing_of_that_name\n",
    "config/application.py": "AUTOLOAD = [\n    'app',\n    'app/tasks'\n]\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in TASKS.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "project"


def test_the_pages_tasks_run_and_what_is_wrong_with_others_is_told(
    plant: Callable[..., Plant], hands: Hands, project: Path
) -> None:
    one = plant(f"application: {project}\n")
    assert sorted(scheduled.schedule.name for scheduled in one.scheduled) == ["ByAnnotation", "ByName", "SayHi"]
    told = "\n".join(one.mistakes)
    for expected in ("run_every", "25:00", "Unknown", "'something'", "nothing_of_that_name", "wrong.py", "broken.py"):
        assert expected in told
    heard: list[Any] = []
    stop = one.bus.listen(heard.append)
    hands.move(minutes=1)
    one.look()
    assert one.said("SayHi") == ["Hi!"]
    assert one.said("ByAnnotation") == ["Request none"]
    eventually(lambda: len(one.sent) == 1, seconds=10)
    assert (one.sent[0].body["to"], one.sent[0].body["subject"]) == (["someone@example.org"], "Hello")
    (kept,) = one.store.files.of_session("scheduler")
    assert (kept.filename, b"".join(one.store.files.read(kept.number))) == ("note.txt", b"content")
    eventually(
        lambda: (
            [(one_.session, one_.event, one_.data) for one_ in heard] == [("s1", "broadcast", {"message": "hello"})]
        ),
        seconds=10,
    )
    stop()


def test_folders_and_classes_of_the_configuration(plant: Callable[..., Plant], hands: Hands, project: Path) -> None:
    (project / "config/application.py").unlink()
    (project / "more").mkdir()
    (project / "more/late.py").write_text(
        "from scheduler.Task import Task\n\nclass Late(Task):\n    run_at = '17:00'\n\nclass Other(Task):\n    run_at = '17:00'\n"
    )
    one = plant(
        f"application: {project}\nautoload: [app, nowhere]\ntask classes: [more.late.Late, more.late.Missing]\n"
    )
    assert [scheduled.schedule.name for scheduled in one.scheduled] == ["Late"]
    assert len(one.mistakes) == 2
