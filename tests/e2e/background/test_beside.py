"""Tasks beside each other: what still runs while something else is revoked, waited for, or told how far it is."""

from __future__ import annotations

from pathlib import Path

from services.embedded.system import System
from tests.e2e.background.documented import now, outcome, whole
from tests.helpers.embedded import Visit, until

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

MODULES = {"gates": GATES}
INTERVIEWS = {case: whole(text) for case, text in GATED.items()} | {"parallel": PARALLEL}


def open_gate(folder: Path, name: str) -> None:
    (folder / "documented" / f"{name}.open").touch()


def running(system: System, visit: Visit, action: str) -> bool:
    lines = system.store.overview.tasks("running").lines
    return any((task.session, task.action) == (visit.session, action) for task in lines)


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


def test_tasks_run_beside_each_other_and_see_how_far_the_others_are(system: System) -> None:
    visit = Visit(system, "documented:parallel.yml")
    assert "met" in outcome(visit)
