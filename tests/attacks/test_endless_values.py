"""``x = [x, x]`` forty times: some hundred bytes as it is kept, and more than a machine has written out."""

from __future__ import annotations

import time

import pytest

from tests.attacks.victims import Victim

ENDLESS = """\
  x = []
  for n in range(40):
    x = [x, x]
"""

TASK = f"""\
mandatory: True
question: |
  ready ${{ bool(task.ready()) }} failed ${{ bool(task.failed()) }}
---
code: |
  task = background_action('job', None)
---
event: job
code: |
{ENDLESS}
  background_response(x)
"""


def test_as_the_result_of_a_task_it_fails_that_task_once(victim: Victim) -> None:
    client = victim.client(victim.interview("tasks", TASK))
    until = time.monotonic() + 60
    while "ready True" not in str(client.screen["question"]):
        assert time.monotonic() < until, client.screen["question"]
        time.sleep(0.1)
        client.get()
    assert "failed True" in client.screen["question"]
    assert victim.process.poll() is None


@pytest.mark.parametrize(
    "code", ["json_response(x)", "message('x', str(len(json_response(x))))", "command('continue', value=x)"]
)
def test_as_an_answer_it_ends_its_own_step(victim: Victim, code: str) -> None:
    with pytest.raises(RuntimeError, match="50"):
        victim.found("answering", ENDLESS.replace("\n  ", "\n").strip() + f"\n{code}\nfound = 1")
    assert victim.found("honest", "found = 'well'") == "well"


def test_as_a_variable_in_all_variables(victim: Victim) -> None:
    code = ENDLESS.replace("\n  ", "\n").strip() + "\njson_response(all_variables())\nfound = 1"
    with pytest.raises(RuntimeError, match="50"):
        victim.found("variables", code)
    assert victim.found("honest", "found = 'well'") == "well"
