"""Author code that patches what it can reach, so as to meet the next person's answers: two people in one interview at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from tests.attacks.victims import Victim

LISTENER = """\
mandatory: True
question: What is your secret?
fields:
  - Secret: secret
---
mandatory: True
code: |
  import builtins, sys
  def heard():
    return getattr(builtins, 'heard', None) or sys.modules.setdefault('heard_of', [])
  builtins.heard = heard()
  builtins.heard.append(secret)
  from docassemble.base.util import Individual
  old = Individual.__str__
  def listening(self):
    builtins.heard.append(self.name.first)
    return old(self)
  Individual.__str__ = listening
  seen = list(map(str, builtins.heard))
  del heard, old, listening, builtins, sys
---
mandatory: True
question: |
  ${ seen }
"""


COUNTING = """\
mandatory: True
code: |
  import os
  before = os.getpid()
  del os
---
mandatory: True
question: One
fields:
  - A: a
---
mandatory: True
code: |
  import os
  after = os.getpid()
  del os
---
mandatory: True
question: |
  ${ before == after }
"""


def test_what_one_leaves_behind_nobody_else_meets(victim: Victim) -> None:
    interview = victim.interview("listening", LISTENER)
    together = threading.Barrier(2, timeout=60)

    def visit(name: str) -> list[str]:
        client = victim.client(interview)
        together.wait()  # both are in the interview before either answers
        client.answer({"secret": f"secret of {name}"})
        return [str(client.screen["question"])]

    names = [f"person {number}" for number in range(6)]
    with ThreadPoolExecutor(2) as threads:
        said = dict(zip(names, threads.map(visit, names), strict=True))
    for name, (seen,) in said.items():
        assert f"secret of {name}" in seen
        others = [other for other in names if other != name and f"secret of {other}" in seen]
        assert others == [], f"{name} met the answers of {others}"


def test_the_same_person_goes_on_in_the_same_process(victim: Victim) -> None:
    """Not an attack: what the rule costs is bounded, since a session keeps its process."""
    interview = victim.interview("counting", COUNTING)
    client = victim.client(interview)
    client.answer({"a": "x"})
    assert str(client.screen["question"]).strip() == "True"
