"""What a block began before its next question really happens, at once and once: the task runs, the mail reaches an SMTP server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.embedded.system import System
from services.settings import load
from tests.helpers.embedded import Visit, until
from tests.helpers.packs import write_pack
from tests.helpers.smtp_sink import Sink, sink

ROOT = Path(__file__).parents[2]

COUNTED = """
---
mandatory: True
question: The end
subquestion: |
  Ran ${ ran }, at ${ seen }.
---
question: Your name?
subquestion: |
  Ran ${ ran }.
fields:
  - Name: name
---
question: Your age?
subquestion: |
  Ran ${ ran }.
fields:
  - Age: age
---
initial: True
code: |
  if not defined('ran'):
    ran = 0
    seen = ''
---
event: work
code: |
  background_response_action('count', seen=showifdef('name', 'nobody'))
---
event: count
code: |
  ran = ran + 1
  seen = action_argument('seen')
  background_response()
"""

#: How a block may begin work before it names what is missing.
FORMS = {
    "plainly": """
mandatory: True
code: |
  task = background_action('work')
  send_email(to='reader@example.com', subject='plainly', body='begun')
  name
  age
""",
    "guarded": """
mandatory: True
code: |
  if not defined('task'):
    task = background_action('work')
  if task_not_yet_performed('told'):
    send_email(to='reader@example.com', subject='guarded', body='begun', task='told')
  name
  age
""",
    "before a last screen": """
mandatory: True
code: |
  task = background_action('work')
  send_email(to='reader@example.com', subject='before a last screen', body='begun')
  name
  age
  closing
---
event: closing
question: The end
subquestion: |
  Ran ${ ran }, at ${ seen }.
""",
    "needed by another block": """
mandatory: True
code: |
  prepared
  age
---
code: |
  task = background_action('work')
  send_email(to='reader@example.com', subject='needed by another block', body='begun')
  name
  prepared = True
""",
    "that failed": """
mandatory: True
code: |
  task = background_action('tell_and_fail')
  name
  age
---
event: tell_and_fail
code: |
  background_error_action('count', seen='nobody')
  send_email(to='reader@example.com', subject='that failed', body='begun')
  nothing_defines_this
""",
}

WAITS = """
mandatory: True
code: |
  answer = background_action('compute').get()
  closing
---
event: compute
code: |
  background_response(42)
---
event: closing
question: It is ${ answer }.
"""


@pytest.fixture(scope="module")
def outbound() -> Iterator[Sink]:
    with sink() as made:
        yield made


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, outbound: Sink) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("durable")
    write_pack(folder, "begun", {name.replace(" ", "_"): text.strip() + COUNTED for name, text in FORMS.items()})
    write_pack(folder, "begun", {"waits": WAITS.strip()})
    settings = load(
        {},
        var=str(folder / "var"),
        packages=f"{ROOT}:{folder}",
        smtp_port=0,
        port=0,
        log_level="WARNING",
        outgoing_smtp=outbound.address,
    )
    running = System(settings)
    running.start()
    yield running
    running.stop()


@pytest.mark.parametrize("form", FORMS)
def test_work_begun_before_a_question_happens_at_once_and_once(form: str, system: System, outbound: Sink) -> None:
    visit = Visit(system, f"begun:{form.replace(' ', '_')}.yml")
    assert visit.screen["question"].strip() == "Your name?"
    until(lambda: "Ran 1." in (visit.show()["subquestion"] or ""), "the task never ran while the question was open")
    until(lambda: form in outbound.subjects, "the mail never left")
    visit.answer({"name": "Kim"})
    visit.back()
    assert visit.screen["question"].strip() == "Your name?"
    visit.answer({"name": "Kim"})
    visit.answer({"age": "7"})
    for _ in range(3):
        shown = visit.show()
        assert shown["question"] == "The end"
        assert shown["subquestion"].strip() == "Ran 1, at nobody."
    assert [task.status for task in system.store.inner.tasks.of_session(visit.session)] in (["done"], ["failed"])
    assert outbound.subjects.count(form) == 1


def test_waiting_in_the_step_that_starts_the_task(system: System, outbound: Sink) -> None:
    visit = Visit(system, "begun:waits.yml")
    assert (visit.screen["kind"], visit.screen["reload"]) == ("wait", 4)
    until(lambda: visit.show()["question"] == "It is 42.", "the task's value never came")
    assert len(system.store.inner.tasks.of_session(visit.session)) == 1
