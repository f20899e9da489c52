"""What "Running code behind the scenes" says of background actions, one by one, in real child processes (docs/background.md lists all of it)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.embedded.system import System
from services.settings import load
from tests.helpers.embedded import Visit, until

#: Above each case; an action named `begin` starts what it is about, and `told` is what it comes to.
AROUND = """
mandatory: True
code: |
  kept = 'as it was'
---
mandatory: True
question: Here
---
event: now
code: |
  json_response(now_told())
---
event: save
code: |
  told = action_argument('told')
  background_response('from the response')
---
event: fails
code: |
  {}['lost']
---
"""

CASES: dict[str, tuple[str, object]] = {
    "arguments": (
        """
event: begin
code: |
  task = background_action('work', None, a=1, b=['x'], action='mine')
---
event: work
code: |
  background_response([action_argument('a'), action_arguments(), action_argument()])
""",
        [1, {"a": 1, "b": ["x"], "action": "mine"}, "work"],
    ),
    "without a second argument": (
        "event: begin\ncode: |\n  task = background_action('work')\n---\nevent: work\ncode: |\n  background_response('x')\n",
        "x",
    ),
    "who the user is": (
        """
event: begin
code: |
  task = background_action('work')
---
event: work
code: |
  background_response([user_logged_in(), user_has_privilege('admin'), user_info().filename])
""",
        [False, False, "documented:data/questions/who_the_user_is.yml"],
    ),
    "changes are forgotten": (
        """
event: begin
code: |
  task = background_action('work')
---
event: work
code: |
  kept = 'changed'
  new = 1
  background_response([kept, new])
---
event: now
code: |
  json_response([task.get(), kept, defined('new')] if task.ready() else None)
""",
        [["changed", 1], "as it was", False],
    ),
    "an action that does not end with background_response": (
        """
event: begin
code: |
  task = background_action('work')
---
event: work
code: |
  x = 1
---
event: now
code: |
  json_response([task.failed(), task.result().error_type] if task.ready() else None)
""",
        [True, "BackgroundEndedAtQuestion"],
    ),
    "a task starts a task": (
        """
event: begin
code: |
  task = background_action('work')
---
event: work
code: |
  background_action('inner')
  background_response('outer')
---
event: inner
code: |
  background_response_action('save', told='inner')
---
event: now
code: |
  json_response([task.get(), told] if task.ready() and defined('told') else None)
""",
        ["outer", "inner"],
    ),
    "a response action starts a task": (
        """
event: begin
code: |
  task = background_action('work')
---
event: work
code: |
  background_response_action('go_on')
---
event: go_on
code: |
  second = background_action('inner')
  background_response()
---
event: inner
code: |
  background_response(5)
---
event: now
code: |
  json_response(second.get() if defined('second') and second.ready() else None)
""",
        5,
    ),
    "two hundred at once": (
        """
event: begin
code: |
  tasks = [background_action('work', n=n) for n in range(200)]
---
event: work
code: |
  background_response(action_argument('n'))
---
event: now
code: |
  json_response(sum(one.get() for one in tasks) if all(one.ready() for one in tasks) else None)
""",
        19900,
    ),
    "revoked in the step that started it": (
        """
event: begin
code: |
  task = background_action('work')
  task.revoke()
---
event: work
code: |
  background_response_action('save', told='ran')
---
event: now
code: |
  json_response([task.failed(), task.get(), defined('told')] if task.ready() else None)
""",
        [False, None, False],
    ),
    "how results are packed": (
        """
event: begin
code: |
  ones = [background_action('work', how=how) for how in range(7)]
---
event: work
code: |
  how = action_argument('how')
  if how == 0:
    background_response()
  if how == 1:
    background_response(1)
  if how == 2:
    background_response(1, 2)
  if how == 3:
    background_response(a=1)
  if how == 4:
    background_response(1, a=2)
  if how == 5:
    background_response([1, 2])
  background_response({'a': 1}, 'fields')
---
event: now
code: |
  json_response([one.get() for one in ones] if all(one.ready() for one in ones) else None)
""",
        [{}, 1, [1, 2], {"a": 1}, {"pargs": [1], "kwargs": {"a": 2}}, [1, 2], [{"a": 1}, "fields"]],
    ),
    "values of many kinds": (
        """
event: begin
code: |
  task = background_action('work')
---
event: work
code: |
  background_response([(1, 2), {3}, today(), Individual('x', name='Kim')])
---
event: now
code: |
  v = task.get() if task.ready() else None
  json_response(None if v is None else [v[0] == (1, 2), v[1] == {3}, v[2] == today(), v[3].__class__.__name__])
""",
        [True, True, True, "Individual"],
    ),
    "nothing after a response runs": (
        """
event: begin
code: |
  task = background_action('work')
---
event: work
code: |
  background_response('first')
  background_response('second')
""",
        "first",
    ),
    "a response action on fresh answers": (
        """
event: begin
code: |
  task = background_action('work')
---
event: work
code: |
  kept = 'changed in the background'
  background_response_action('keep', told='told')
---
event: keep
code: |
  told = [action_argument('told'), kept]
  background_response('value')
---
event: now
code: |
  json_response([task.get(), told] if task.ready() else None)
""",
        ["value", ["told", "as it was"]],
    ),
    "a response action as the earlier document prints it": (
        """
event: begin
code: |
  task = background_action('work')
---
event: work
code: |
  background_response_action('bg_resp', ans=555)
---
event: bg_resp
code: |
  answer = action_argument('ans')
---
event: now
code: |
  json_response([task.failed(), task.get(), answer] if task.ready() else None)
""",
        [False, None, 555],
    ),
    "a response action that fails": (
        """
event: begin
code: |
  task = background_action('work')
---
event: work
code: |
  background_response_action('keep')
---
event: keep
code: |
  kept = 'changed'
  {}['lost']
---
event: now
code: |
  json_response([task.failed(), task.get(), task.result().error_type, kept] if task.ready() else None)
""",
        [True, None, "KeyError", "as it was"],
    ),
    "a response action that asks for another": (
        """
event: begin
code: |
  task = background_action('work')
---
event: work
code: |
  background_response_action('one')
---
event: one
code: |
  told = 'one'
  background_response_action('two')
---
event: two
code: |
  told = 'two'
  background_response()
---
event: now
code: |
  json_response(told if task.ready() else None)
""",
        "one",
    ),
    "the last error action counts": (
        """
event: begin
code: |
  task = background_action('work')
---
event: work
code: |
  background_error_action('save', told='first')
  background_error_action('save', told='last', error_type='overridden')
  {}['lost']
---
event: now
code: |
  json_response([told, task.get(), task.failed(), str(task.result())] if task.ready() else None)
""",
        ["last", "from the response", True, "'lost'"],
    ),
    "an error action that fails": (
        """
event: begin
code: |
  task = background_action('work')
---
event: work
code: |
  background_error_action('fails')
  [][1]
---
event: now
code: |
  json_response([task.failed(), task.result().error_type] if task.ready() else None)
""",
        [True, "IndexError"],
    ),
    "an error that is caught": (
        """
event: begin
code: |
  task = background_action('work')
---
event: work
code: |
  try:
    {}['lost']
  except KeyError:
    background_response('caught')
""",
        "caught",
    ),
    "where it failed": (
        """
event: begin
code: |
  task = background_action('work')
---
event: work
code: |
  1 / 0
---
event: now
code: |
  result = task.result() if task.ready() else None
  json_response(None if result is None else [result.error_type, result.error_message, 'line' in result.error_trace, result.value, result.variables])
""",
        ["ZeroDivisionError", "division by zero", True, None, ["work"]],
    ),
    "the class of the document": (
        """
modules:
  - .own_waiting
---
objects:
  - errand: OwnWaiting
---
event: begin
code: |
  defined('x')
---
event: work
code: |
  background_response(action_argument('n') + 1)
---
event: now
code: |
  json_response([errand.run('work', n=4), errand.running(), errand.ready()])
""",
        [5, False, None],
    ),
}

OWN_WAITING = '''
from docassemble.base.util import DAObject, background_action, command, set_save_status


class OwnWaiting(DAObject):
    """As authors write it after the document: flags, a wait that saves and one that does not."""

    def init(self, *pargs, **kwargs):
        self.going = False
        self.seconds = 4
        super().init(*pargs, **kwargs)

    def run(self, action, **arguments):
        if not self.going:
            self.task = background_action(action, **arguments)
            self.going = True
            command('wait', sleep=self.seconds)
        if not self.task.ready():
            set_save_status('ignore')
            command('wait', sleep=self.seconds)
        result = self.task.result()
        failed = self.task.failed()
        del self.task
        self.going = False
        return None if failed else result.value

    def running(self):
        return self.going

    def ready(self):
        return self.task.ready() if self.going else None
'''

_PLAIN = "\n---\nevent: now\ncode: |\n  json_response(task.get() if task.ready() else None)\n"


def file_name(case: str) -> str:
    return case.replace(" ", "_") + ".yml"


#: Cases in which something still runs while something else is done: ``wait_for`` ends when the test opens the gate of that name.
GATES = """
import os
import time

def wait_for(name):
    while not os.path.exists(os.path.join(os.path.dirname(__file__), name + '.open')):
        time.sleep(0.01)
"""
GATED = {
    "revoked": """
modules:
  - .gates
---
event: begin
code: |
  task = background_action('work')
---
event: work
code: |
  wait_for('revoked')
  background_response('went on')
---
event: revoke
code: |
  task.revoke(terminate=False)
""",
    "handle": """
modules:
  - .gates
---
event: begin
code: |
  other = background_action('slow')
  task = background_action('work')
---
event: slow
code: |
  wait_for('handle')
  background_response('slow')
---
event: work
code: |
  background_response(other.get())
""",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("documented")


def open_gate(folder: Path, name: str) -> None:
    (folder / "documented" / f"{name}.open").touch()


def running(system: System, visit: Visit, action: str) -> bool:
    lines = system.store.overview.tasks("running").lines
    return any((task.session, task.action) == (visit.session, action) for task in lines)


@pytest.fixture(scope="module")
def system(folder: Path) -> Iterator[System]:
    questions = folder / "documented" / "data" / "questions"
    questions.mkdir(parents=True)
    (folder / "documented" / "__init__.py").touch()
    (folder / "documented" / "own_waiting.py").write_text(OWN_WAITING)
    around = AROUND.replace("---\nevent: now\ncode: |\n  json_response(now_told())\n", "")
    for case, (text, _) in CASES.items():
        (questions / file_name(case)).write_text(around + text.strip("\n") + ("" if "event: now" in text else _PLAIN))
    (folder / "documented" / "gates.py").write_text(GATES)
    for case, text in GATED.items():
        (questions / file_name(case)).write_text(around + text.strip("\n") + _PLAIN)
    (questions / "parallel.yml").write_text(PARALLEL)
    settings = load({}, var=str(folder / "var"), packages=str(folder), smtp_port=0, port=0, log_level="ERROR")
    made = System(settings)
    made.start()
    yield made
    made.stop()


def now(visit: Visit) -> Any:
    visit.action("now", {})
    if visit.screen["kind"] != "response":
        return None
    return visit.screen["response"]["json"]


@pytest.mark.parametrize("case", list(CASES))
def test_documented(system: System, case: str) -> None:
    visit = Visit(system, f"documented:{file_name(case)}")
    visit.action("begin", {})
    found: list[Any] = []
    until(lambda: found.append(now(visit)) or found[-1] is not None, f"{case}: it never ended", seconds=60)
    assert found[-1] == CASES[case][1]


def test_what_runs_is_revoked_only_if_it_shall_be_terminated(system: System, folder: Path) -> None:
    visit = Visit(system, "documented:revoked.yml")
    visit.action("begin", {})
    until(lambda: running(system, visit, "work"), "the task never began", seconds=60)
    visit.action("revoke", {})
    open_gate(folder, "revoked")
    until(lambda: now(visit) == "went on", "it never ended", seconds=60)


def test_an_action_waits_for_another_by_its_handle(system: System, folder: Path) -> None:
    visit = Visit(system, "documented:handle.yml")
    visit.action("begin", {})
    until(lambda: running(system, visit, "slow"), "it never began", seconds=60)
    assert now(visit) is None
    open_gate(folder, "handle")
    until(lambda: now(visit) == "slow", "it never ended", seconds=60)


PARALLEL = """
mandatory: True
code: |
  tasks = [background_action('work', number=n) for n in range(2)]
---
mandatory: True
question: Here
---
event: work
code: |
  import time
  mark = 'met ' + str(action_argument('number'))
  background_progress(0.5, mark)
  for _ in range(100):
    if tasks[1 - action_argument('number')].progress is not None:
      background_response('met')
    time.sleep(0.1)
  background_response('alone')
---
event: now
code: |
  json_response([one.get() for one in tasks] if all(one.ready() for one in tasks) else None)
"""


def test_tasks_run_beside_each_other_and_see_how_far_the_others_are(system: System) -> None:
    visit = Visit(system, "documented:parallel.yml")
    found: list[Any] = []
    until(lambda: found.append(now(visit)) or found[-1] is not None, "they never ended", seconds=60)
    assert "met" in found[-1]
