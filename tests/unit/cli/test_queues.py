"""``parley queues``: what is printed, and the exit status that scripts look at. A real broker: tests/contract/bus/test_operators.py."""

from __future__ import annotations

import io

import pytest

from services.cli import queues as command
from shared.bus.messages import BusUnavailable, DeadJob, Job, QueueState

DEAD = [DeadJob(job=Job(queue="task", id="t1", body={"task": "a secret"}, attempt=5), error="LookupError")]


class Admin:
    def __init__(self, *, dead: int = 0, fails: bool = False) -> None:
        self.dead_jobs = dead
        self.fails = fails
        self.closed = False
        self.revived: list[str] = []

    def queues(self, *, brief: bool = False) -> dict[str, QueueState]:
        if self.fails:
            raise BusUnavailable("no broker at broker.example:5672")
        return {
            "task": QueueState(ready=3, delayed=1, dead=self.dead_jobs),
            "mail": QueueState(ready=0, delayed=0, dead=0),
        }

    def dead(self, queue: str) -> list[DeadJob]:
        return DEAD * self.dead_jobs

    def revive(self, queue: str) -> int:
        self.revived.append(queue)
        return 2

    def close(self) -> None:
        self.closed = True


def said(monkeypatch: pytest.MonkeyPatch, admin: Admin, **options: str) -> tuple[int, list[str]]:
    monkeypatch.setattr(command, "_bus", lambda settings: admin)
    out = io.StringIO()
    status = command.queues(out=out, **options)  # type: ignore[arg-type]
    assert admin.closed
    return status, out.getvalue().splitlines()


@pytest.mark.parametrize(("dead", "status"), [(0, 0), (2, 1)])
def test_one_line_for_each_queue_and_a_status_that_tells_of_dead_letters(
    monkeypatch: pytest.MonkeyPatch, dead: int, status: int
) -> None:
    told, lines = said(monkeypatch, Admin(dead=dead))
    assert told == status
    assert [line.split() for line in lines[1:]] == [["task", "3", "1", str(dead)], ["mail", "0", "0", "0"]]


def test_jobs_that_nobody_serves_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    admin = Admin()
    states = {
        "task": QueueState(ready=0, delayed=0, dead=0, served=False),
        "task.slow": QueueState(ready=2, delayed=0, dead=0, served=False),
    }
    monkeypatch.setattr(admin, "queues", lambda: states)
    status, lines = said(monkeypatch, admin)
    assert status == 1
    assert lines[2].split() == ["task.slow", "2", "0", "0", "nobody", "serves", "it"]
    del states["task.slow"]
    assert said(monkeypatch, admin)[0] == 0, "none waits there"


def test_dead_letters_are_listed_without_what_is_in_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch, Admin(dead=1), dead="task") == (1, ["t1  LookupError"])
    assert said(monkeypatch, Admin(), dead="task") == (0, [])


def test_reviving_says_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    admin = Admin(dead=2)
    assert said(monkeypatch, admin, revive="task") == (0, ["2 jobs are back on task"])
    assert admin.revived == ["task"]


def test_a_broker_that_is_away_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, lines = said(monkeypatch, Admin(fails=True))
    assert (status, lines) == (2, [])
    assert capsys.readouterr().err == "parley: no broker at broker.example:5672\n"


def test_without_a_broker_it_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AMQP_URI", raising=False)
    monkeypatch.delenv("MONGO_URI", raising=False)
    assert command.queues() == 2
    assert capsys.readouterr().err.startswith("parley: AMQP_URI is not set")
