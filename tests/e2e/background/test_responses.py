"""What "Running code behind the scenes" says of response actions and error actions, one by one (docs/background.md lists all of it)."""

from __future__ import annotations

import pytest

from services.embedded.system import System
from tests.e2e.background.documented import played, whole

CASES: dict[str, tuple[str, object]] = {
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
}
INTERVIEWS = {case: whole(text) for case, (text, _) in CASES.items()}


@pytest.mark.parametrize("case", list(CASES))
def test_documented(system: System, case: str) -> None:
    assert played(system, case) == CASES[case][1]
