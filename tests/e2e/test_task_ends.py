"""Every way in which a background action can end, in real child processes: the error action runs, the handle tells, the session goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.embedded.system import System
from services.settings import load
from tests.helpers.embedded import Visit, until
from tests.helpers.packs import write_pack

ROOT = Path(__file__).parents[2]

ENDS = """
mandatory: True
question: How?
fields:
  - How: how
---
mandatory: True
code: |
  task = background_action('work', how=how)
---
mandatory: True
question: Ended
subquestion: |
  ${ showifdef('told', 'nothing told') }
---
question: Never asked in the background
fields:
  - Needed: needed
---
event: work
code: |
  how = action_argument('how')
  background_error_action('trouble', own='kept')
  if how == 'exception':
    {}['missing key']
  elif how == 'undefined':
    nothing_defines_it
  elif how == 'asked for':
    needed
  elif how == 'unstorable':
    background_response(lambda: 1)
  elif how == 'too large':
    background_response('x' * 40000000)
  elif how == 'memory':
    everything = bytearray(3000000000)
  elif how == 'time':
    while True:
      pass
  elif how == 'process':
    import os
    os._exit(3)
  elif how == 'message':
    message('Done', 'with it')
  elif how == 'command':
    command('leave')
  elif how == 'response':
    response('done')
  elif how == 'revoked':
    import time
    time.sleep(60)
  background_response(how)
---
event: trouble
code: |
  told = '|'.join([action_argument('own'), action_argument('error_type'), ', '.join(action_argument('variables'))])
  background_response('handled')
---
event: revoke
code: |
  task.revoke()
---
event: state
code: |
  json_response([task.ready(), task.failed(), task.get(), task.result().error_type, task.result().variables])
"""

ENDS_BADLY = {
    "exception": ("KeyError", "work"),
    "undefined": ("NotDefinable", "nothing_defines_it, work"),
    "asked for": ("BackgroundEndedAtQuestion", "needed, work"),
    "unstorable": ("CannotStore", "work"),
    "too large": ("ResultTooLarge", "work"),
    "memory": ("MemoryError", "work"),
    "time": ("TimeLimit", "work"),
    "process": ("ChildDied", "work"),
}

ITSELF = """
mandatory: True
code: |
  task = background_action('work')
  name
---
mandatory: True
question: |
  ${ name } ${ showifdef('own') }
---
question: Name?
fields:
  - Name: name
---
event: work
code: |
  background_response_action('save')
---
event: save
code: |
  try:
    task.get()
  except Exception as error:
    own = str(error)
  background_response()
"""

SLOW = """
mandatory: True
code: |
  task = background_action('work')
  runs
  found
---
code: |
  runs = 0
---
objects:
  - found: DAList.using(there_are_any=True, there_is_another=False, auto_gather=False)
  - notes: DAList.using(object_type=Thing, there_are_any=True)
---
mandatory: True
question: |
  All ${ len(notes.gather() or notes) }
---
question: |
  Note ${ i }
fields:
  - Name: notes[i].name.text
---
question: |
  ${ len(notes) } so far. More?
yesno: notes.there_is_another
---
event: work
code: |
  background_response_action('save')
---
event: save
code: |
  import time
  log('one run of the response')
  time.sleep(6)
  runs = runs + 1
  found.appendObject().name = 'from the response'
  background_response(runs)
"""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("ends")
    write_pack(folder, "ends", {"ends": ENDS, "itself": ITSELF, "slow": SLOW})
    settings = load(
        {"PARLEY_BACKGROUND_SECONDS": "4"},
        var=str(folder / "var"), packages=str(folder), smtp_port=0, port=0, log_level="ERROR",
    )  # fmt: skip
    running = System(settings)
    running.start()
    yield running
    running.stop()


def ended(system: System, how: str) -> Visit:
    visit = Visit(system, "ends:ends.yml")
    visit.answer({"how": how})
    if how == "revoked":
        visit.action("revoke", {})
    (task,) = system.store.inner.tasks.of_session(visit.session)
    until(lambda: _ended(system, task.id), f"{how}: the task never ended", seconds=60)
    return visit


def _ended(system: System, task: str) -> bool:
    row = system.store.inner.tasks.get(task)
    return row is not None and row.status.ended


def told(visit: Visit) -> list[object]:
    visit.action("state", {})
    found: list[object] = visit.screen["response"]["json"]
    return found


@pytest.mark.parametrize("how", list(ENDS_BADLY))
def test_the_error_action_runs_whatever_ended_the_action(system: System, how: str) -> None:
    visit = ended(system, how)
    error, variables = ENDS_BADLY[how]
    assert visit.show()["subquestion"].strip() == f"kept|{error}|{variables}"
    assert told(visit) == [True, True, "handled", error, variables.split(", ")]


@pytest.mark.parametrize("how", ["message", "command", "response"])
def test_what_ends_a_request_ends_a_task_well(system: System, how: str) -> None:
    visit = ended(system, how)
    assert told(visit) == [True, False, None, None, []]
    assert visit.show()["subquestion"].strip() == "nothing told"


def test_a_revoked_task_has_no_error(system: System) -> None:
    visit = ended(system, "revoked")
    assert told(visit) == [True, False, None, None, []]
    assert visit.show()["subquestion"].strip() == "nothing told"


def test_a_response_action_that_waits_for_its_own_task_is_told_so_at_once(system: System) -> None:
    visit = Visit(system, "ends:itself.yml")
    until(lambda: "own" in _variables(system, visit), "the response was never saved")
    assert "before its own actions have" in _variables(system, visit)["own"]


def _variables(system: System, visit: Visit) -> dict[str, object]:
    who = {"client": "x" * 32, "user": {}, "browser": {}}
    found: dict[str, object] = system.bus.call("interview", "variables", session=visit.session, caller=who)["variables"]
    return found


def test_a_slow_response_holds_up_no_answer_and_is_applied_once(system: System) -> None:
    visit = Visit(system, "ends:slow.yml")
    (task,) = system.store.inner.tasks.of_session(visit.session)
    answers = 0
    while not _ended(system, task.id):
        (field,) = visit.screen["fields"]
        visit.answer({field["variable"]: True if field["datatype"] == "boolean" else "typed"})
        answers += 1
        time.sleep(0.3)
    found = _variables(system, visit)
    assert found["runs"] == 1
    assert len(found["found"]["elements"]) == 1  # type: ignore[index,call-overload]
    assert answers >= 3, "each answer came back while the response ran"
    said = [run for run in system.store.runs.page("worker").lines if run.session == visit.session and run.lines]
    assert len(said) == 1
    kept = found["notes"]["elements"]  # type: ignore[index,call-overload]
    assert len(kept) >= answers // 2
