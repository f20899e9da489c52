"""Steps that need the value of a task: the screen that waits, steps that are to be run again, and response actions that do not wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import dedent

import pytest

from services.cli.replay import PendingTasks
from shared.contract.effects import StartTask
from shared.engine.request import Action
from tests.unit.engine.play import Play

Open = Callable[..., Play]


SUSPENDS = """
    mandatory: True
    question: |
      ${ task.get() } for ${ name }
    ---
    question: Name?
    fields:
      - Name: name
    validation code: |
      checked = other.get()
    ---
    code: |
      name
      task = background_action('work')
    ---
    code: |
      other = background_action('work')
    ---
    event: work
    code: |
      background_response(1)
    ---
    event: cron_daily
    code: |
      seen = task.get()
    """


class SomeTasks(PendingTasks):
    """Tasks of which some have ended."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}
        self.waited: list[str] = []

    def view(self, task_id: str) -> Mapping[str, object]:
        if task_id not in self.values:
            return {"status": "running"}
        return {"status": "done", "ok": True, "value": self.values[task_id]}

    def wait(self, task_id: str, timeout: float | None) -> Mapping[str, object]:
        self.waited.append(task_id)
        self.values[task_id] = "waited"
        return self.view(task_id)


def suspended(play: Open) -> tuple[Play, SomeTasks]:
    tasks = SomeTasks()
    session = play(SUSPENDS.replace("validation code: |\n      checked = other.get()", ""), tasks=tasks)
    session.fill("Kim")
    return session, tasks


@pytest.mark.parametrize("own", [True, False], ids=["its own task", "another task"])
@pytest.mark.parametrize("mode", ["callback", "error_callback"])
def test_a_response_action_need_not_end_with_background_response(play: Open, mode: str, own: bool) -> None:
    session, _ = suspended(play)
    session.interview = play(
        dedent(SUSPENDS) + "---\nevent: bg_resp\ncode: |\n  answer = action_argument('ans')\n"
    ).interview
    task = session.variables["task"].id if own else "another"
    outcome = session.run(mode=mode, task_id=task, action=Action(name="bg_resp", arguments={"ans": 555}))
    assert (outcome.failure, outcome.waits, outcome.save) == (None, None, "overwrite")
    assert session.variables["answer"] == 555


def test_a_screen_whose_text_needs_a_tasks_value_waits_for_it(play: Open) -> None:
    session, tasks = suspended(play)
    assert (session.screen.kind, session.screen.reload) == ("wait", 4)
    assert session.outcome is not None
    assert session.outcome.save == "new"
    (start,) = session.outcome.effects
    assert isinstance(start, StartTask)
    assert session.screen.waits == (start.task_id,)
    session.show()
    assert (session.screen.kind, session.outcome.effects) == ("wait", ())
    tasks.values[start.task_id] = 42
    session.show()
    assert (session.screen.kind, session.question) == ("end", "42 for Kim")


def test_a_step_that_nobody_looks_at_is_to_be_run_again(play: Open) -> None:
    session, _ = suspended(play)
    outcome = session.run(mode="cron", action=Action(name="cron_daily"))
    assert (outcome.save, outcome.waits) == ("ignore", session.variables["task"].id)


def test_checking_an_answer_waits_and_does_not_lose_it(play: Open) -> None:
    tasks = SomeTasks()
    session = play(
        "code: |\n  other = background_action('work')\nmandatory: True\n---\n" + dedent(SUSPENDS), tasks=tasks
    )
    session.fill("Kim")
    assert tasks.waited == [session.variables["other"].id]
    assert session.variables["name"] == "Kim"
    assert session.screen.kind == "wait"
