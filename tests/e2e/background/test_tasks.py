"""What "Running code behind the scenes" says of tasks, one by one: arguments, users, values, failures (docs/background.md lists all of it)."""

from __future__ import annotations

import pytest

from services.embedded.system import System
from tests.e2e.background.documented import played, whole

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

MODULES = {"own_waiting": OWN_WAITING}
INTERVIEWS = {case: whole(text) for case, (text, _) in CASES.items()}


@pytest.mark.parametrize("case", list(CASES))
def test_documented(system: System, case: str) -> None:
    assert played(system, case) == CASES[case][1]
